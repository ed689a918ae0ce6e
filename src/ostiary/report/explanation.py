"""A decision and its reasons as a tree of ✓ and ✗, and its JSON twin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from ostiary.policy import INTERNAL, PORTAL, PUBLIC, Decision, Policy, Question, Reason, Verdict
from ostiary.report.json_ import dumps
from ostiary.report.lines import branches, put, whole, wrapped
from ostiary.report.text import line, name, place

MARKS: dict[bool | None, tuple[str, str]] = {True: ("✓", "green"), False: ("✗", "red"), None: ("◐", "yellow")}
_VERDICTS = {
    Verdict.ALLOWED: ("✓ ALLOWED", "bold green"),
    Verdict.FILTERED: ("◐ FILTERED", "bold yellow"),
    Verdict.DENIED: ("✗ DENIED", "bold red"),
    Verdict.UNKNOWN: ("? UNKNOWN", "bold magenta"),
}
_OPEN = {"unknown", "python-access", "user-type-conflict"}


def render(decision: Decision, console: Console) -> None:
    """Print a decision as a tree."""
    put(console, _lines(console, decision))


def _lines(console: Console, decision: Decision) -> Iterator[Text]:
    said, style = _VERDICTS[decision.verdict]
    head = Text().append(said, style).append(f"  {name(str(decision.question))}", "bold")
    head.append(f"  as {name(decision.subject.phrase)}", "dim")
    yield from wrapped(console, head)
    yield from wrapped(console, Text(line(decision.reason.text)))
    if decision.english:
        yield from wrapped(console, Text(f"Only where {line(decision.english)}."))
        yield whole(Text(line(decision.domain or ""), "dim"), "  ")
    yield from _children(console, decision.reason, "")
    if decision.nearest:
        yield from wrapped(console, Text().append("Nearest allow: ", "bold").append(line(decision.nearest)))


def _children(console: Console, reason: Reason, indent: str) -> Iterator[Text]:
    guides = branches(len(reason.children), indent)
    for (first, rest), child in zip(guides, reason.children, strict=True):
        yield from _reason(console, child, first, rest)


def _reason(console: Console, reason: Reason, first: str, rest: str) -> Iterator[Text]:
    sign, style = ("?", "magenta") if reason.kind in _OPEN else MARKS[reason.verdict]
    said = Text(line(reason.text))
    lead = Text(first, "dim").append(f"{sign} ", style)
    below = rest + ("│ " if reason.children else "  ")
    where = place(reason.origin) if reason.origin is not None and reason.origin.path else ""
    if where and lead.cell_len + said.cell_len + len(where) + 2 <= console.width:
        yield whole(said.append(f"  {where}", "dim"), lead)
    else:
        yield from wrapped(console, said, lead, below)
        if where:
            yield whole(Text(where, "dim"), below)
    if reason.english and reason.verdict is None:
        yield from wrapped(console, Text(f"where {line(reason.english)}", "italic"), below, below)
    if reason.domain:
        yield whole(Text(line(reason.domain), "dim"), below)
    yield from _children(console, reason, rest)


def as_json(decision: Decision, policy: Policy) -> str:
    """A decision as JSON text, each reason with an id that stays the same from run to run."""
    return dumps({"tool": "ostiary", "odoo": policy.odoo, **_decision(decision)})


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "question": str(decision.question),
        "as": decision.subject.name,
        "verdict": decision.verdict.value,
        "domain": decision.domain,
        "english": decision.english,
        "nearest": decision.nearest,
        "caveats": list(decision.caveats),
        "reason": _tree(decision.reason, "", ""),
    }


def _tree(reason: Reason, above: str, suffix: str) -> dict[str, Any]:
    own = f"{reason.kind}:{reason.name}" if reason.name else reason.kind
    id = f"{above}/{own}{suffix}" if above else own
    seen: Counter[tuple[str, str]] = Counter()
    children = []
    for child in reason.children:
        key = (child.kind, child.name)
        seen[key] += 1
        children.append(_tree(child, id, f"#{seen[key]}" if seen[key] > 1 else ""))
    return {
        "id": id,
        "kind": reason.kind,
        "verdict": reason.verdict,
        "text": reason.text,
        "name": reason.name or None,
        "path": reason.origin.path if reason.origin else None,
        "line": reason.origin.line if reason.origin else None,
        "domain": reason.domain,
        "english": reason.english,
        "children": children,
    }


def render_who(question: Question, decisions: Sequence[Decision], console: Console) -> None:
    """Print who may, with what limits each."""
    put(console, _who(console, question, decisions))


def _who(console: Console, question: Question, decisions: Sequence[Decision]) -> Iterator[Text]:
    yield from wrapped(console, Text().append("Who may ").append(name(str(question)), "bold").append("?"))
    followed: dict[str, list[str]] = {}
    for decision in decisions:
        if decision.follows:
            followed.setdefault(decision.follows, []).append(name(decision.subject.name))
    may = [
        decision for decision in decisions if decision.verdict is not Verdict.DENIED and not decision.follows
    ]
    for decision in may:
        yield Text()
        said, style = _VERDICTS[decision.verdict]
        subject = decision.subject
        head = Text().append(said[0], style).append(f" {name(subject.name)}", "bold")
        outside = subject.share and not subject.groups.isdisjoint((PORTAL, PUBLIC))
        reach = "outside the company" if outside else "internal" if INTERNAL in subject.groups else ""
        yield from wrapped(
            console, head.append(f"  {said[2:].lower()}" + (f", {reach}" if reach else ""), "dim")
        )
        if followers := followed.get(subject.name):
            yield from wrapped(
                console, Text(f"and those that imply it: {', '.join(followers)}", "dim"), "  ", "  "
            )
        if decision.english:
            yield from wrapped(console, Text(f"only where {line(decision.english)}"), "  ", "  ")
        for reason in _limits(decision.reason):
            where = f"  {place(reason.origin)}" if reason.origin else ""
            yield whole(Text(f"{reason.kind.replace('-', ' ')} {name(reason.name)}{where}", "dim"), "  ")
        for caveat in decision.caveats:
            yield from wrapped(console, Text(line(caveat), "magenta"), "  ? ", "    ")
    denied = [name(decision.subject.name) for decision in decisions if decision.verdict is Verdict.DENIED]
    if not may:
        yield Text("Nobody, in what was read, except the superuser.")
    if denied:
        yield Text()
        yield from wrapped(console, Text(f"May not: {', '.join(denied)}.", "dim"))


def _limits(reason: Reason) -> Iterator[Reason]:
    """The access rights and record rules that speak in a decision, in their order."""
    for child in reason.children:
        if child.kind in ("access-right", "record-rule"):
            yield child
        else:
            yield from _limits(child)


def who_as_json(question: Question, decisions: Sequence[Decision], policy: Policy) -> str:
    """Who may, as JSON text."""
    return dumps(
        {
            "tool": "ostiary",
            "odoo": policy.odoo,
            "question": str(question),
            "who": [
                {**_decision(decision), "share": decision.subject.share, "follows": decision.follows}
                for decision in decisions
            ],
        }
    )
