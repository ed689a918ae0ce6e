"""Methods of recordsets: Odoo's own, and those of the models that were read."""

from __future__ import annotations

import ast
import re

from msgspec.structs import replace

from ostiary.code.flow import functions
from ostiary.code.flow.args import Args
from ostiary.code.flow.assigning import element
from ostiary.code.flow.checking import check_fact, checked, entered, right_asked
from ostiary.code.flow.domains import searched
from ostiary.code.flow.environments import actor_of, as_superuser, asked, rebuilt
from ostiary.code.flow.fields import field_of
from ostiary.code.flow.requests import cart
from ostiary.code.flow.run import Run, unknown
from ostiary.code.flow.sending import FILES, POSTS, posted, printed, sent_file
from ostiary.code.flow.sinks import changed_as_caller, created, rendered, written_by, wrote
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    NONE,
    UNKNOWN,
    UNSET,
    Dict,
    Env,
    Ident,
    Lambda,
    Plain,
    Records,
    Seq,
    Value,
    constant,
    inner_given,
    known,
    made_of,
    mixed,
    options,
    text_of,
    tied,
)
from ostiary.code.flow.words import (
    ASKS_METHODS,
    CHECKS,
    CHECKS_METHODS,
    DOES,
    GROUPS_METHODS,
    PUBLISHED,
    READS_METHODS,
    SAME_METHODS,
    SEARCHES_METHODS,
    SECRET,
)
from ostiary.code.program import Function
from ostiary.policy.code import Actor, Choice, GuardKind, UseKind

# Helpers that give what belongs to this visitor: by the session, a cookie that is checked, the host.
_CURRENT = re.compile(
    r"(?:_from_request|_from_session|_from_cookie|_from_context|^get_current_|^_get_current_)"
)
_KEPT = frozenset({Choice.OWN, Choice.SESSION, Choice.TOKEN, Choice.FIXED})


def method(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    """`records.name(...)`."""
    known_one = _basic(run, state, node, records, name, args)
    if known_one is not None:
        return known_one
    if _CURRENT.search(name):
        return _untold(run, state, node, records, name, args)
    if _renders(records.model, name):
        return _special(run, state, node, records, name, args)
    if name in FILES:
        return sent_file(run, state, node, records, name, args)
    chain = run.program.model_method(records.model, name) if records.model not in ("", "*") else ()
    if chain and not _framework_only(name):
        if name in POSTS:
            return posted(run, state, node, records, name, args)
        return _inlined(run, state, node, records, name, args, chain)
    return framework(run, state, node, records, name, args)


def _renders(model: str, name: str) -> bool:
    """Whether a page or a report is made, in a way that need not be followed to be known."""
    if model in ("ir.ui.view", "ir.qweb"):
        return name in ("_render_template", "render_template", "_render", "render")
    return name.startswith(("_render_qweb", "render_qweb"))


def _framework_only(name: str) -> bool:
    return (
        name in CHECKS_METHODS
        or name in ASKS_METHODS
        or name in ("write", "create", "unlink", "copy", "read", "check_access_rights")
    )


def _inlined(
    run: Run,
    state: State,
    node: ast.Call,
    records: Records,
    name: str,
    args: Args,
    chain: tuple[Function, ...],
) -> Value:
    found = functions.inline(run, state, node, chain, records, args)
    if SECRET.search(name) and not inner_given(found) and isinstance(found, Plain):
        return replace(found, secret=True, sources=(*found.sources, (records, name))[:12])
    return found


def _basic(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value | None:
    """What every model has, and what is never overridden in a way that matters here."""
    if name in SAME_METHODS:
        return replace(records, empty=records.empty and name != "new")
    match name:
        case "sudo":
            return as_superuser(records, args)
        case "with_user":
            user = args.at(0, "user")
            return replace(records, actor=actor_of(user) if user is not None else Actor.OTHER)
        case "with_env":
            env = args.at(0, "env")
            return (
                replace(records, actor=env.actor)
                if isinstance(env, Env)
                else replace(records, actor=Actor.OTHER)
            )
        case "env":
            return rebuilt(run, Env(actor=records.actor), args)
        case "browse":
            return browsed(run, state, node, records, args.at(0, "ids") or Plain(const=None))
        case "filtered" | "filtered_domain" | "search_filter":
            return _filtered(run, state, node, records, name, args)
        case "mapped":
            return _mapped(run, state, node, records, args)
        case "get_param" if records.model == "ir.config_parameter":
            key = text_of(args.placed[0]) if args.placed else None
            return Plain(secret=bool(key and SECRET.search(key.replace(".", "_"))), key=("parameter", key))
        case "set_param" if records.model == "ir.config_parameter":
            run.use(
                state,
                UseKind.WRITE,
                node,
                replace(records, choice=Choice.FIXED),
                written=args.sent(),
                fields=("value",),
            )
            return NONE
        case "get_portal_url" | "_get_share_url":
            # It holds the record's token.
            return Plain(sources=((records, name.removeprefix("_get_").removeprefix("get_")),), prefix="/my/")
        case "get_metadata" | "get_external_id" | "get_base_url" | "_get_access_action":
            return Plain(sources=((records, "access_url"),), prefix="/")
        case "has_group" | "has_groups" | "user_has_groups" | "_has_group":
            return asked(run, node, text_of(args.placed[0]) or "" if args.placed else "")
        case "_slug" | "_unslug":
            return mixed(*args.all())
        case "sale_get_order" if records.model == "website":
            return cart(run, node)
        case "_is_internal":
            return asked(run, node, "internal")
        case "_is_admin" | "_is_system" | "_is_superuser" | "is_admin" | "is_system":
            return asked(run, node, "admin")
        case "_is_public":
            return asked(run, node, "logged-in", turned=True)
    if name in CHECKS_METHODS:
        return checked(run, state, node, records, name, args)
    if name in ASKS_METHODS:
        fact = check_fact(run, node, records, args)
        if name.startswith("_filter"):
            if fact[1].kind is GuardKind.UNDER_SUDO:
                run.learn(state, (fact,))
                return records
            return replace(
                records, held=(*records.held, fact[1]), ident=("filtered", records.ident, node.lineno)
            )
        if fact[1].kind is GuardKind.UNDER_SUDO:
            run.learn(state, (fact,))
        return tied(Plain(number=True), (fact,))
    if name == "check_access_rights":
        return right_asked(run, state, node, records, args)
    return None


def _place_of(value: Value, place: Ident) -> Ident:
    """What names records that are chosen by a value: the value itself, unless it was put together."""
    return value.key if value.key is not None and value.key[0] != "made-of" else place


def browsed(run: Run, state: State, node: ast.Call, model: Records, ids: Value) -> Records:
    """`browse(ids)`: the ids decide which, and who has a say in them."""
    place: Ident = ("browse", model.model, (run.frame.function.file.path, node.lineno, node.col_offset))
    found = replace(
        model, empty=False, at=run.origin(node), text=run.text(node), choice=Choice.UNKNOWN, ident=place
    )
    one = ids
    if isinstance(ids, Seq):
        inner = [*(entry.value for entry in ids.items), *([ids.rest] if ids.rest is not None else [])]
        one = inner[0] if len(inner) == 1 else element(ids)
    if model.model == "*":
        # Whichever the id is, the caller names the model.
        return replace(
            found,
            choice=Choice.CALLER_ID,
            given=inner_given(ids) | model.given,
            ident=("browse", "*", one.key or place),
        )
    for option in options(one):
        if isinstance(option, Plain) and option.of is not None:
            of = option.of
            same = of.model in (model.model, "")
            return replace(
                of, model=model.model, actor=model.actor, at=found.at, text=found.text,
                ident=of.ident if same else ("as", model.model, of.ident), up=of.up if same else (of.ident, *of.up),
            )  # fmt: skip
    if isinstance(one, Records):
        return replace(one, actor=model.actor)
    given = inner_given(ids)
    if ids.own or (not given and one.own):
        kind = Choice.SESSION if one.key is not None and one.key[0] == "session" else Choice.OWN
        return replace(found, choice=kind, own=True, ident=("browse", model.model, one.key or place))
    if given:
        guards = state.of_value(one)
        return replace(
            found, choice=Choice.CALLER_ID, given=given | (model.given if model.model == "*" else frozenset()),
            ident=("browse", model.model, _place_of(one, place)), held=(*model.held, *guards)[:8],
        )  # fmt: skip
    if one.sources:
        records, name = one.sources[0]
        return replace(
            found, choice=records.choice if records.choice in _KEPT else Choice.RELATED, given=records.given,
            own=records.own, up=(records.ident, *records.up)[:6], held=records.held, parent=records.model,
            ident=("by", records.ident, name),
        )  # fmt: skip
    constant = known(one)
    if constant is None or (isinstance(ids, Seq) and not ids.items and ids.rest is None):
        return replace(found, empty=True)  # `self.browse()`: no records at all
    return replace(found, choice=Choice.FIXED) if constant is not UNSET else found


# -- narrowing ------------------------------------------------------------------------------------


def _filtered(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    condition = args.at(0, "func") or UNKNOWN
    if name == "filtered_domain":
        found = searched(run, state, node, replace(records), condition)
        kept = found.choice in (Choice.OWN, Choice.TOKEN)
        return replace(records, choice=found.choice if kept else records.choice, own=records.own or found.own)
    if not isinstance(condition, Lambda):
        field = text_of(condition)
        if field in PUBLISHED:
            return replace(records, held=(*records.held, run.guard(GuardKind.PUBLISHED, node, records.model)))
        return records
    each = replace(records, ident=("one-of", records.ident))
    value = functions.applied(run, state.copy(), condition, [each])
    if records.actor is Actor.CALLER:
        state.learn(((records.ident, run.guard(GuardKind.READ, node, records.model, "read")),))
    guards = tuple(guard for ident, guard in value.yes if ident == ("one-of", records.ident))
    return replace(records, held=tuple(dict.fromkeys((*records.held, *guards)))[:8])


def _mapped(run: Run, state: State, node: ast.Call, records: Records, args: Args) -> Value:
    """`mapped('a.b')`, or with a function."""
    path = args.at(0, "func") or UNKNOWN
    if isinstance(path, Lambda):
        found = functions.applied(run, state, path, [records])
        return found if isinstance(found, Records) else Seq(rest=found, own=found.own, sources=found.sources)
    text = text_of(path)
    if text is None:
        return mixed(records, path)
    value: Value = records
    for name in text.split(".")[:10]:
        if not isinstance(value, Records):
            break
        value = field_of(run, state, node, value, name) if name != "id" else _ids(value)
    return value if isinstance(value, Records) else Seq(rest=value, own=value.own, sources=value.sources)


def _ids(records: Records) -> Plain:
    return Plain(given=records.given, own=records.own, sources=((records, "id"),), number=True, of=records)


# -- the framework's methods --------------------------------------------------------------------


def framework(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    """A method of `models.BaseModel`, or one that was not read."""
    if name in SEARCHES_METHODS:
        domain = args.at(0 if name != "name_search" else 1, "domain") or args.at(0, "args") or Seq()
        found = searched(run, state, node, records, domain)
        entered(run, state, node, records, "read")
        order = args.at(10_000, "order")
        if order is not None and inner_given(order) and found.choice in (Choice.ALL, Choice.CALLER_ID):
            found = replace(found, given=found.given | inner_given(order))
        if name == "search_read":
            run.use(state, UseKind.SEARCH, node, found)
            return _rows(found, args.at(1, "fields"))
        if name == "search_count":
            return Plain(number=True, sources=((found, "count"),))
        if name == "_search":
            return Plain(of=found, given=found.given, own=found.own)
        run.use(state, UseKind.SEARCH, node, found)
        return found
    if name in GROUPS_METHODS:
        found = searched(run, state, node, records, args.at(0, "domain") or Seq())
        entered(run, state, node, records, "read")
        run.use(state, UseKind.SEARCH, node, found)
        return _rows(found, args.at(1, "fields"))
    if name in READS_METHODS:
        run_read(run, state, node, records)
        return _rows(records, args.at(0, "fields"))
    match name:
        case "write" | "update" | "_write":
            wrote(run, state, node, records, _values(args))
            return constant(True)
        case "create" | "_load_records" | "name_create":
            made = created(run, state, node, records, _values(args))
            entered(run, state, node, records, "create")
            return made
        case "copy":
            names, given = written_by(args.at(0, "default") or UNKNOWN)
            run.use(state, UseKind.CREATE, node, records, written=given, fields=("copy", *names))
            return replace(records, choice=Choice.NEW, ident=("new", node.lineno, node.col_offset))
        case "unlink":
            run.use(state, UseKind.UNLINK, node, records)
            changed_as_caller(run, state, node, records, "unlink")
            return constant(True)
        case "copy_data" | "fields_get" | "default_get" | "_convert_to_write" | "get_views" | "get_view":
            return _rows(records, None) if name == "copy_data" else Dict(rest=UNKNOWN)
        case "ids":
            return _ids(records)
    return _special(run, state, node, records, name, args)


def run_read(run: Run, state: State, node: ast.AST, records: Records) -> None:
    """Fields are read with `read`: as the caller, that raises where they may not."""
    if records.actor is Actor.CALLER and not records.empty:
        run.learn(state, ((records.ident, run.guard(GuardKind.READ, node, records.model, "read")),))


def _values(args: Args) -> Value:
    return args.at(0, "vals") or args.at(0, "values") or args.at(0, "vals_list") or UNKNOWN


def _rows(records: Records, fields: Value | None) -> Value:
    """Rows of values read from records."""
    names = [text_of(one.value) for one in fields.items] if isinstance(fields, Seq) else []
    told = [name for name in names if name]
    free = fields is not None and bool(inner_given(fields))
    sources = tuple((records, name) for name in told) or ((records, "*"),)
    items: dict[str, Value] = {
        name: Plain(sources=((records, name),), secret=bool(SECRET.search(name))) for name in told
    }
    items["id"] = _ids(records)
    row = Dict(
        items=items, sources=sources,
        rest=Plain(sources=sources, given=inner_given(fields) if free and fields is not None else frozenset()),
    )  # fmt: skip
    return Seq(rest=row, sources=sources)


def _special(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    """Methods of the framework's modules that matter: pages, reports, files, mail, tokens."""
    if records.model == "ir.ui.view" and name in ("_render_template", "render_template", "_render", "render"):
        if name in ("_render_template", "render_template"):
            rendered(run, state, node, args.at(0, "template") or UNKNOWN, args.at(1, "values") or Dict())
        else:
            rendered(run, state, node, UNKNOWN, args.at(0, "values") or Dict())
        return Plain()
    if records.model == "ir.qweb" and name in ("_render", "render"):
        rendered(run, state, node, args.at(0, "template") or UNKNOWN, args.at(1, "values") or Dict())
        return Plain()
    if name.startswith(("_render_qweb", "render_qweb")) or name in (
        "_render",
        "report_action",
        "_get_report_from_name",
    ):
        if name == "_render" and not records.model.startswith("ir.actions.report"):
            return _untold(run, state, node, records, name, args)
        return printed(run, state, node, records, args)
    if name in POSTS:
        return posted(run, state, node, records, name, args)
    if SECRET.search(name) or name in ("_sign_token", "_get_access_token", "_generate_access_token"):
        found = mixed(*args.all()) if args.all() else UNKNOWN
        return replace(
            found, given=frozenset(), secret=True, sources=((records, name),), key=made_of(args.all())
        )
    return _untold(run, state, node, records, name, args)


def _untold(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    """A method that was not read."""
    if _CURRENT.search(name):
        return replace(
            records, choice=Choice.SESSION, own=True, ident=("session", records.model, name), empty=False,
            at=run.origin(node), text=run.text(node),
        )  # fmt: skip
    patched = run.program.patched(name)
    if patched:
        return functions.inline(run, state, node, patched, records, args)
    if CHECKS.search(name):
        return functions.untold_helper(run, state, node, name, [records, *args.all()])
    if DOES.search(name) or (records.model == "*" and records.actor is Actor.SUPERUSER):
        run.use(state, UseKind.CALL, node, records, method=name, written=args.sent())
    unknown(run, f"{records.model or '?'}.{name}")
    found = functions.given_back(name, args.all())
    return replace(
        found,
        sources=(*found.sources, (records, name))[:12],
        own=records.own,
        secret=bool(SECRET.search(name)),
    )
