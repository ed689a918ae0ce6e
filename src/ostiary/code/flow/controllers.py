"""What a controller calls: answers of the request, and the helpers that every portal controller has."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ostiary.code.flow import functions
from ostiary.code.flow.addresses import keeps_to_a_site
from ostiary.code.flow.args import Args
from ostiary.code.flow.containers import updated
from ostiary.code.flow.environments import actor_of
from ostiary.code.flow.run import Run
from ostiary.code.flow.sinks import rendered, shown
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    NONE,
    REQUEST,
    UNKNOWN,
    Dict,
    Env,
    Plain,
    Records,
    Request,
    Value,
    inner_given,
    inner_sources,
    known,
    options,
    text_of,
)
from ostiary.policy.code import Actor, Choice, GuardKind, UseKind

if TYPE_CHECKING:
    from ostiary.code.program import Function

# What lets whoever has it into a record.
_OPENS = re.compile(r"(?:^|_)(?:token|share_url|portal_url)$")
_ANSWERS = frozenset(
    {"make_response", "make_json_response", "render", "not_found", "redirect", "redirect_query"}
)
_REDIRECTS = frozenset({"redirect", "redirect_query", "local_redirect"})


def request_called(run: Run, state: State, node: ast.Call, holder: Request, name: str, args: Args) -> Value:
    """`request.name(...)`."""
    from ostiary.code.flow.requests import request_method

    if holder.part == "" and name == "render":
        rendered(run, state, node, args.at(0, "template") or UNKNOWN, args.at(1, "qcontext") or Dict())
        return Plain()
    if holder.part == "" and name in ("make_response", "make_json_response"):
        body = args.at(0, "data")
        if body is not None:
            answered(run, state, node, body)
        return Plain()
    if holder.part == "" and name in _REDIRECTS:
        return redirected(run, state, node, args.at(0, "location"), local=_local(run, name, args))
    if holder.part == "" and name in ("update_env", "update_context"):
        user = args.at(0, "user") if name == "update_env" else None
        if user is not None:
            state.variables["request.env"] = Env(actor=actor_of(user))
        return NONE
    if holder.part == "session" and name == "authenticate":
        run.learn(state, ((REQUEST, run.guard(GuardKind.AUTHENTICATED, node)),))
        return Plain(own=True)
    return request_method(run, state, node, holder, name, args.placed, args.named)


def csrf_validated(run: Run, node: ast.AST) -> Value:
    """`request.validate_csrf(token)`, also on what stands for the request."""
    return Plain(number=True, yes=((REQUEST, run.guard(GuardKind.AUTHENTICATED, node)),), authenticates=True)


def _local(run: Run, name: str, args: Args) -> bool:
    """Whether Odoo keeps a redirect on its own site: since 15, unless it is told otherwise."""
    if name == "local_redirect":
        return True
    flag = args.at(2, "local")
    return flag is None or known(flag) is True


def redirected(run: Run, state: State, node: ast.AST, target: Value | None, *, local: bool) -> Value:
    """The browser is sent somewhere."""
    if target is not None:
        tokens = tuple((records, name) for records, name in inner_sources(target) if _OPENS.search(name))
        shown(run, state, node, Value(sources=tokens))
    for one in options(target) if target is not None else ():
        loose = one.loose if isinstance(one, Plain) else inner_given(one)
        prefix = (one.prefix or "") if isinstance(one, Plain) else ""
        if loose and not keeps_to_a_site(prefix):
            kinds = {guard.kind for guard in state.of_address(one)}
            safe = not kinds.isdisjoint((GuardKind.STATE, GuardKind.AUTHENTICATED))
            unsure, run.unsure = run.unsure, run.unsure or bool(kinds)
            run.use(state, UseKind.REDIRECT, node, None, written=loose, local=local, safe=safe)
            run.unsure = unsure
    return Plain()


def answered(run: Run, state: State, node: ast.AST, body: Value) -> None:
    """Something is sent back."""
    shown(run, state, node, body)
    if isinstance(body, Plain) and body.loose and body.prefix and "<" in body.prefix:
        run.use(state, UseKind.RESPONSE, node, None, written=body.loose, built=body.built)


def helper(run: Run, state: State, node: ast.Call, name: str, args: Args) -> Value:
    """`self.name(...)` in a controller, where no definition was read."""
    found = known_helper(run, state, node, name, (), args)
    return found if found is not None else functions.untold_helper(run, state, node, name, args.all())


def known_helper(
    run: Run, state: State, node: ast.Call, name: str, chain: tuple[Function, ...], args: Args
) -> Value | None:
    """The helpers of Odoo's portal, where it is Odoo's own definition that would run."""
    if chain and chain[0].module not in ("portal", "website", "web", "http_routing"):
        return None
    match name:
        case "_document_check_access":
            return _document(run, state, node, args)
        case "_show_report":
            for one in options(args.at(0, "model") or UNKNOWN):
                if isinstance(one, Records):
                    run.use(state, UseKind.REPORT, node, one)
            return Plain()
        case "_get_page_view_values":
            values = updated(Dict(), args.at(2, "values") or Dict())
            values = replace(values, items={**values.items, "page_name": UNKNOWN})
            return updated(values, replace(args.named, items={}, rest=args.named.rest, star=args.named.star))
        case "_prepare_portal_layout_values" | "_prepare_home_portal_values":
            return Dict(rest=UNKNOWN) if not chain else None
        case "_get_archive_groups" | "_check_page_access":
            return UNKNOWN
    return None


def _document(run: Run, state: State, node: ast.Call, args: Args) -> Value:
    """`_document_check_access(model, id, token)`: a superuser's record that the caller may read, or has a token of."""
    model = text_of(args.at(0, "model_name") or UNKNOWN) or ""
    ids = args.at(1, "document_id") or UNKNOWN
    named = args.at(0, "model_name")
    given = inner_given(ids)
    if not model and named is not None and inner_given(named):
        model, given = "*", given | inner_given(named)
    found = Records(
        model=model, actor=Actor.SUPERUSER, choice=Choice.CALLER_ID if given else Choice.UNKNOWN,
        ident=("browse", model, ids.key or (run.frame.function.file.path, node.lineno)), given=given,
        at=run.origin(node), text=run.text(node),
    )  # fmt: skip
    run.learn(state, ((found.ident, run.guard(GuardKind.DOCUMENT, node, model, "read")),))
    return found
