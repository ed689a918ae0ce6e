"""An inventory of routes or methods for somebody at a terminal: what goes past access rights first."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ostiary import __version__
from ostiary.policy import Policy
from ostiary.policy.code import EntryKind
from ostiary.report import routes_said as said_of
from ostiary.report.lines import put, whole, wrapped
from ostiary.report.proofs_asked import unread
from ostiary.report.routes_inventory import Inventory
from ostiary.report.routes_reach import Ease, Listed
from ostiary.report.routes_said import Row
from ostiary.report.routes_words import CALLERS, called, facts
from ostiary.report.text import enumerated, line, name, place, plural

_WIDEST = 26
_FIRST_WORDS = {"public": "visitors", "portal": "logged in", "internal": "a group"}


def render(found: Inventory, policy: Policy, console: Console, *, targets: Sequence[str] = ()) -> None:
    """Print the inventory to a console, as wide as that is."""
    put(console, _lines(found, policy, console, targets))


def as_text(found: Inventory, policy: Policy, *, targets: Sequence[str] = (), width: int = 100) -> str:
    """The inventory as plain text."""
    out = io.StringIO()
    render(found, policy, Console(file=out, width=width, no_color=True), targets=targets)
    return out.getvalue()


def summary(found: Inventory, policy: Policy, console: Console) -> None:
    """Print only how many there are, and what was not read."""
    put(console, _summary(found, policy, console))


def _lines(found: Inventory, policy: Policy, console: Console, targets: Sequence[str]) -> Iterator[Text]:
    heading = Text().append("Ostiary", "bold").append(f" {__version__}", "dim")
    heading.append(f" · Odoo {name(policy.odoo)}")
    if targets:
        heading.append(" · " + ", ".join(name(str(target)) for target in targets))
    yield from wrapped(console, heading)
    yield from _summary(found, policy, console)
    if found.listed:
        yield Text()
        yield from legend([one.ease for one in found.listed], console)
    yield from groups(found, policy, console)


def groups(found: Inventory, policy: Policy, console: Console) -> Iterator[Text]:
    """The entries under their module, or model."""
    for head, listed in said_of.given_by(found.listed).items():
        yield Text()
        yield _rule(console, head, listed, policy)
        if inherited := said_of.inherited(listed[0], policy):
            yield from wrapped(console, Text(line(inherited), "dim"), "  ", "  ")
        loud = [one for one in listed if not said_of.quiet(one)]
        for at, one in enumerate(loud):
            if at:
                yield Text()
            yield from entry(console, one, policy)
        yield from _quiet(console, [one for one in listed if said_of.quiet(one)], bool(loud))


def _summary(found: Inventory, policy: Policy, console: Console) -> Iterator[Text]:
    for at, one in enumerate(said_of.summary(found)):
        yield from wrapped(console, Text(one, "bold" if not at else ""))
    for one in (*said_of.notes(found, policy), *unread(policy)):
        yield from wrapped(console, Text(line(one), "yellow"))


def legend(eases: Iterable[Ease], console: Console) -> Iterator[Text]:
    """What the signs mean."""
    for ease in sorted(set(eases), reverse=True):
        sign, style = said_of.SIGNS[ease]
        yield from wrapped(console, Text(said_of.MEANS[ease], "dim"), Text(f"{sign} ", style), "  ")


def _rule(console: Console, head: str, listed: Sequence[Listed], policy: Policy) -> Text:
    kind = listed[0].entry.kind
    text = Text(name(head), "bold")
    known = policy.models.get(head) if kind is EntryKind.RPC else None
    if known is not None and known.description not in ("", head):
        text.append(f"  {name(known.description)}", "dim not bold")
    text.append(f" · {plural(len(listed), said_of.thing(kind))} ", "not bold")
    return text.append("─" * max(console.width - text.cell_len, 4), "dim not bold")


def entry(console: Console, one: Listed, policy: Policy) -> Iterator[Text]:
    """One entry with what it reaches."""
    sign, style = said_of.SIGNS[one.ease]
    yield from wrapped(console, Text(called(one.entry), "bold"), Text(f"{sign} ", style), "  ")
    who = [CALLERS[one.caller]] if one.entry.kind is EntryKind.ROUTE or one.caller == "internal" else []
    head = Text(" · ".join([*who, *facts(one.entry)]), "dim")
    where = Text(place(one.entry.origin), "dim")
    if head and 2 + head.cell_len + 2 + where.cell_len <= console.width:
        yield whole(head.append("  ").append_text(where), "  ")
    else:
        yield from wrapped(console, head, "  ", "  ") if head else ()
        yield whole(where, "  ")
    rows = said_of.rows(one, policy, short=True)
    width = _column(rows, console)
    for row in rows:
        yield from _row(console, row, width)
    for text, use in said_of.others(one):
        yield from _cell(console, use.kind.value, Text(text), "", width)
    if further := said_of.beyond(one):
        yield from wrapped(console, Text(further, "dim"), "    ", "    ")
    if one.entry.unread:
        names = enumerated([line(each, 60) for each in one.entry.unread[:4]])
        more = f" and {len(one.entry.unread) - 4} more" if len(one.entry.unread) > 4 else ""
        yield from _cell(console, "not read", Text(f"{names}{more}", "magenta"), "", width)


def _column(rows: Sequence[Row], console: Console) -> int:
    """How wide the names of models may stand beside the sentences: not at all where there is little room."""
    longest = max((len(each.models) for each in rows if len(each.models) <= _WIDEST), default=0)
    return max(longest, 8) if console.width >= 72 else 0


def _row(console: Console, row: Row, width: int) -> Iterator[Text]:
    text = Text(row.text)
    style = said_of.SIGNS[row.ease][1] if row.ease in (Ease.UNCHECKED, Ease.NOT_FOLLOWED) else ""
    if row.proof:
        text.append(f" {line(row.proof)}", "dim")
    yield from _cell(console, row.models, text, style, width)


def _cell(console: Console, head: str, text: Text, style: str, width: int) -> Iterator[Text]:
    if not width:
        yield from wrapped(console, Text(f"{head}: ", style or "bold").append_text(text), "    ", "      ")
    elif len(head) <= width:
        yield from wrapped(console, text, Text(f"    {head:<{width}}  ", style), " " * (width + 6))
    else:
        yield from wrapped(console, Text(head, style), "    ", "    ")
        yield from wrapped(console, text, " " * (width + 6), " " * (width + 6))


def _quiet(console: Console, listed: Sequence[Listed], after: bool) -> Iterator[Text]:
    """The entries that only use their caller's rights: a line each for routes, their names for methods."""
    if not listed:
        return
    if after:
        yield Text()
    sign, style = said_of.SIGNS[Ease.OWN_RIGHTS]
    if listed[0].entry.kind is EntryKind.RPC:
        names = ", ".join(name(one.entry.method) for one in listed)
        lead = Text("With the caller's own rights: ", "dim").append(names, "not dim")
        yield from wrapped(console, lead, Text(f"{sign} ", style), "  ")
        return
    for one in listed:
        head = Text(called(one.entry)).append(
            f"  {' · '.join([_FIRST_WORDS[one.caller], *facts(one.entry)])}", "dim"
        )
        if models := dict.fromkeys(map(said_of.brief, one.reaches)):
            head.append(f"  {', '.join(models)}", "dim")
        yield from wrapped(console, head, Text(f"{sign} ", style), "    ")
