"""Asking for access: `check_access` and the like, as the caller or as superuser, on records or on a model."""

from __future__ import annotations

import ast

from ostiary.code.flow.args import Args
from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    ENTERED,
    NONE,
    REQUEST,
    Ident,
    Plain,
    Records,
    Value,
    constant,
    known,
    text_of,
    tied,
)
from ostiary.policy.code import Actor, Guard, GuardKind


def mode_of(args: Args) -> str:
    mode = args.at(0, "operation")
    return (text_of(mode) or "") if mode is not None else ""


def check_fact(run: Run, node: ast.AST, records: Records, args: Args) -> tuple[Ident, Guard]:
    if records.actor is Actor.SUPERUSER:
        kind = GuardKind.UNDER_SUDO
    elif records.actor is Actor.CALLER:
        kind = GuardKind.ACCESS
    else:
        kind = GuardKind.HELPER
    return records.ident, run.guard(kind, node, records.model, mode_of(args))


def entered(run: Run, state: State, node: ast.AST, records: Records, mode: str) -> None:
    """Records are looked for, or created: as the caller, that raises where they have no access right to the model."""
    if records.actor is Actor.CALLER and records.model not in ("", "*"):
        guard = run.guard(GuardKind.ENTERED, node, records.model, mode)
        # Under a name of its own, so that it holds after a branch only where all of its ways entered this model.
        state.learn((((ENTERED, records.model, mode), guard),))


def checked(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    if records.empty and records.actor is not Actor.SUPERUSER:
        # On the model, not on records: it asks for the access right only.
        run.learn(state, ((REQUEST, run.guard(GuardKind.RIGHT, node, records.model, mode_of(args))),))
        return NONE
    fact = check_fact(run, node, records, args)
    run.learn(state, (fact,))
    return constant(True) if name == "check_access_rule" else NONE


def right_asked(run: Run, state: State, node: ast.Call, records: Records, args: Args) -> Value:
    """`check_access_rights`: the access right alone, whichever records it is called on."""
    if records.actor is Actor.SUPERUSER:
        run.learn(
            state, ((records.ident, run.guard(GuardKind.UNDER_SUDO, node, records.model, mode_of(args))),)
        )
        return Plain(number=True)
    fact = (REQUEST, run.guard(GuardKind.RIGHT, node, records.model, mode_of(args)))
    quiet = args.at(1, "raise_exception")
    if quiet is not None and known(quiet) is False:
        return tied(Plain(number=True), (fact,))
    run.learn(state, (fact,))
    return Plain(number=True)
