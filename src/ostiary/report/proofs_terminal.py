"""Proofs for somebody at a terminal: gaps first, each with who gets at what, and what all verdicts rest on."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ostiary import __version__
from ostiary.policy import Policy, RecordRule
from ostiary.prove import Proof
from ostiary.report import proofs as said_of
from ostiary.report import proofs_summary
from ostiary.report.lines import put, whole, wrapped
from ostiary.report.proofs import Entry, Section
from ostiary.report.proofs_asked import AGREED, Asked, unread
from ostiary.report.proofs_story import Part, Teller
from ostiary.report.text import enumerated, line, name, place

SIGNS = {
    Section.GAP: ("●", "bold red"),
    Section.UNKNOWN: ("?", "magenta"),
    Section.ABOUT_NOTHING: ("?", "magenta"),
    Section.REFERENCE: ("○", "yellow"),
    Section.PUBLISHED: ("◐", "cyan"),
    Section.ISOLATED: ("✓", "green"),
    Section.OF_ITSELF: ("·", "green"),
    Section.NO_ACCESS: ("·", "dim"),
}
_WIDEST = 44
_NOTHING_ELSE = Asked()


def render(
    proofs: Sequence[Proof],
    policy: Policy,
    console: Console,
    *,
    targets: Sequence[str] = (),
    only: Collection[str] = (),
    witness: bool = False,
    asked: Asked = _NOTHING_ELSE,
) -> None:
    """Print the proofs to a console, as wide as that is.

    `only` are the verdicts to show, all of them where it is empty; the summary is of all. `witness` shows the records
    of each witness.
    """
    put(console, _lines(proofs, policy, console, targets=targets, only=only, witness=witness, asked=asked))


def as_text(
    proofs: Sequence[Proof],
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    only: Collection[str] = (),
    witness: bool = False,
    asked: Asked = _NOTHING_ELSE,
    width: int = 100,
) -> str:
    """The proofs as plain text."""
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True)
    render(proofs, policy, console, targets=targets, only=only, witness=witness, asked=asked)
    return out.getvalue()


def summary(
    proofs: Sequence[Proof], policy: Policy, console: Console, *, asked: Asked = _NOTHING_ELSE
) -> None:
    """Print only how many verdicts of each sort there are, what that means, and what was not read."""
    put(console, _summary(console, said_of.entries(proofs, policy), policy, asked))


def _lines(
    proofs: Sequence[Proof],
    policy: Policy,
    console: Console,
    *,
    targets: Sequence[str],
    only: Collection[str],
    witness: bool,
    asked: Asked,
) -> Iterator[Text]:
    every = said_of.entries(proofs, policy)
    found = said_of.only(every, only)
    numbers = said_of.numbered(found)
    heading = Text().append("Ostiary", "bold").append(f" {__version__}", "dim")
    heading.append(f" · Odoo {name(policy.odoo)}")
    if targets:
        heading.append(" · " + ", ".join(name(str(target)) for target in targets))
    yield from wrapped(console, heading)
    teller = Teller(policy)
    for section, same in groupby(found, key=lambda one: one.section):
        listed = list(same)
        yield Text()
        yield _rule(console, section, sum(len(one.proofs) for one in listed))
        if section in (Section.ISOLATED, Section.OF_ITSELF, Section.NO_ACCESS):
            yield from _table(console, listed, numbers, asked)
        elif section is Section.REFERENCE:
            yield from _named(console, listed)
        else:
            for one in listed:
                yield Text()
                yield from _entry(console, one, teller, numbers, asked, witness=witness)
    yield Text()
    yield from _assumptions(console, numbers)
    yield _rule(console)
    yield from _summary(console, every, policy, asked)


def _rule(console: Console, section: Section | None = None, count: int = 0) -> Text:
    text = Text()
    if section is not None:
        called, means = said_of.title(section)
        text.append(f"{called.upper()} · {count:,}", SIGNS[section][1])
        if text.cell_len + len(means) + 3 < console.width:
            text.append(f"  {means} ", "dim")
        else:
            text.append(" ")
    return text.append("─" * max(console.width - text.cell_len, 4), "dim")


def _entry(
    console: Console, entry: Entry, teller: Teller, numbers: dict[str, int], asked: Asked, *, witness: bool
) -> Iterator[Text]:
    policy = teller.policy
    sign, style = SIGNS[entry.section]
    head = Text().append(name(said_of.called(entry)), "bold")
    known = policy.models.get(entry.model)
    if known is not None and known.description not in ("", entry.model):
        head.append(f"  {name(known.description)}", "dim")
    head.append(f"  ·  {line(said_of.audiences(entry))}  ·  {said_of.modes(entry)}")
    yield from wrapped(console, head, Text(f"{sign} ", style), "  ")
    footnotes = said_of.marks(entry, numbers)
    said = Text(line(said_of.verdict(entry.proof, listed=True)) + ".")
    yield from wrapped(console, said.append(f" {footnotes}" if footnotes else "", "dim"), "  ", "  ")
    proof = entry.proof
    if promised := asked.promised(proof):
        yield from wrapped(console, Text(promised), "  ", "  ")
    for way in said_of.ways(proof):
        yield from wrapped(console, Text(line(way)), "  – ", "    ")
    brief = entry.section is Section.PUBLISHED
    if proof.witness is not None and (witness or not brief):
        told = teller.tell(proof.witness, proof.audience, proof.mode, silo=proof.question == "silo")
        yield from wrapped(console, Text(line(told.sentence), "italic"), "  → ", "    ")
        if witness:
            for record in told.parts:
                yield from part(console, record)
            if told.others:
                more = Text(f"and {told.others} more; --format json has them all", "dim")
                yield from wrapped(console, more, "      ", "      ")
    if proof.defect:
        yield from wrapped(
            console, Text("This is a defect of Ostiary: please report it.", "bold"), "  ", "  "
        )
    if entry.holds and not brief:
        yield from wrapped(console, Text(f"The model {line(entry.holds)}.", "dim"), "  ", "  ")
    for one in said_of.definitions(proof, policy):
        if brief and not isinstance(one, RecordRule):
            continue
        yield from _definition(console, f"{name(one.xmlid)}", place(one.origin))


def _definition(console: Console, called: str, where: str) -> Iterator[Text]:
    if len(called) + len(where) + 6 <= console.width:
        yield whole(Text(f"{called}  ", "dim").append(where, "dim"), "    ")
        return
    yield from wrapped(console, Text(called, "dim"), "    ", "      ")
    yield whole(Text(where, "dim"), "      ")


def part(console: Console, one: Part) -> Iterator[Text]:
    """A record of a story: its part in it, its name and what is so of it."""
    head = Text().append(f"{one.role or 'also'}: ", "dim").append(line(one.name))
    reference = f"{name(one.model)} {one.id}"
    if one.name != reference:
        head.append(f"  {reference}", "dim")
    yield from wrapped(console, head, "      ", "        ")
    if one.facts:
        facts = " · ".join(f"{name(field)} {line(value, 80)}" for field, value in one.facts)
        yield from wrapped(console, Text(facts, "dim"), "        ", "        ")


def _table(
    console: Console, entries: Sequence[Entry], numbers: dict[str, int], asked: Asked
) -> Iterator[Text]:
    """A line for each model that needs no words, under its audience."""
    by_heading: dict[str, list[Entry]] = {}
    for one in entries:
        by_heading.setdefault(said_of.heading(one), []).append(one)
    column = min(max(len(name(said_of.called(one))) for one in entries), _WIDEST)
    for heading, listed in by_heading.items():
        yield Text()
        yield Text(f"  {line(heading)}", "bold")
        for one in sorted(listed, key=lambda each: each.model):
            sign, style = SIGNS[one.section]
            head = Text(f"  {sign} ", style).append(f"{name(said_of.called(one)):<{column}}  ", "default")
            head.append(f"{said_of.modes(one):<29}", "default")
            rules = enumerated(name(rule) for rule in one.proof.rules)
            text = Text(f"{rules} " if rules else "", "dim").append(said_of.marks(one, numbers), "dim")
            if head.cell_len + 44 > console.width:
                yield head
                if text:
                    yield from wrapped(console, text, "      ", "      ")
            else:
                yield from wrapped(console, text, head, " " * head.cell_len)
            if promised := asked.promised(one.proof):
                yield from wrapped(console, Text(promised, "dim"), "      ", "      ")


def _named(console: Console, entries: Sequence[Entry]) -> Iterator[Text]:
    """Models of which only the names matter."""
    found: dict[str, list[str]] = {}
    for one in entries:
        found.setdefault(f"{said_of.heading(one)}: {said_of.modes(one)} ", []).append(one.model)
    for said, models in found.items():
        yield Text()
        text = Text(line(said), "bold").append(", ".join(sorted(map(name, models))), "not bold")
        yield from wrapped(console, text, "  ", "  ")


def _assumptions(console: Console, numbers: dict[str, int]) -> Iterator[Text]:
    if not numbers:
        return
    yield Text("Taken for granted", "bold")
    width = len(str(len(numbers)))
    for said, number in numbers.items():
        lead = f"[{number}]".rjust(width + 2) + " "
        yield from wrapped(console, Text(line(said), "dim"), lead, " " * len(lead))
    yield Text()


def _summary(console: Console, found: Sequence[Entry], policy: Policy, asked: Asked) -> Iterator[Text]:
    yield from wrapped(console, Text(line(proofs_summary.summary(found, asked.nothing)), "bold"))
    if found:
        yield from wrapped(console, Text(line(proofs_summary.conclusion(found))))
        for said in (proofs_summary.refused(found), AGREED if asked.agreed else ""):
            yield from wrapped(console, Text(said)) if said else ()
    for said in unread(policy):
        yield from wrapped(console, Text(said))
    if found:
        sudo = (
            "Proved of access rights and record rules: code that uses sudo() may show more than they allow."
        )
        yield from wrapped(console, Text(sudo, "dim"))
