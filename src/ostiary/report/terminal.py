"""An audit for somebody at a terminal: findings by severity and model, each with its evidence and how to mend it.

Everything is built from plain text, never from markup, so that no name that was read can style or command anything.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ostiary import __version__
from ostiary.audit import AuditResult, Evidence, Finding, Severity
from ostiary.policy import Note, Origin, Policy, Problem
from ostiary.report import witness
from ostiary.report.left_out import left_out_phrases
from ostiary.report.lines import branches, put, whole, wrapped
from ostiary.report.text import block, fix_parts, line, name, place, plural
from ostiary.report.words import (
    LIMIT,
    about_version,
    audience_label,
    audience_rank,
    confidence_phrase,
    counts_phrase,
    ran_phrase,
    read_phrase,
    unread_phrases,
    verdict,
)

STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
_SHOWN_PROBLEMS = 10
# Up to this many findings of no severity are listed one by one.
_LISTED_INFO = 20


def render(
    result: AuditResult,
    policy: Policy,
    console: Console,
    *,
    targets: Sequence[str] = (),
    least: Severity | None = None,
) -> None:
    """Print the audit to a console, as wide as that is.

    `least` is the severity below which findings were left out.
    """
    put(console, _lines(console, result, policy, targets, least))


def as_text(
    result: AuditResult,
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    least: Severity | None = None,
    width: int = 100,
) -> str:
    """The audit as plain text."""
    out = io.StringIO()
    render(result, policy, Console(file=out, width=width, no_color=True), targets=targets, least=least)
    return out.getvalue()


def summary(result: AuditResult, console: Console, *, least: Severity | None = None) -> None:
    """Print only how many findings there are, and the verdict."""
    put(console, _summary(console, result, least))


def _lines(
    console: Console, result: AuditResult, policy: Policy, targets: Sequence[str], least: Severity | None
) -> Iterator[Text]:
    yield from _heading(console, result, policy, targets)
    for severity, graded in groupby(result.findings, key=lambda finding: finding.severity):
        listed = list(graded)
        yield Text()
        yield _rule(
            console, f"{severity.value.upper()} · {plural(len(listed), 'finding')} ", STYLES[severity]
        )
        if severity is Severity.INFO and least is None and len(listed) > _LISTED_INFO:
            yield from _counted(console, listed)
            continue
        by_model = sorted(listed, key=lambda finding: finding.model or "")
        for model, same in groupby(by_model, key=lambda finding: finding.model):
            yield Text()
            yield from wrapped(console, _model(model, policy))
            for at, finding in enumerate(same):
                if at:
                    yield Text()
                yield from _finding(console, finding, policy)
    yield Text()
    yield from _not_examined(console, result)
    yield _rule(console)
    yield from _summary(console, result, least)


def _counted(console: Console, findings: Sequence[Finding]) -> Iterator[Text]:
    """Many findings that are information only, by check: listing each would bury the others."""
    for check, count in sorted(Counter(finding.check for finding in findings).items()):
        yield from wrapped(console, Text(f"{check}: {count:,}"), "– ", "  ")
    yield from wrapped(console, Text("--min-severity info lists each of them.", "dim"), "  ", "  ")


def _rule(console: Console, title: str = "", style: str = "") -> Text:
    return Text(title, style).append("─" * max(console.width - len(title), 4), "not bold dim default")


def _heading(console: Console, result: AuditResult, policy: Policy, targets: Sequence[str]) -> Iterator[Text]:
    heading = (
        Text()
        .append("Ostiary", "bold")
        .append(f" {__version__}", "dim")
        .append(f" · Odoo {name(policy.odoo)}")
    )
    if targets:
        heading.append(" · " + ", ".join(name(str(target)) for target in targets))
    yield from wrapped(console, heading)
    yield from wrapped(console, Text(f"Read {read_phrase(result)}.", "dim"))


def _model(model: str | None, policy: Policy) -> Text:
    if model is None:
        return Text("Groups, users and files", "bold")
    text = Text().append(name(model), "bold")
    known = policy.models.get(model)
    if known is not None and known.description and known.description != model:
        text.append(f"  {name(known.description)}", "dim")
    return text


def _finding(console: Console, finding: Finding, policy: Policy) -> Iterator[Text]:
    yield from wrapped(console, Text(line(finding.message)), Text("● ", STYLES[finding.severity]), "  ")
    facts = [finding.check]
    if finding.audience:
        facts.append(
            ", ".join(audience_label(label) for label in sorted(finding.audience, key=audience_rank))
        )
    facts.append(confidence_phrase(finding.confidence))
    yield from wrapped(console, Text(" · ".join(line(fact) for fact in facts), "dim"), "  ", "  ")
    yield whole(_place(finding.origin), "  ")
    for (first, rest), step in zip(branches(len(finding.evidence), "  "), finding.evidence, strict=True):
        yield from _step(console, step, first, rest)
    shown = witness.sentence(finding, policy)
    if shown:
        yield from wrapped(console, Text(line(shown), "italic"), "  ", "  ")
    yield from _fix(console, finding.fix)


def _step(console: Console, step: Evidence, first: str, rest: str) -> Iterator[Text]:
    said = Text(line(step.text))
    if step.origin is None or not step.origin.path:
        yield from wrapped(console, said, first, rest)
        return
    where = Text(place(step.origin), "dim")
    if len(first) + said.cell_len + 2 + where.cell_len <= console.width:
        yield whole(said.append("  ").append_text(where), first)
        return
    yield from wrapped(console, said, first, rest)
    yield whole(where, rest)


def _place(origin: Origin) -> Text:
    return Text(place(origin), "underline" if origin.path else "dim")


def _fix(console: Console, fix: str) -> Iterator[Text]:
    parts = fix_parts(fix)
    if parts and parts[0][0] == "code":
        yield Text("  To mend it:", "green")
    for at, (kind, text) in enumerate(parts):
        if kind == "text":
            lead = Text().append("To mend it: ", "green") if at == 0 else Text()
            yield from wrapped(console, lead.append(line(text)), "  ", "  ")
        else:
            yield from (whole(Text(each, "dim"), "      ") for each in block(text).split("\n"))


def _not_examined(console: Console, result: AuditResult) -> Iterator[Text]:
    unread = unread_phrases(result)
    if not unread:
        return
    yield Text("Not examined, and so not known", "bold")
    # Of what is missing, modules are named first.
    missing = any(each.kind == "module" for each in result.unresolved)
    for at, said in enumerate(unread):
        yield from wrapped(console, Text(said), "– ", "  ")
        if missing and not at:
            yield from wrapped(
                console, Text("Name the folders that hold them with --addons-path.", "dim"), "  ", "  "
            )
    found = {(finding.path, finding.line) for finding in result.findings}
    problems = [each for each in result.problems if (each.origin.path, each.origin.line) not in found]
    places: list[Problem | Note] = [*problems, *(note for note in result.notes if not about_version(note))]
    for each in places[:_SHOWN_PROBLEMS]:
        yield from wrapped(console, Text(line(each.message)), "  · ", "    ")
        if each.origin.path:
            yield whole(Text(place(each.origin), "dim"), "    ")
    left = len(places) - _SHOWN_PROBLEMS
    if left > 0:
        yield Text(f"  · and {left:,} more; --format json lists them all.", "dim")
    yield Text()


def _summary(console: Console, result: AuditResult, least: Severity | None) -> Iterator[Text]:
    text = Text().append(counts_phrase(result.findings), "bold" if result.findings else "bold green")
    yield text.append(f"  ({ran_phrase(result)})", "dim")
    yield from wrapped(console, Text(verdict(result, least)))
    for said in left_out_phrases(result):
        yield from wrapped(console, Text(said, "dim"), "– ", "  ")
    if not result.findings:
        yield from wrapped(console, Text(LIMIT, "dim"))
