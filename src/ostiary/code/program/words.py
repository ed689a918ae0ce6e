"""What of a function's source makes it worth following, and whom it may call: told from its text, not its tree."""

from __future__ import annotations

import re

# Each of these lets somebody do, or see, what access rights and rules would not.
RISKY = frozenset({
    "sudo", "su", "with_user", "SUPERUSER", "SUPERUSER_ID", "with_env", "Environment",
    "execute", "executemany", "execute_values", "copy_expert", "execute_query", "execute_query_dict", "_flush_search",
    "eval", "exec", "__import__", "safe_eval", "test_python_expr", "subprocess", "system", "popen", "Popen", "pickle",
    "marshal", "shelve", "unsafe_load", "consteq", "compare_digest",
})  # fmt: skip
# A dotted name, and whether it is called.
_TOKEN = re.compile(rb"[A-Za-z_][\w.]*+\(?")
MAX_CALLS = 200

# Called everywhere, and followed by nobody: Odoo's and Python's own.
_USUAL = frozenset({
    "super", "len", "str", "int", "float", "bool", "list", "dict", "set", "tuple", "sorted", "sum", "min",
    "max", "any", "all", "zip", "map", "filter", "range", "enumerate", "isinstance", "issubclass", "getattr",
    "setattr", "hasattr", "print", "type", "repr", "abs", "round", "next", "iter", "reversed", "id", "open",
    "format", "_", "_lt", "if", "in", "and", "or", "not", "for", "return", "lambda", "yield", "else", "elif",
    "while", "assert", "with", "def", "is", "append", "extend", "items", "keys", "values", "get", "pop",
    "update", "setdefault", "join", "split", "strip", "replace", "startswith", "endswith", "lower", "upper",
    "add", "discard", "remove", "copy", "sort", "index", "encode", "decode", "browse", "search", "search_count",
    "search_read", "search_fetch", "read", "read_group", "_read_group", "write", "create", "unlink", "exists",
    "mapped", "filtered", "filtered_domain", "grouped", "concat", "union", "ensure_one", "with_context",
    "with_company", "with_env", "with_prefetch", "sudo", "with_user", "ref", "fields_get", "default_get",
    "flush", "flush_model", "invalidate_model", "UserError", "ValidationError", "AccessError", "MissingError",
    "RedirectWarning", "get_param", "has_group", "has_groups", "check_access", "check_access_rights",
    "check_access_rule", "execute", "fetchall", "fetchone", "dictfetchall", "dictfetchone", "Char", "Many2one",
    "date", "datetime", "timedelta", "relativedelta", "now", "today", "info", "warning", "debug", "error",
    "exception", "set_param", "env", "env_company", "defaultdict", "OrderedDict", "group", "match", "findall",
    "sub", "strftime", "strptime", "isoformat", "combine", "time", "format_date", "formatLang", "float_round",
    "float_compare", "float_is_zero", "is_zero", "compare_amounts", "_get", "clear", "count", "from_string",
    "to_string", "context_today", "context_timestamp", "route", "depends", "onchange", "constrains", "model",
    "date_range",
})  # fmt: skip


def told(source: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What in a function's source makes it worth following, and the names of what it calls; each once, sorted.

    A call keeps what stands before the dot where that may be a module (`tools.helper`); what everything calls is left
    out.
    """
    words: set[bytes] = set()
    calls: set[bytes] = set()
    for token in set(_TOKEN.findall(source)):
        names = token.split(b".")
        if not _RISKY_BYTES.isdisjoint(names):
            words |= _RISKY_BYTES.intersection(names)
        if token[-1] != 40:  # ord("(")
            continue
        name = names[-1][:-1]
        if name in _RISKY_BYTES:
            words.add(name)
        elif name and name not in _USUAL_BYTES:
            module = len(names) == 2 and names[0] not in _RECORDS
            calls.add(token[:-1] if module else name)
    return _sorted(words), _sorted(calls)[:MAX_CALLS]


def _sorted(names: set[bytes]) -> tuple[str, ...]:
    return tuple(sorted(name.decode() for name in names))


_RECORDS = frozenset({b"", b"self", b"cls", b"record", b"rec", b"records", b"request"})
_RISKY_BYTES = frozenset(name.encode() for name in RISKY)
_USUAL_BYTES = frozenset(name.encode() for name in _USUAL)
