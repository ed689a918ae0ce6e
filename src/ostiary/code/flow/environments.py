"""Methods of an environment: `ref`, other users, questions about who asks."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.args import Args
from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    REQUEST,
    UNKNOWN,
    Env,
    External,
    Plain,
    Records,
    Value,
    inner_given,
    known,
    mixed,
    text_of,
)
from ostiary.policy.code import Actor, Choice, GuardKind


def method(run: Run, state: State, node: ast.Call, env: Env, name: str, args: Args) -> Value:
    """`env.name(...)`."""
    match name:
        case "ref":
            return ref(run, node, env, args)
        case "is_admin" | "is_system" | "is_superuser":
            return asked(run, node, "admin")
        case "get" | "__getitem__":
            from ostiary.code.flow.fields import model_of

            return model_of(run, node, env, args.placed[0] if args.placed else UNKNOWN)
        case "user_has_groups" | "has_group":
            return asked(run, node, text_of(args.placed[0]) or "" if args.placed else "")
    return mixed(*args.all()) if args.all() else UNKNOWN


def asked(run: Run, node: ast.AST, group: str, *, turned: bool = False) -> Plain:
    """A question whether who asks holds a group."""
    fact = ((REQUEST, run.guard(GuardKind.GROUP, node, text=group or "a group")),)
    return Plain(number=True, yes=() if turned else fact, no=fact if turned else ())


def ref(run: Run, node: ast.Call, env: Env, args: Args) -> Value:
    """`env.ref('module.name')`: fixed, unless the caller names it."""
    name = args.at(0, "xml_id") or UNKNOWN
    given = inner_given(name)
    return Records(
        model="", actor=env.actor, choice=Choice.CALLER_ID if given else Choice.FIXED,
        ident=("ref", text_of(name) or (node.lineno, node.col_offset)), given=given, at=run.origin(node),
        text=run.text(node),
    )  # fmt: skip


def rebuilt(run: Run, env: Env, args: Args) -> Env:
    """`env(user=..., su=True)`."""
    superuser = args.at(10_000, "su")
    if superuser is not None:
        flag = known(superuser)
        return replace(env, actor=Actor.SUPERUSER if flag is not False else Actor.CALLER)
    user = args.at(1, "user")
    if user is not None and known(user) is not None:
        return replace(env, actor=actor_of(user))
    return env


def actor_of(user: Value) -> Actor:
    """With whose rights records are used that are given to this user."""
    if user.own:
        return Actor.CALLER
    if known(user) == 1 or (isinstance(user, External) and user.name.endswith("SUPERUSER_ID")):
        return Actor.SUPERUSER
    if isinstance(user, Records) and user.ident[:2] in (
        ("ref", "base.user_root"), ("ref", "base.user_admin"),
    ):  # fmt: skip
        return Actor.SUPERUSER
    return Actor.OTHER


def as_superuser(records: Records, args: Args) -> Records:
    """`records.sudo()`, or `sudo(False)`; until 12 `sudo(user)` meant another user."""
    flag = args.at(0, "flag")
    if flag is None:
        return replace(records, actor=Actor.SUPERUSER)
    value = known(flag)
    if value is False:
        return replace(records, actor=Actor.CALLER)
    if isinstance(flag, Records) or flag.own:
        return replace(records, actor=actor_of(flag))
    # Whether it is superuser was decided before; by what was not followed.
    return replace(records, actor=Actor.SUPERUSER, unsure=records.unsure or value is not True)
