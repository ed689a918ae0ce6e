"""Calls of what is not in the addons: Python's own functions, Odoo's tools, libraries."""

from __future__ import annotations

import ast
from collections.abc import Callable

from msgspec.structs import replace

from ostiary.code.flow import functions
from ostiary.code.flow.args import Args
from ostiary.code.flow.assigning import element, keyed
from ostiary.code.flow.containers import updated
from ostiary.code.flow.controllers import answered, known_helper, redirected
from ostiary.code.flow.environments import actor_of
from ostiary.code.flow.fields import attribute
from ostiary.code.flow.guarding import token_facts
from ostiary.code.flow.run import Ends, Run, unknown
from ostiary.code.flow.sinks import wrote
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    NONE,
    QUERY,
    UNKNOWN,
    Dict,
    Either,
    Env,
    External,
    Facts,
    Item,
    Lambda,
    Method,
    Plain,
    Records,
    Seq,
    Value,
    inner_given,
    known,
    made_of,
    mixed,
    options,
    text_of,
)
from ostiary.code.flow.words import (
    ASKING_CALLS,
    CHECKS,
    EVALUATE_CALLS,
    HASHES_CALLS,
    NUMBERS_CALLS,
    SAME_CALLS,
)
from ostiary.code.program import Function
from ostiary.policy.code import Actor, GuardKind, UseKind

Handler = Callable[[Run, State, ast.Call, str, Args], Value]

_CONSTANT_TIME = frozenset({"consteq", "compare_digest"})


def call(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """What calling something from outside gives."""
    if name.startswith("odoo.addons."):
        function = run.program.resolve_dotted(name)
        if isinstance(function, Function):
            return functions.inline(run, state, node, (function,), None, args)
        _unread(run, node, name, args)
    last = name.rpartition(".")[2]
    first = args.placed[0] if args.placed else UNKNOWN
    if ".controllers." in name:
        # A controller of a module that was not read: an object of it, or one of Odoo's helpers.
        if last[:1].isupper():
            return External(name=name)
        known_one = known_helper(run, state, node, last, (), args)
        if known_one is not None:
            return known_one
    if last in ("execute", "executemany") and _is_cursor(name):
        return _query(run, state, node, args)
    if last in ("fetchall", "fetchone", "fetchmany", "dictfetchall", "dictfetchone") and _is_cursor(name):
        rows = Records(model="", ident=QUERY, actor=Actor.SUPERUSER, at=run.origin(node), text=run.text(node))
        return Seq(rest=Plain(sources=((rows, "*"),)), sources=((rows, "*"),))
    if name in ("isinstance", "issubclass", "hasattr", "callable"):
        return Plain(given=inner_given(first), authenticates=first.authenticates, number=True)
    if name in SAME_CALLS:
        return _same(name, first, args)
    if name in NUMBERS_CALLS:
        return _number(name, first)
    handler = _HANDLERS.get(last)
    if handler is not None:
        return handler(run, state, node, name, args)
    if last in EVALUATE_CALLS and last != "compile":
        return _evaluated(run, state, node, last, args)
    if last in _CONSTANT_TIME:
        return _constant_time(run, state, node, args)
    if last in HASHES_CALLS:
        made = mixed(*args.all()) if args.all() else UNKNOWN
        return replace(made, secret=True, key=made_of(args.all()), given=frozenset(), loose=frozenset())
    if name in ("any", "all"):
        return _any(name, first)
    if last in ("Environment",):
        return _environment(args)
    if last in ("redirect", "redirect_with_hash"):
        return redirected(run, state, node, first if args.placed else args.at(0, "location"), local=False)
    if last in ("Response", "make_response") or name.endswith(
        ("http.Response", "werkzeug.wrappers.Response")
    ):
        if args.placed or args.named.items:
            answered(run, state, node, args.at(0, "response") or UNKNOWN)
        return Plain()
    if last == "send_file":
        return Plain()
    return _other(run, state, node, name, args)


def _unread(run: Run, node: ast.Call, name: str, args: Args) -> None:
    """A function of an addon that was not read may do anything: of an addon that was read, its file is no Python or not
    there; of another, it is said where it gets what it needs to read records."""
    module = name.split(".")[2]
    if name.rpartition(".")[2][:1].isupper() or ".controllers." in name:
        return
    if module in run.program.modules or any(isinstance(one, Env | Records) for one in args.all()):
        unknown(run, run.text(node.func))


def _is_cursor(name: str) -> bool:
    before = name.rpartition(".")[0].rpartition(".")[2]
    return before.endswith(("cr", "cursor"))


def _same(name: str, first: Value, args: Args) -> Value:
    if name == "dict":
        return updated(updated(Dict(), first) if args.placed else Dict(), args.named)
    if name == "next":
        return element(first)
    if not args.placed:
        return Seq()
    if isinstance(first, Seq | Records | Dict | Either):
        return first
    return Seq(rest=element(first)) if inner_given(first) else first


def _number(name: str, first: Value) -> Value:
    if name == "bool":
        return Plain(
            given=first.given, yes=first.yes, no=first.no, number=True, authenticates=first.authenticates
        )
    if name == "len":
        return Plain(number=True, sources=first.sources, given=inner_given(first))
    constant = known(first)
    return Plain(
        given=inner_given(first), own=first.own, sources=first.sources, key=first.key, number=True,
        of=first.of if isinstance(first, Plain) else None, secret=first.secret,
        const=constant if isinstance(constant, int) else Plain().const,
    )  # fmt: skip


def _any(name: str, first: Value) -> Value:
    """`any(condition for ...)`: where it is false, the condition is false of each; `all(...)`: where it is true, true.

    That it holds for one of them is what `any` is mostly asked for: whether what was sent is among what is theirs.
    """
    return Plain(number=True, yes=first.yes, no=first.no if name == "any" else (), given=inner_given(first))


def _query(run: Run, state: State, node: ast.Call, args: Args) -> Value:
    query = args.at(0, "query") or UNKNOWN
    if isinstance(query, Seq) and query.items:
        query = query.items[0].value
    for one in options(query):
        plain = one if isinstance(one, Plain) else mixed(one)
        text = text_of(plain) or plain.prefix or ""
        built = "constant" if known(plain) is not Plain().const or plain.built == "constant" else plain.built
        values = args.at(1, "params")
        if built == "constant" and values is not None:
            built = "parameters"
        run.use(
            state,
            UseKind.SQL,
            node,
            None,
            written=plain.loose,
            built=built or "unknown",
            text=" ".join(text.split())[:400],
            safe=values is not None and _holds_own(values),
        )
        run.last_query = " ".join(text.split())[:400]
    return NONE


def _holds_own(values: Value) -> bool:
    """Whether the values of a query tell who asks."""
    if isinstance(values, Seq):
        return any(one.value.own for one in values.items)
    if isinstance(values, Dict):
        return any(one.own for one in values.items.values())
    return values.own


def _evaluated(run: Run, state: State, node: ast.Call, last: str, args: Args) -> Value:
    code = args.placed[0] if args.placed else UNKNOWN
    given = inner_given(code)
    asked = [guard for one in options(code) for guard in state.of_value(one)]
    if given:
        run.use(state, UseKind.EVAL, node, None, written=given, method=last, safe=bool(asked))
    return Plain(given=given, loose=given, sources=code.sources)


def _constant_time(run: Run, state: State, node: ast.Call, args: Args) -> Value:
    if len(args.placed) < 2:
        return Plain(number=True)
    left, right = args.placed[:2]
    facts: Facts = ()
    for sent, kept in ((left, right), (right, left)):
        if inner_given(sent) and (not inner_given(kept) or kept.secret):
            facts = token_facts(run, node, replace(kept, secret=True), sent, GuardKind.TOKEN)
            break
    return Plain(number=True, yes=facts, authenticates=False)


def _environment(args: Args) -> Value:
    user = args.at(1, "uid")
    return Env(actor=actor_of(user) if user is not None else Actor.OTHER)


# -- by their last name -----------------------------------------------------------------------


def _loads(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """Text that is read as data: what was sent is now a structure whose keys the caller writes."""
    first = args.placed[0] if args.placed else UNKNOWN
    given = inner_given(first)
    if not given:
        return mixed(first)
    star = Plain(given=given, loose=given, key=("part", first.key) if first.key else None)
    return Dict(star=star, given=given, key=first.key)


def _dumps(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    return mixed(*args.all()) if args.all() else UNKNOWN


def _getattr(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    if len(args.placed) < 2:
        return UNKNOWN
    holder, field = args.placed[:2]
    text = text_of(field)
    if text is not None:
        made = ast.copy_location(ast.Attribute(node.args[0], text, ast.Load()), node)
        return attribute(run, state, made, holder)
    if isinstance(holder, Records) and inner_given(field) and not state.of_value(field):
        return Method(target=holder, name="*", given=inner_given(field), sources=((holder, "*"),))
    return mixed(holder, field)


def _setattr(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    if len(args.placed) >= 3:
        for one in options(args.placed[0]):
            if isinstance(one, Records):
                wrote(run, state, node, one, keyed(state, Dict(), args.placed[1], args.placed[2]))
    return NONE


def _domains(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """`expression.AND([a, b])`: all conditions of each."""
    items: list[Item] = []
    rest: Value | None = None
    alternatives = name.endswith(".OR")
    first = args.placed[0] if args.placed else Seq()
    for part in [one.value for one in first.items] if isinstance(first, Seq) else [first]:
        if isinstance(part, Seq):
            if alternatives and items:
                items.insert(0, Item(value=Plain(const="|")))
            items += part.items
            rest = rest or part.rest
        else:
            rest = part
    return Seq(items=tuple(items[:60]), rest=rest)


def _domain(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """`Domain('field', '=', value)`, `Domain(list)`."""
    if len(args.placed) == 3:
        leaf = Seq(items=tuple(Item(value=one) for one in args.placed))
        return Seq(items=(Item(value=leaf),))
    return args.placed[0] if args.placed else Seq()


def _sql(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """Odoo's `SQL(code, *values)`: the values are parameters, the code must be constant."""
    code = args.placed[0] if args.placed else UNKNOWN
    return code if isinstance(code, Plain) else mixed(code)


def _safe_part(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    return Plain(const="", built="constant", prefix="")


def _match(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """`re.fullmatch(pattern, text)`: where it matches, the text has a shape."""
    text = args.placed[1] if len(args.placed) > 1 else (args.placed[0] if args.placed else UNKNOWN)
    found = mixed(text)
    if text.key is not None and inner_given(text) and name.endswith("match"):
        return replace(found, yes=((text.key, run.guard(GuardKind.STATE, node)),))
    return found


def _literal(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    return _loads(run, state, node, name, args)


def _escaped(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    found = mixed(*args.all()) if args.all() else UNKNOWN
    return replace(found, loose=frozenset())


def _applied(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """`map(function, values)`, `filter(function, values)`."""
    from ostiary.code.flow.calls import called

    if len(args.placed) < 2:
        return UNKNOWN
    function, over = args.placed[:2]
    one = element(over)
    made = (
        called(run, state, node, function, Args([one], Dict()))
        if isinstance(function, Lambda | External)
        else one
    )
    return Seq(rest=made if name.endswith("map") else one, own=over.own)


def _paired(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    inner = [element(one) for one in args.placed]
    if name.endswith("enumerate"):
        inner = [Plain(number=True), *inner[:1]]
    return Seq(rest=Seq(items=tuple(Item(value=one) for one in inner)))


def _command(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """`Command.create(values)`, `Command.update(id, values)`: lines that are written with the record."""
    return (
        args.placed[-1] if args.placed and name.rpartition(".")[0].endswith("Command") else mixed(*args.all())
    )


def _token(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    return Plain(secret=True, random=True)


_HANDLERS: dict[str, Handler] = {
    "loads": _loads, "literal_eval": _literal, "dumps": _dumps, "getattr": _getattr, "setattr": _setattr,
    "AND": _domains, "OR": _domains, "Domain": _domain, "SQL": _sql, "Identifier": _safe_part, "identifier": _safe_part,
    "quote_ident": _safe_part, "fullmatch": _match, "match": _match, "escape": _escaped, "html_escape": _escaped,
    "plaintext2html": _escaped, "html_sanitize": _escaped, "url_quote": _escaped, "quote": _escaped,
    "quote_plus": _escaped, "url_quote_plus": _escaped, "urlencode": _escaped, "url_encode": _escaped, "map": _applied,
    "filter": _applied, "zip": _paired, "enumerate": _paired, "token_urlsafe": _token, "token_hex": _token,
    "uuid4": _token, "create": _command, "update": _command,
}  # fmt: skip


def _other(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    last = name.rpartition(".")[2]
    if not args.all():
        return UNKNOWN
    found = mixed(*args.all())
    if last in (
        "str",
        "repr",
        "ustr",
        "unicode",
        "to_text",
        "format",
        "Markup",
        "b64encode",
        "b64decode",
        "_",
        "_lt",
    ):
        only = args.placed[0] if args.placed else UNKNOWN
        if isinstance(only, Plain):
            kept = replace(only, number=False if last != "str" else only.number)
            return replace(kept, raw="Markup") if last == "Markup" else kept
        return replace(found, raw="Markup") if last == "Markup" else found
    if last in ("print", "warning", "info", "debug", "error", "exception", "log"):
        return NONE
    if CHECKS.search(last) and not last.startswith(("is", "Valid")):
        return functions.untold_helper(run, state, node, last, args.all())
    if last == "abort":
        raise Ends
    if _of_a_library(name):
        # What comes back is somebody else's answer: it is no longer what was sent, nor what was read here.
        return UNKNOWN
    return found


def _of_a_library(name: str) -> bool:
    """Whether a call asks somebody else: another server, a library for files or pictures."""
    return name.partition(".")[0] in ASKING_CALLS or name.rpartition(".")[2] in (
        "iap_jsonrpc",
        "urlopen",
        "jsonrpc",
    )
