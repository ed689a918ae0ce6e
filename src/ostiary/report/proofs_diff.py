"""What a change of definitions lets somebody do: for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec
from rich.console import Console
from rich.text import Text

from ostiary import __version__
from ostiary.policy import MODES, AccessRight, Mode, Policy, RecordRule
from ostiary.prove import Change, Difference, Witness
from ostiary.report.lines import put, whole, wrapped
from ostiary.report.proofs import label
from ostiary.report.proofs_asked import AGREED, unread
from ostiary.report.proofs_story import Teller, Told
from ostiary.report.proofs_terminal import part
from ostiary.report.text import enumerated, line, name, place, plural
from ostiary.report.words import audience_label, audience_rank

_ORDER = (Change.MORE, Change.INCOMPARABLE, Change.UNKNOWN, Change.LESS, Change.EQUIVALENT)
_TITLES = {
    Change.MORE: ("More", "records are reached that were not", "+", "bold red"),
    Change.INCOMPARABLE: (
        "More and less",
        "some are reached that were not, others no longer",
        "±",
        "bold red",
    ),
    Change.UNKNOWN: ("Not known", "it rests on something that can't be read", "?", "magenta"),
    Change.LESS: ("Less", "records are no longer reached", "−", "green"),
    Change.EQUIVALENT: ("The same", "", "=", "dim"),
}
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#|~!])")


class Changed(msgspec.Struct, frozen=True):
    """Differences that say the same, for several audiences and modes; `first` is one of them.

    They are of one model; of several where all that is said is why something is not known.
    """

    first: Difference
    models: tuple[str, ...]
    audiences: tuple[str, ...]
    modes: tuple[Mode, ...]


def joined(found: Sequence[Difference]) -> list[Changed]:
    """The differences, those that say the same together; what is wider first."""
    alike: dict[tuple[object, ...], list[Difference]] = {}
    said: object
    for one in found:
        why = tuple(each.text for each in one.unknown)
        said = (
            ("", one.change, (), why, one.defect)
            if why
            else (one.model, one.change, one.causes, why, one.defect)
        )
        alike.setdefault((said, label(one.audience)), []).append(one)
    together: dict[tuple[object, ...], list[Difference]] = {}
    for (said, _), same in alike.items():
        together.setdefault((said, tuple(dict.fromkeys(one.mode for one in same))), []).extend(same)
    changes = [
        Changed(
            same[0],
            tuple(sorted({one.model for one in same})),
            tuple(sorted({label(one.audience) for one in same}, key=audience_rank)),
            tuple(mode for mode in MODES if any(one.mode is mode for one in same)),
        )
        for same in together.values()
    ]
    return sorted(
        changes,
        key=lambda one: (_ORDER.index(one.first.change), one.first.model,
                         [audience_rank(each) for each in one.audiences], [MODES.index(each) for each in one.modes]),
    )  # fmt: skip


def summary(found: Sequence[Difference], nothing: str = "") -> str:
    """`3 differences: 1 more, 2 less.`, or that there are none. `nothing`: why nothing was compared."""
    if not found:
        return nothing or "No difference: everybody reaches what they reached."
    tally = Counter(one.change for one in found)
    parts = ", ".join(f"{tally[one]:,} {_TITLES[one][0].lower()}" for one in _ORDER if tally[one])
    return f"{plural(len(found), 'difference')}: {parts}."


# -- for a terminal --------------------------------------------------------------------------------------------


def render(
    found: Sequence[Difference],
    old: Policy,
    new: Policy,
    console: Console,
    *,
    targets: Sequence[str] = (),
    witness: bool = False,
    nothing: str = "",
    agreed: bool = False,
) -> None:
    """Print the differences to a console. `witness` shows the records of each witness.

    `nothing` says why nothing was compared, where that is so; `agreed`: a second solver was asked too.
    """
    said = [*([AGREED] if agreed and found else []), *unread(old, new)]
    put(
        console,
        _lines(found, old, new, console, targets=targets, witness=witness, nothing=nothing, besides=said),
    )


def as_text(
    found: Sequence[Difference],
    old: Policy,
    new: Policy,
    *,
    targets: Sequence[str] = (),
    witness: bool = False,
    nothing: str = "",
    agreed: bool = False,
    width: int = 100,
) -> str:
    """The differences as plain text."""
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True)
    render(found, old, new, console, targets=targets, witness=witness, nothing=nothing, agreed=agreed)
    return out.getvalue()


def _lines(
    found: Sequence[Difference],
    old: Policy,
    new: Policy,
    console: Console,
    *,
    targets: Sequence[str],
    witness: bool,
    nothing: str,
    besides: Sequence[str],
) -> Iterator[Text]:
    heading = (
        Text().append("Ostiary", "bold").append(f" {__version__}", "dim").append(f" · {_versions(old, new)}")
    )
    if targets:
        heading.append(" · " + " → ".join(name(str(target)) for target in targets))
    yield from wrapped(console, heading)
    for change, same in groupby(joined(found), key=lambda one: one.first.change):
        called, means, _, style = _TITLES[change]
        listed = list(same)
        yield Text()
        title = Text(called.upper(), style).append(f"  {means} ", "not bold dim default")
        yield title.append("─" * max(console.width - title.cell_len, 4), "not bold dim default")
        for one in listed:
            yield Text()
            yield from _changed(console, one, old, new, witness)
    yield Text()
    yield from wrapped(console, Text(summary(found, nothing), "bold"))
    for said in besides:
        yield from wrapped(console, Text(said))
    assumptions = dict.fromkeys(said for one in found for said in one.assumptions)
    for said in assumptions:
        yield from wrapped(console, Text(f"Taken for granted: {line(said)}", "dim"))


def _changed(console: Console, one: Changed, old: Policy, new: Policy, witness: bool) -> Iterator[Text]:
    _, _, sign, style = _TITLES[one.first.change]
    head = Text().append(", ".join(map(name, one.models)), "bold")
    head.append(f"  ·  {line(audiences(one))}  ·  {', '.join(mode.value for mode in one.modes)}")
    yield from wrapped(console, head, Text(f"{sign} ", style), "  ")
    for said, told in _stories(one.first, old, new):
        yield from wrapped(console, Text(line(f"{said} {told.sentence}")), "  → ", "    ")
        for record in told.parts if witness else ():
            yield from part(console, record)
    for unknown in one.first.unknown:
        yield from wrapped(console, Text(f"Not known: {line(unknown.text)}", "magenta"), "  ", "  ")
    for cause, where in causes(one.first, old, new) if len(one.models) == 1 else ():
        yield from wrapped(console, Text(cause, "dim"), "    ", "      ")
        for each in where:
            yield whole(Text(each, "dim"), "      ")


def _stories(one: Difference, old: Policy, new: Policy) -> Iterator[tuple[str, Told]]:
    """What is gained and what is lost, told."""
    sides: tuple[tuple[str, Witness | None, Policy], ...] = (
        ("Now:", one.gained, new),
        ("No longer:", one.lost, old),
    )
    for said, witness, policy in sides:
        if witness is not None:
            yield said, Teller(policy).tell(witness, one.audience, one.mode)


def _versions(old: Policy, new: Policy) -> str:
    return f"Odoo {name(old.odoo)}" + (f" → {name(new.odoo)}" if old.odoo != new.odoo else "")


def audiences(one: Changed) -> str:
    """`portal users and public visitors`."""
    words = [audience_label(each) for each in one.audiences]
    return enumerated(word if "." in word else word[0].lower() + word[1:] for word in words)


def causes(one: Difference, old: Policy, new: Policy) -> list[tuple[str, list[str]]]:
    """The definitions that made it so: what became of each, and where it stands now, or stood."""
    found: list[tuple[str, list[str]]] = []
    before, after = _index(old), _index(new)
    for xmlid in one.causes:
        was, is_ = before.get(xmlid), after.get(xmlid)
        here = is_ or was
        if here is None:
            found.append((f"{name(xmlid)} changed", []))
            continue
        became = "is new" if was is None else "is gone" if is_ is None else "changed"
        sort = "access right" if isinstance(here, AccessRight) else "record rule"
        found.append((f"The {sort} {name(xmlid)} {became}", [place(here.origin)]))
    return found


def _index(policy: Policy) -> dict[str, AccessRight | RecordRule]:
    found: dict[str, AccessRight | RecordRule] = {one.xmlid: one for one in policy.rights}
    return found | {one.xmlid: one for one in policy.rules}


# -- as Markdown -----------------------------------------------------------------------------------------------


def as_markdown(
    found: Sequence[Difference],
    old: Policy,
    new: Policy,
    *,
    targets: Sequence[str] = (),
    nothing: str = "",
) -> str:
    """The differences as Markdown: a table of what is wider, and the rest in short."""
    lines = ["### Who may do what: what changes", "", _plain(summary(found, nothing)), ""]
    if targets:
        lines[2] += f" ({_plain(' → '.join(name(str(each)) for each in targets))})"
    if said := unread(old, new):
        lines += [_plain(" ".join(said)), ""]
    changes = joined(found)
    if changes:
        lines += ["| | model | who | mode | what shows it | why |", "|---|---|---|---|---|---|"]
    for one in changes:
        shown = [f"{said} {told.sentence}" for said, told in _stories(one.first, old, new)]
        shown += [f"Not known: {each.text}" for each in one.first.unknown]
        why = [
            f"{cause} ({', '.join(where)})" if where else cause
            for cause, where in causes(one.first, old, new)
        ]
        why = why if len(one.models) == 1 else []
        cells = [
            _TITLES[one.first.change][0].lower(),
            ", ".join(map(name, one.models)),
            line(audiences(one)),
            ", ".join(mode.value for mode in one.modes),
            line(" ".join(shown)),
            line("; ".join(why)),
        ]
        lines.append("| " + " | ".join(_plain(cell) for cell in cells) + " |")
    return "\n".join(lines).rstrip() + "\n"


def _plain(text: str) -> str:
    """Text in which nothing is markup, nor mentions anybody."""
    return _MARKS.sub(r"\\\1", text).replace("@", "&#64;")
