"""What vetting found, for somebody at a terminal: the verdict, what to look at, and then the whole in short."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ostiary import __version__
from ostiary.policy.origin import Origin
from ostiary.report import routes_said, routes_terminal, vet_found
from ostiary.report.lines import put, whole, wrapped
from ostiary.report.proofs import label
from ostiary.report.text import enumerated, line, name, place, plural
from ostiary.report.vet_found import Gain, Vetted
from ostiary.report.vet_verdict import Advice, Said
from ostiary.report.words import counts_phrase

SIGNS = {Advice.STOP: ("✗", "bold red"), Advice.LOOK: ("!", "bold yellow"), Advice.CLEAR: ("✓", "bold green")}
KINDS = {
    "hook": "At install",
    "uninstall": "When removed",
    "data-call": "At install",
    "scheduled": "On a schedule",
    "server-action": "Server action",
    "automation": "Automation",
    "network": "Other machines",
    "programs": "Programs",
    "script": "Remote script",
    "requires": "Needs",
    "unread": "Not read",
}
_MOST_THINGS = 40
_WIDEST = 34
_MODES = 12


def render(found: Vetted, said: Said, console: Console, *, targets: Sequence[str] = ()) -> None:
    """Print it to a console, as wide as that is."""
    put(console, _lines(found, said, console, targets))


def as_text(found: Vetted, said: Said, *, targets: Sequence[str] = (), width: int = 100) -> str:
    """The same as plain text."""
    out = io.StringIO()
    render(found, said, Console(file=out, width=width, no_color=True), targets=targets)
    return out.getvalue()


def _lines(found: Vetted, said: Said, console: Console, targets: Sequence[str]) -> Iterator[Text]:
    heading = Text().append("Ostiary", "bold").append(f" {__version__}", "dim")
    heading.append(f" · Odoo {name(found.policy.odoo)}")
    if targets:
        heading.append(" · " + ", ".join(name(str(target)) for target in targets))
    yield from wrapped(console, heading)
    yield Text()
    sign, style = SIGNS[said.advice]
    yield from wrapped(console, Text(line(said.lines[0]), style), Text(f"{sign} ", style), "  ")
    for each in said.lines[1:]:
        yield from wrapped(console, Text(line(each, 1_000)), "  ", "  ")
    parts = (_things(said, console), _gains(found, console), _entries(found, console), _pages(found, console))
    for part in (*parts, _overrides(found, console), _besides(found, console), _findings(found, console)):
        yield from part


def _rule(console: Console, title: str, count: int) -> Iterator[Text]:
    yield Text()
    text = Text(f"{title.upper()} · {count:,} ", "bold")
    yield text.append("─" * max(console.width - text.cell_len, 4), "not bold dim")


def _placed(console: Console, text: Text, where: Origin, first: str | Text, rest: str) -> Iterator[Text]:
    """A text with its place behind it, or on a line of its own where there is no room."""
    shown = Text(place(where), "dim")
    head = first if isinstance(first, Text) else Text(first)
    if head.cell_len + text.cell_len + 2 + shown.cell_len <= console.width:
        yield head.copy().append_text(text).append("  ").append_text(shown)
        return
    yield from wrapped(console, text, head, rest)
    yield whole(shown, rest)


def _things(said: Said, console: Console) -> Iterator[Text]:
    if not said.things:
        return
    yield from _rule(console, "To look at first", len(said.things))
    for at, thing in enumerate(said.things[:_MOST_THINGS], 1):
        lead = Text(f"{at:>3} ", "bold red" if thing.stops else "bold yellow")
        yield from _placed(console, Text(line(thing.text)), thing.origin, lead, "    ")
    if len(said.things) > _MOST_THINGS:
        yield Text(f"    and {len(said.things) - _MOST_THINGS:,} more; --format json has them all", "dim")


def _gains(found: Vetted, console: Console) -> Iterator[Text]:
    gains = vet_found.gains(found)
    yield from _rule(
        console, "What rights and rules newly give", len({(one.audience, one.model) for one in gains})
    )
    if not gains:
        yield Text("  Nobody may do anything that they could not do before.", "dim")
    for audience, same in groupby(gains, key=lambda one: one.audience):
        who = vet_found.whom(audience)
        yield Text(f"  {who[0].upper()}{who[1:]}", "bold")
        mine = list(same)
        told = [gain for gain in mine if vet_found.told(gain)]
        width = min(max((len(name(gain.model)) for gain in told), default=0), _WIDEST)
        for gain in told:
            yield from _gain(gain, console, width if console.width >= 72 else 0)
        if missing := vet_found.unread(mine):
            text = f"{enumerated(map(name, missing))}: not known, since the modules that define them were not read"
            yield from wrapped(console, Text(text), Text("  ? ", "magenta"), "    ")
    for one in vet_found.losses(found):
        text = f"{name(one.model)}  {one.mode.value}: less than before, for {vet_found.whom(label(one.audience))}"
        yield from wrapped(console, Text(text, "green"), "  − ", "    ")
    groups = vet_found.new_groups(found)
    if groups:
        yield from wrapped(console, Text(f"New groups: {enumerated(map(name, groups))}.", "dim"), "  ", "  ")


def _gain(gain: Gain, console: Console, wide: int) -> Iterator[Text]:
    sign, style = ("+", "red") if gain.known else ("?", "magenta")
    modes = ", ".join(mode.value for mode in gain.modes)
    head = (
        Text(f"  {sign} ", style).append(f"{name(gain.model):<{wide}}  ", "default").append(modes, "default")
    )
    text = vet_found.gained(gain)
    if not gain.own:
        text = f"a model that was there before{f'; {text}' if text else ''}"
    indent = " " * (wide + 6)
    if not text:
        yield head
    elif wide and console.width - head.cell_len >= 40:
        yield from wrapped(console, Text(text, "dim"), head.append("  "), " " * (head.cell_len))
    else:
        yield head
        yield from wrapped(
            console, Text(text, "dim"), indent if wide else "      ", indent if wide else "      "
        )


def _entries(found: Vetted, console: Console) -> Iterator[Text]:
    if not found.code:
        return
    for title, inventory in (("Routes", found.routes), ("Methods over RPC", found.methods)):
        if not inventory.listed:
            continue
        yield from _rule(console, title, len(inventory.listed))
        for sentence in routes_said.summary(inventory):
            yield from wrapped(console, Text(sentence), "  ", "  ")
        yield from routes_terminal.groups(inventory, found.policy, console)


def _pages(found: Vetted, console: Console) -> Iterator[Text]:
    pages = vet_found.pages(found)
    if not pages:
        return
    yield from _rule(console, "Pages of other modules that it changes", len(pages))
    for view in pages:
        text = Text(name(view.inherit or "")).append(f"  by {name(view.xmlid)}", "dim")
        if not view.active:
            text.append("  (not active)", "dim")
        yield from _placed(console, text, view.origin, "  ", "    ")


def _overrides(found: Vetted, console: Console) -> Iterator[Text]:
    overrides = vet_found.overrides(found)
    if not overrides:
        return
    yield from _rule(console, "Definitions of other modules that it changes", len(overrides))
    for one in overrides:
        yield from _placed(console, Text(f"{vet_found.overridden(one)}."), one.origin, "  ", "    ")


def _besides(found: Vetted, console: Console) -> Iterator[Text]:
    if not found.besides:
        return
    yield from _rule(console, "What runs by itself, and reaches out", len(found.besides))
    for one in found.besides:
        text = Text(f"{KINDS.get(one.kind, one.kind)}: ", "bold").append(line(one.text, 200), "not bold")
        yield from _placed(console, text, one.origin, "  ", "    ")


def _findings(found: Vetted, console: Console) -> Iterator[Text]:
    findings = found.result.findings
    yield from _rule(console, "Findings", len(findings))
    yield from wrapped(console, Text(f"{counts_phrase(findings)}.", "bold"), "  ", "  ")
    minor = len(findings) - len(vet_found.blocking(found)) - len(vet_found.doubtful(found))
    if minor:
        said = f"{plural(minor, 'finding')} of low severity or below {'is' if minor == 1 else 'are'} not shown here."
        yield from wrapped(console, Text(said, "dim"), "  ", "  ")
    if findings:
        more = "'ostiary audit' and --format html show each with its evidence and how to mend it."
        yield from wrapped(console, Text(more, "dim"), "  ", "  ")
