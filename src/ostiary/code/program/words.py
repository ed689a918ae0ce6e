"""What of a function's source makes it worth following, and whom it may call: told from its text, not its tree."""

from __future__ import annotations

# Each of these lets somebody do, or see, what access rights and rules would not.
RISKY = frozenset({
    "sudo", "su", "with_user", "SUPERUSER", "SUPERUSER_ID", "with_env", "Environment",
    "execute", "executemany", "execute_values", "copy_expert", "execute_query", "execute_query_dict", "_flush_search",
    "eval", "exec", "__import__", "safe_eval", "test_python_expr", "subprocess", "system", "popen", "Popen", "pickle",
    "marshal", "shelve", "unsafe_load", "consteq", "compare_digest",
})  # fmt: skip
# All but what dotted names are made of, and what follows one that is called, is as good as a space: to split there is
# faster than to look for names by a pattern.
_SPACES = bytes(
    byte if byte < 128 and (chr(byte).isalnum() or chr(byte) in "_.(") else 32 for byte in range(256)
)
_BEFORE_A_NAME = b".0123456789("
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
    words: set[str] = set()
    calls: set[str] = set()
    for token in set(source.replace(b"(", b"( ").translate(_SPACES).split()):
        known = _told.get(token)
        if known is None:
            if len(_told) >= _MOST_TOLD:
                _told.clear()
            known = _told[token] = _of_token(token)
        if known is not _NOTHING:
            words.update(known[0])
            calls.update(known[1])
    return tuple(sorted(words)), tuple(sorted(calls))[:MAX_CALLS]


def _of_token(token: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same of one dotted name."""
    token = token.lstrip(_BEFORE_A_NAME)
    names = token.split(b".")
    words = {name.decode() for name in _RISKY_BYTES.intersection(names)}
    calls: tuple[str, ...] = ()
    if token[-1:] == b"(":
        name = names[-1][:-1]
        if name in _RISKY_BYTES:
            words.add(name.decode())
        elif name and name not in _USUAL_BYTES:
            module = len(names) == 2 and names[0] not in _RECORDS
            calls = ((token[:-1] if module else name).decode(),)
    return (tuple(words), calls) if words or calls else _NOTHING


# Most names are written in the source many times.
_told: dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = {}
_MOST_TOLD = 200_000
_NOTHING: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
_RECORDS = frozenset({b"", b"self", b"cls", b"record", b"rec", b"records", b"request"})
_RISKY_BYTES = frozenset(name.encode() for name in RISKY)
_USUAL_BYTES = frozenset(name.encode() for name in _USUAL)
