"""One finding a line of code, however many routes and methods come by it.

The checks of what a single use does (a query, a redirect, a write) say who gets there and how it is worth; here the
entries that share a line are brought together, and the way from one of them to the line is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.wording import at_most
from ostiary.audit.code.callers import Caller, caller_at, in_a_helper_of_any
from ostiary.audit.code.wording import entry_said, entry_words, source
from ostiary.audit.finding import Confidence, Evidence, Severity
from ostiary.policy.code import Entry, Given, GuardKind, Use, UseKind
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

_MOST_ENTRIES = 4
_MOST_LINES = 12
_LOOKS_LIKE = {
    GuardKind.HELPER: "this was not read, and may be a check by its name",
    GuardKind.STATE: "this asks for the state of a record, not for who asks",
    GuardKind.UNDER_SUDO: "this is asked of a record that is used as superuser, and passes for everybody",
    GuardKind.OTHER_TOKEN: "this compares the token of another record",
}
_INHERITED = re.compile(r"\bsuper\(")
Worth = tuple[Severity, Confidence]


@dataclass(slots=True)
class Line:
    """A use that is to be reported at its line, by the entry where it is gravest.

    `entries` are the others that come by it, `more` are further uses that are the same fault.
    """

    entry: Entry
    use: Use
    at: Origin
    severity: Severity
    confidence: Confidence
    entries: list[Entry] = field(default_factory=list)
    more: list[Use] = field(default_factory=list)

    @property
    def caller(self) -> Caller:
        """Who gets there."""
        return caller_at(self.entry, self.use)


def lines(
    policy: Policy, kinds: Iterable[UseKind], worth: Callable[[Entry, Use], Worth | None]
) -> Iterator[Line]:
    """The lines with uses of some kinds that are worth a finding, in the order of the code.

    None where code was not read. `worth` says how grave and how certain a use is, None where there is nothing to say.
    """
    wanted = frozenset(kinds)
    found: dict[Origin, Line] = {}
    for entry in policy.code.entries if policy.code else ():
        for use in entry.uses:
            if use.kind not in wanted or not theirs(policy, use):
                continue
            rated = worth(entry, use)
            if rated is None:
                continue
            one = Line(entry, use, place(policy, entry, use), *rated)
            known = found.setdefault(one.at, one)
            if known is not one:
                found[one.at] = _joined(known, one)
    yield from sorted(found.values(), key=lambda one: (one.at.path, one.at.line))


def once_each(found: Iterable[Line], fault: Callable[[Line], Hashable]) -> list[Line]:
    """The gravest line of each fault, where several lines are the same one; the others are its `more`."""
    first: dict[Hashable, Line] = {}
    for line in found:
        known = first.setdefault(fault(line), line)
        if known is line:
            continue
        graver, other = known, line
        if (line.severity, line.confidence) > (known.severity, known.confidence):
            graver, other = line, known
        graver.more = [*known.more, *(one for one in (other.use,) if one is not graver.use), *other.more]
        first[fault(line)] = graver
    return sorted(first.values(), key=lambda one: (one.at.path, one.at.line))


def once_by_given(found: Iterable[Line]) -> list[Line]:
    """The gravest line of each entry for what is sent to it: the lines that the same values come to are one fault, and
    so are those that come together by a value of both."""
    faults: list[tuple[Entry, set[Given]]] = []
    members: list[list[Line]] = []
    for line in found:
        values = set(sent(line.use.written))
        same = [
            number
            for number, (entry, given) in enumerate(faults)
            if entry is line.entry and not given.isdisjoint(values)
        ]
        first = same[0] if same else len(faults)
        if not same:
            faults.append((line.entry, set()))
            members.append([])
        for number in reversed(same[1:]):
            faults[first][1].update(faults.pop(number)[1])
            members[first].extend(members.pop(number))
        faults[first][1].update(values)
        members[first].append(line)
    numbers = {id(line): number for number, lines in enumerate(members) for line in lines}
    return once_each([line for lines in members for line in lines], lambda line: numbers[id(line)])


def _joined(known: Line, other: Line) -> Line:
    """Two ways to one line: the graver stays, and the other's entry is named beside it."""
    first, second = known, other
    if (other.severity, other.confidence) > (known.severity, known.confidence):
        first, second = other, known
    entries = [*known.entries, *other.entries, second.entry]
    first.entries = [one for one in {id(one): one for one in entries}.values() if one is not first.entry]
    return first


def theirs(policy: Policy, use: Use) -> bool:
    """Whether the code that is audited does it, and not what it only overrides: code that was read for context alone is
    none of its business, unless it was called on purpose."""
    if not in_context(policy, use.origin.module):
        return True
    called = [step for step in use.steps if not in_context(policy, step.origin.module)]
    return bool(called) and not _INHERITED.search(called[-1].text)


def place(policy: Policy, entry: Entry, use: Use) -> Origin:
    """The line to change: that of the use, or the nearest on the way to it in the code that is audited."""
    if use.steps and in_a_helper_of_any(entry, use) and not in_context(policy, use.steps[0].origin.module):
        return use.steps[0].origin
    for origin in (use.origin, *(step.origin for step in reversed(use.steps))):
        if not in_context(policy, origin.module):
            return origin
    return entry.origin


def way(line: Line, done: str) -> list[Evidence]:
    """The steps from the request to the line; `done` says what is done there, followed by its source."""
    use = line.use
    steps = [Evidence(entry_said(line.entry), line.entry.origin)]
    steps += [Evidence(source(step.text), step.origin) for step in use.steps]
    if use.chosen_at is not None and use.chosen and use.chosen_at != use.origin:
        steps.append(Evidence(f"the records are got hold of: {source(use.chosen)}", use.chosen_at))
    steps.append(Evidence(f"{done}: {source(use.text)}", use.origin))
    steps += [
        Evidence(f"{_LOOKS_LIKE[one.kind]}: {source(one.text)}", one.origin)
        for one in use.looks
        if one.kind in _LOOKS_LIKE
    ][:_MOST_ENTRIES]
    steps += _here_too(line)
    if line.entries:
        names = at_most(sorted({entry_words(one) for one in line.entries}), _MOST_ENTRIES)
        steps.append(Evidence(f"reached too by {names}"))
    if not use.certain:
        steps.append(Evidence("not certain: something on the way was not read, and might check"))
    return steps


def _here_too(line: Line) -> Iterator[Evidence]:
    """The other lines of the same fault, each once."""
    others = {one.origin: one for one in line.more if one.origin != line.use.origin}
    for one in list(others.values())[:_MOST_LINES]:
        yield Evidence(f"here too: {source(one.text)}", one.origin)
    if len(others) > _MOST_LINES:
        yield Evidence(f"and at {len(others) - _MOST_LINES} lines more")


def sureness(use: Use, caller: Caller, surest: Confidence = Confidence.HIGH) -> Confidence:
    """How certain it is that the caller gets there: less where something was not read, or may check by its name."""
    if not caller.known or any(one.kind is GuardKind.HELPER for one in use.looks):
        return Confidence.LOW
    return surest if use.certain else min(surest, Confidence.MEDIUM)


def sent(given: Iterable[Given]) -> tuple[Given, ...]:
    """What of some values the caller writes freely: not the ids that a method is called on."""
    return tuple(one for one in given if one.source != "self")
