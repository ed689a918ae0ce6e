"""Definitions that do nothing: rules first, then access rights, which are many, in short; and the words for them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec
from rich.console import Console
from rich.text import Text

from ostiary import __version__
from ostiary.policy import MODES, AccessRight, Origin, Policy, RecordRule
from ostiary.policy.memo import remembered
from ostiary.prove import Waste
from ostiary.report.lines import put, whole, wrapped
from ostiary.report.text import enumerated, line, name, place, plural

_MOST_SHORT = 12  # rights of a section that are said one by one
_MOST_MODULES = 12
_MOST_EACH = 3


class Group(StrEnum):
    """What sort of thing does nothing, what is worth most to read in front."""

    RULES = "rules"
    NOTHING = "rights-that-give-nothing"
    REPEATED = "rights-that-repeat"


class Idle(msgspec.Struct, frozen=True):
    """A definition that does nothing, with where it stands.

    `by` are the definitions that make it so, `beyond` their modules that its own module does not depend on: without
    these it would do something.
    """

    waste: Waste
    group: Group
    module: str
    origin: Origin
    by: tuple[tuple[str, Origin], ...]
    beyond: tuple[str, ...]


_TITLES = {
    Group.RULES: ("Record rules that do nothing", "without them, everybody could do what they can"),
    Group.NOTHING: ("Access rights that give nothing", "none of the four modes, where nothing else is said"),
    Group.REPEATED: (
        "Access rights that repeat what another gives",
        "whoever has one of these has what it gives without it",
    ),
}
_WORDS = {
    "vacuous": "limits nobody",
    "redundant": "repeats others",
    "shadowed": "overruled",
    "never-applies": "binds nobody",
    "grants-nothing": "gives nothing",
}
_SIGN, _STYLE = "○", "yellow"
_COUNTED = {
    Group.RULES: ("record rule", ""),
    Group.NOTHING: ("access right that gives nothing", "access rights that give nothing"),
    Group.REPEATED: ("access right that repeats what another gives", "access rights that repeat what others give"),
}  # fmt: skip


def idle(found: Iterable[Waste], policy: Policy) -> list[Idle]:
    """What does nothing, with where it stands: rules first, then rights, each in the order in which they were found."""
    known = _definitions(policy)
    made = [_idle(one, known, policy) for one in found]
    order = list(Group)
    return sorted(made, key=lambda one: order.index(one.group))


def title(group: Group) -> tuple[str, str]:
    """What a group is called, and what it means."""
    return _TITLES[group]


def word(one: Idle) -> str:
    """The kind in plain words."""
    return _WORDS.get(one.waste.kind) or name(one.waste.kind)


def why(one: Idle) -> str:
    """Why it does nothing, in a sentence or two."""
    return one.waste.why + (f" {besides(one)}" if one.beyond else "")


def besides(one: Idle) -> str:
    """That it would do something without a module that its own does not depend on; empty where there is none."""
    if not one.beyond:
        return ""
    return f"It may do something where {enumerated(one.beyond, 'or')} is not installed."


def modes(one: Idle) -> str:
    """`read, write`; `all modes`; empty for none."""
    return "all modes" if one.waste.modes == MODES else ", ".join(one.waste.modes)


def by_module(found: Iterable[Idle]) -> list[tuple[str, list[Idle]]]:
    """What does nothing by module, that with the most first; in a module, what does nothing without others' help."""
    modules: dict[str, list[Idle]] = {}
    for one in found:
        modules.setdefault(one.module, []).append(one)
    for same in modules.values():
        same.sort(key=lambda one: bool(one.beyond))
    return sorted(modules.items(), key=lambda each: (-len(each[1]), each[0]))


def summary(found: Sequence[Idle]) -> str:
    """`3 definitions do nothing: 1 record rule and 2 access rights that give nothing`, as a sentence."""
    if not found:
        return "No access right or record rule was found that does nothing."
    parts = [
        plural(count, *_COUNTED[group])
        for group in Group
        if (count := sum(one.group is group for one in found))
    ]
    do = "does" if len(found) == 1 else "do"
    return f"{plural(len(found), 'definition')} {do} nothing: {enumerated(parts)}."


def conclusion(found: Sequence[Idle]) -> str:
    """What follows from it."""
    if not found:
        return ""
    said = "It can go" if len(found) == 1 else "All of them can go at once"
    helped = sum(bool(one.beyond) for one in found)
    what = f"{helped:,} of them" if len(found) > 1 else "It"
    more = f" {what} {'do' if helped > 1 else 'does'} nothing only because of modules that need not be there."
    return f"{said}: everybody could still do what they can now.{more if helped else ''}"


LIMITS = (
    "It is so where all these modules are installed as they were read. Code may still look a definition up by its "
    "external id, or switch it off and on, and Odoo warns of a model that has no access right at all."
)


def _definitions(policy: Policy) -> dict[str, AccessRight | RecordRule]:
    def index() -> dict[str, AccessRight | RecordRule]:
        rights: dict[str, AccessRight | RecordRule] = {one.xmlid: one for one in policy.rights}
        return rights | {one.xmlid: one for one in policy.rules}

    return remembered(policy, ("report waste definitions",), index)


def _idle(one: Waste, known: dict[str, AccessRight | RecordRule], policy: Policy) -> Idle:
    found = known.get(one.definition)
    origin = found.origin if found is not None else Origin(path="", line=0)
    by = [(each, known[each].origin) for each in one.by if each in known]
    group = Group.RULES
    if not isinstance(found, RecordRule):
        group = Group.REPEATED if one.kind == "redundant" else Group.NOTHING
    near = _needed(policy, origin.module)
    beyond = dict.fromkeys(where.module for _, where in by if where.module not in near and where.module)
    return Idle(one, group, origin.module, origin, tuple(by), tuple(beyond))


def _needed(policy: Policy, module: str) -> frozenset[str]:
    """A module and what it depends on, at any distance."""

    def find() -> frozenset[str]:
        found: set[str] = set()
        waiting = [module, "base"]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                known = policy.modules.get(here)
                waiting += known.depends if known is not None else ()
        return frozenset(found)

    return remembered(policy, ("report waste depends", module), find)


# -- for a terminal --------------------------------------------------------------------------------------------


def render(found: Sequence[Waste], policy: Policy, console: Console, *, targets: Sequence[str] = ()) -> None:
    """Print what does nothing to a console, as wide as that is."""
    put(console, _lines(idle(found, policy), policy, console, targets))


def as_text(found: Sequence[Waste], policy: Policy, *, targets: Sequence[str] = (), width: int = 100) -> str:
    """What does nothing as plain text."""
    out = io.StringIO()
    render(found, policy, Console(file=out, width=width, no_color=True), targets=targets)
    return out.getvalue()


def _lines(found: Sequence[Idle], policy: Policy, console: Console, targets: Sequence[str]) -> Iterator[Text]:
    heading = Text().append("Ostiary", "bold").append(f" {__version__}", "dim")
    heading.append(f" · Odoo {name(policy.odoo)}")
    if targets:
        heading.append(" · " + ", ".join(name(str(target)) for target in targets))
    yield from wrapped(console, heading)
    for group in Group:
        listed = [one for one in found if one.group is group]
        if not listed:
            continue
        yield Text()
        yield _rule(console, group, len(listed))
        if group is Group.RULES or len(listed) <= _MOST_SHORT:
            for one in listed:
                yield Text()
                yield from _whole(console, one)
        else:
            yield from _short(console, listed)
    yield Text()
    yield Text("─" * console.width, "dim")
    yield from wrapped(console, Text(summary(found), "bold"))
    if found:
        yield from wrapped(console, Text(conclusion(found)))
        yield from wrapped(console, Text(LIMITS, "dim"))


def _rule(console: Console, group: Group, count: int) -> Text:
    called, means = title(group)
    text = Text().append(f"{called.upper()} · {count:,}", _STYLE)
    fits = text.cell_len + len(means) + 3 < console.width
    text.append(f"  {means} " if fits else " ", "dim")
    return text.append("─" * max(console.width - text.cell_len, 4), "dim")


def _whole(console: Console, one: Idle) -> Iterator[Text]:
    """A definition with all that is to be said about it."""
    head = Text().append(name(one.waste.definition), "bold").append(f"  {name(one.waste.model)}", "dim")
    shown = " · ".join(each for each in (word(one), modes(one)) if each)
    yield from wrapped(console, head.append(f"  ·  {shown}"), Text(f"{_SIGN} ", _STYLE), "  ")
    yield from wrapped(console, Text(line(why(one))), "  ", "  ")
    yield from _place(console, "", one.origin)
    for called, where in one.by:
        yield from _place(console, f"{name(called)}  ", where)


def _brief(one: Idle) -> str:
    """Why an access right does nothing, as short as can be; empty where the section's title says it."""
    if one.group is Group.REPEATED and one.by:
        return " ".join(
            [f"Given by {enumerated(called for called, _ in one.by)} too.", besides(one)]
        ).rstrip()
    return why(one) if one.waste.modes else ""


def _place(console: Console, called: str, where: Origin) -> Iterator[Text]:
    shown = place(where)
    if called and len(called) + len(shown) + 4 > console.width:
        yield whole(Text(called.rstrip(), "dim"), "    ")
        yield whole(Text(shown, "dim"), "      ")
        return
    yield whole(Text(f"{called}{shown}", "dim"), "    ")


def _short(console: Console, listed: Sequence[Idle]) -> Iterator[Text]:
    """Access rights by module: how many, and the first few."""
    modules = by_module(listed)
    for module, same in modules[:_MOST_MODULES]:
        yield Text()
        yield Text(f"  {name(module) or 'no module'} · {len(same):,}", "bold")
        for one in same[:_MOST_EACH]:
            called = name(one.waste.definition.removeprefix(f"{module}."))
            head = Text(called).append(f"  {name(one.waste.model)}", "dim")
            yield from wrapped(console, head, f"  {_SIGN} ", "    ")
            if said := _brief(one):
                yield from wrapped(console, Text(line(said), "dim"), "      ", "      ")
            yield whole(Text(place(one.origin), "dim"), "      ")
        if len(same) > _MOST_EACH:
            yield Text(f"    and {len(same) - _MOST_EACH:,} more", "dim")
    rest = modules[_MOST_MODULES:]
    if rest:
        count = sum(len(same) for _, same in rest)
        yield Text()
        said = f"and {count:,} more in {plural(len(rest), 'other module')}"
        yield from wrapped(console, Text(said, "dim"), "  ", "  ")
    if rest or any(len(same) > _MOST_EACH for _, same in modules):
        yield from wrapped(console, Text("--format json has all of them.", "dim"), "  ", "  ")
