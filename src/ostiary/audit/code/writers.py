"""Who can write a field's value: by the rights and rules, or because a route writes what its caller sends."""

from __future__ import annotations

from dataclasses import dataclass

from ostiary.audit.asking.facts import may
from ostiary.audit.asking.readers import INSIDERS, reads_field, subject_of
from ostiary.audit.code.callers import caller_at, passing
from ostiary.audit.finding import Evidence
from ostiary.policy.code import Actor, Entry, GuardKind, Use, UseKind
from ostiary.policy.definitions import AccessRight, Field, Mode
from ostiary.policy.fields import find_field
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting

_WRITES = frozenset({UseKind.WRITE, UseKind.CREATE})
_EVERY = "*"


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who can write a field: `label` is an audience, `how` says so, of the rights or of a route."""

    label: str
    how: Evidence


def outside_writer(policy: Policy, model: str, name: str) -> Writer | None:
    """A visitor or portal user who can write a field, visitors first; None where only employees can."""
    return remembered(policy, ("audit writer", model, name), lambda: _outside(policy, model, name))


def _outside(policy: Policy, model: str, name: str) -> Writer | None:
    field = find_field(policy, model, name)
    if field is None or not writable(field):
        return None
    found = list(_by_route(policy, model, name))
    for label in ("public", "portal"):
        for mode in (Mode.WRITE, Mode.CREATE):
            if may(policy, label, model, mode) and reads_field(policy, label, model, name) is not False:
                right = _right(policy, label, model, mode)
                text = (
                    f"access right {right.xmlid} lets them {mode.value} {model}"
                    if right
                    else "they may write it"
                )
                found.append(Writer(label, Evidence(text, right.origin if right else None)))
    return next((one for one in found if one.label == "public"), found[0] if found else None)


def _right(policy: Policy, label: str, model: str, mode: Mode) -> AccessRight | None:
    return next(iter(granting(policy, subject_of(policy, label), model, mode)), None)


def _by_route(policy: Policy, model: str, name: str) -> list[Writer]:
    """The routes that write what their caller sends into a field, past the rights or not."""
    return [
        Writer(
            caller_at(entry, use).label,
            Evidence(f"the route {entry.name} writes what its caller sends into {name}", use.origin),
        )
        for entry, use in _routes_that_write(policy).get(model, ())
        if name in use.fields or (_EVERY in use.fields and use.actor is Actor.SUPERUSER)
    ]


def _routes_that_write(policy: Policy) -> dict[str, list[tuple[Entry, Use]]]:
    """The writes of what the caller sends, by model, of routes that let portal users or visitors in."""

    def find() -> dict[str, list[tuple[Entry, Use]]]:
        found: dict[str, list[tuple[Entry, Use]]] = {}
        for entry in policy.code.entries if policy.code else ():
            for use in entry.uses if entry.route is not None else ():
                if use.kind in _WRITES and use.written and use.model:
                    groups = (one for one in passing(policy, entry, use) if one.kind is GuardKind.GROUP)
                    if not any(groups):
                        found.setdefault(use.model, []).append((entry, use))
        return found

    return remembered(policy, ("audit routes that write",), find)


def writable(field: Field) -> bool:
    """Whether what somebody writes into a field is what it shows: it is stored, and not worked out alone."""
    return field.store and not field.related and (not field.compute or not field.readonly)


def inside_writer(policy: Policy, model: str) -> bool | None:
    """Whether every internal user may write a model; None where it was not read."""
    known = policy.models.get(model)
    if known is None or known.unresolved:
        return None
    return bool(granting(policy, subject_of(policy, INSIDERS), model, Mode.WRITE))
