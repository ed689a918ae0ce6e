"""Who may do something with one record: real users, a line each, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ostiary.policy import INTERNAL, PORTAL, PUBLIC, Decision, Question, Reason, Verdict
from ostiary.report.lines import put, wrapped
from ostiary.report.text import enumerated, line, name

_WIDEST = 30
_SIGNS = {Verdict.ALLOWED: ("✓", "green"), Verdict.UNKNOWN: ("?", "magenta")}


def render(question: Question, decisions: Sequence[Decision], console: Console) -> None:
    """Print the users who may, those of whom it isn't known, and the others in short."""
    put(console, _lines(question, decisions, console))


def _lines(question: Question, decisions: Sequence[Decision], console: Console) -> Iterator[Text]:
    yield from wrapped(console, Text().append("Who may ").append(name(str(question)), "bold").append("?"))
    listed = [each for each in decisions if each.verdict is not Verdict.DENIED]
    if listed:
        yield Text()
    width = min(max((len(name(each.subject.name)) for each in listed), default=0), _WIDEST)
    caveats: dict[str, None] = {}
    for each in listed:
        sign, style = _SIGNS.get(each.verdict, ("◐", "yellow"))
        login = name(each.subject.name)
        login = login if len(login) <= width else login[: width - 1] + "…"
        lead = (
            Text(f"{sign} ", style).append(f"{login:<{width}}  ", "bold").append(f"{_kind(each):<8}  ", "dim")
        )
        text = because(each) if each.verdict is not Verdict.UNKNOWN else "not known: see below"
        yield from wrapped(console, Text(line(text)), lead, " " * (width + 14))
    for each in decisions:
        caveats.update(dict.fromkeys(each.caveats))
    yield Text()
    if not listed:
        yield Text("No user, except the superuser.")
    for reason, logins in _denied(decisions):
        yield from wrapped(console, Text(f"May not, {reason}: {enumerated(logins)}.", "dim"))
    for caveat in caveats:
        yield from wrapped(console, Text(line(caveat), "magenta"), "? ", "  ")


def _kind(decision: Decision) -> str:
    groups = decision.subject.groups
    kinds = {INTERNAL: "internal", PORTAL: "portal", PUBLIC: "public"}
    return next((word for group, word in kinds.items() if group in groups), "no type")


def because(decision: Decision) -> str:
    """Why a user may: the group rules that accept the record, or that none binds them, and the access right."""
    rights = [each.name for each in _of_kind(decision.reason, "access-right") if each.verdict]
    group = [
        each.name
        for part in _of_kind(decision.reason, "group-rules")
        for each in part.children
        if each.verdict is True
    ]
    everybody = [
        each.name
        for part in _of_kind(decision.reason, "global-rules")
        for each in part.children
        if each.kind == "record-rule"
    ]
    if decision.subject.superuser:
        return "is the superuser"
    said = f"{_some(group)} accepts it" if len(group) == 1 else f"{_some(group)} accept it"
    if not group:
        said = "no group rule binds them"
        let = "lets" if len(everybody) == 1 else "let"
        said = f"{said}, and {_some(everybody)} {let} it through" if everybody else f"{said}, nor any other"
    return f"{said}; {_some(rights)}" if rights else said


def _some(names: Sequence[str]) -> str:
    return enumerated(names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"])


def _of_kind(reason: Reason, kind: str) -> Iterator[Reason]:
    for child in reason.children:
        if child.kind == kind:
            yield child
        else:
            yield from _of_kind(child, kind)


def _denied(decisions: Sequence[Decision]) -> Iterator[tuple[str, list[str]]]:
    """Those who may not, by what keeps them away."""
    found: dict[str, list[str]] = {"no access right": [], "by record rules": [], "by Odoo's own Python": []}
    for each in decisions:
        if each.verdict is Verdict.DENIED:
            found[_what_keeps_away(each)].append(name(each.subject.name))
    yield from ((reason, logins) for reason, logins in found.items() if logins)


def _what_keeps_away(decision: Decision) -> str:
    if any(part.verdict is False for part in _of_kind(decision.reason, "access-rights")):
        return "no access right"
    layers = any(part.verdict is False for part in _of_kind(decision.reason, "python-layer"))
    rules = any(part.verdict is False for part in _of_kind(decision.reason, "record-rules"))
    return "by Odoo's own Python" if layers and not rules else "by record rules"
