"""The request: what of it the caller writes, and what the server keeps."""

from __future__ import annotations

import ast

from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    UNKNOWN,
    Dict,
    Env,
    External,
    Method,
    Plain,
    Records,
    Request,
    Value,
    mixed,
    text_of,
)
from ostiary.policy.code import Actor, Choice, Given

_SENT = {
    "params": "parameter", "args": "parameter", "form": "parameter", "values": "parameter", "files": "file",
    "headers": "header", "cookies": "cookie", "data": "body", "json": "body", "jsonrequest": "body",
    "get_json_data": "body", "get_data": "body", "stream": "body", "get_http_params": "parameter",
}  # fmt: skip
_ADDRESS = frozenset(
    {"url", "path", "full_path", "base_url", "url_root", "host_url", "host", "query_string", "referrer"}
)
_SERVER_SIDE = frozenset(
    {"remote_addr", "environ", "method", "user_agent", "is_secure", "content_type", "mimetype"}
)


def request_part(run: Run, state: State, node: ast.AST, holder: Request, name: str) -> Value:
    """`request.name`, or `request.httprequest.name`."""
    replaced = state.variables.get(f"request.{name}") if not holder.part else None
    if replaced is not None:
        return replaced
    if name in _SENT:
        return sent(_SENT[name])
    match holder.part, name:
        case "", "env":
            return Env()
        case "", "httprequest" | "session" | "website" | "dispatcher" | "geoip" | "future_response":
            return Request(part=name)
        case "", "uid":
            from ostiary.code.flow.fields import of_env

            return of_env(run, node, Env(), "uid")
        case "", "user":
            from ostiary.code.flow.fields import user

            return user(run, node, Actor.SUPERUSER)
        case "", "cr":
            return External(name="env.cr")
        case "", "context" | "lang" | "db" | "registry" | "is_frontend" | "website_routing" | "cart":
            if name == "cart":
                return cart(run, node)
            return UNKNOWN
        case "httprequest", _ if name in _ADDRESS:
            return Plain(given=frozenset({Given("url")}), loose=frozenset({Given("url")}), key=("url", name))
        case "httprequest", _ if name in _SERVER_SIDE:
            return Method(target=holder, name=name)
        case "session", "uid":
            from ostiary.code.flow.fields import of_env

            return of_env(run, node, Env(), "uid")
        case "session", _ if name not in (
            "get",
            "pop",
            "setdefault",
            "update",
            "clear",
            "logout",
            "authenticate",
            "touch",
        ):
            return kept_in_session(name)
        case "website", _:
            found = website(run, node)
            from ostiary.code.flow.fields import attribute

            return attribute(run, state, node, found) if isinstance(node, ast.Attribute) else found
    return Method(target=holder, name=name)


def website(run: Run, node: ast.AST) -> Records:
    """The current website: Odoo gives it as the caller's, the caller has no say in which one."""
    return Records(
        model="website", actor=Actor.CALLER, choice=Choice.FIXED, ident=("website",), at=run.origin(node),
        text="request.website",
    )  # fmt: skip


def cart(run: Run, node: ast.AST) -> Records:
    """The order that the session keeps: the cart of whoever asks."""
    return Records(
        model="sale.order", actor=Actor.SUPERUSER, choice=Choice.SESSION, ident=("session", "cart"), own=True,
        at=run.origin(node), text=run.text(node),
    )  # fmt: skip


def sent(source: str, name: str = "") -> Value:
    """What the caller sends: one value by its name, or anything."""
    if name:
        given = frozenset({Given(source, name)})
        return Plain(given=given, loose=given, key=("sent", str(Given(source, name))))
    given = frozenset({Given(source)})
    star = Plain(given=given, loose=given, key=("sent", source))
    if source == "body":
        return Dict(star=star, given=given, key=("sent", source))
    return Dict(star=star, given=given, key=("sent", source))


def kept_in_session(name: str) -> Value:
    """Something the server keeps for this visitor. They can't write it, save through the code that does."""
    return Plain(own=True, key=("session", name))


def part_item(run: Run, state: State, node: ast.AST, holder: Request, key: Value) -> Value:
    """`request.session['key']`."""
    if holder.part == "session":
        return kept_in_session(text_of(key) or "")
    return mixed(holder, key)


def request_method(
    run: Run, state: State, node: ast.Call, holder: Request, name: str, args: list[Value], named: Dict
) -> Value:
    """A method of the request that isn't an answer (those are `answers`)."""
    if name in _SENT:
        return sent(_SENT[name])
    if holder.part == "session" and name in ("get", "pop", "setdefault"):
        return kept_in_session(text_of(args[0]) or "" if args else "")
    if name == "get_header" or (holder.part == "httprequest" and name == "get"):
        return sent("header", text_of(args[0]) or "any" if args else "any")
    if name == "csrf_token":
        return Plain(secret=True)
    return mixed(*args, *named.items.values()) if args or named.items else UNKNOWN
