"""Checks: compiled terms and how they combine.

Up to 18 `filtered_domain` evaluates every term for every record, from the last to the first, so that a term that
raises an error does so whatever the others say; 19 stops as soon as the answer is known. Terms that can't raise
are put together and evaluated in whatever way is fastest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ostiary.records.errors import RecordsError, Undecided

Call = Callable[[int], bool]
UNSET: tuple[Any, ...] = (False,)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A test whether a value (`many`: one of several; none count as False) is one of some constants.

    `column` is None for the record's own id.
    """

    column: Any
    values: frozenset[Any]
    negated: bool = False
    many: bool = False

    def call(self) -> Call:
        column, values = self.column, self.values
        if column is None:
            return (lambda record: record not in values) if self.negated else values.__contains__
        if self.many:
            disjoint = values.isdisjoint
            if self.negated:
                return lambda record: disjoint(column[record] or UNSET)
            return lambda record: not disjoint(column[record] or UNSET)
        if self.negated:
            return lambda record: column[record] not in values
        return lambda record: column[record] in values


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A compiled domain. `total`: it raises nothing but MissingError. `reads`: the first thing it does is to read
    a value, which raises MissingError for an id without a row. `constant` is its answer where that is known;
    `written`: because the domain has TRUE or FALSE there, not because of what a term asks.

    The others say how it is made, where it is total: a membership test, one of the records that a field holds, all
    of some checks. What is alike in several checks can then be asked once.
    """

    call: Call
    total: bool = False
    reads: bool = True
    member: Member | None = None
    constant: bool | None = None
    written: bool = False
    hop: Hop | None = None
    parts: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Hop:
    """Whether one of the records that `column` holds passes the check (none, where `negated`). `many`: it holds
    several, in a tuple; otherwise one or False."""

    column: Any
    check: Check
    many: bool = False
    negated: bool = False

    def call(self) -> Call:
        column, passes, negated = self.column, self.check.call, self.negated
        if self.many:
            if negated:
                return lambda record: not any(map(passes, column[record]))
            return lambda record: any(map(passes, column[record]))
        if negated:
            return lambda record: (one := column[record]) is False or not passes(one)
        return lambda record: (one := column[record]) is not False and passes(one)


def constant(value: bool, *, written: bool = False) -> Check:
    call = _true if value else _false
    return Check(call, total=True, reads=False, constant=value, written=written)


def _true(record: int) -> bool:
    return True


def _false(record: int) -> bool:
    return False


def member(found: Member) -> Check:
    """A membership test that raises nothing."""
    return Check(found.call(), total=True, reads=found.column is not None, member=found)


def hopping(found: Hop) -> Check:
    """A check of the records that a field holds, which raises nothing."""
    return Check(found.call(), total=True, hop=found)


def failing(error: Exception) -> Check:
    """A check that always raises."""

    def raise_(record: int) -> bool:
        raise error.with_traceback(None)

    return Check(raise_, reads=False)


def built(make: Callable[[], Check]) -> Check:
    """What `make` gives; a check that raises what it raised, since Odoo fails only where there is a record."""
    try:
        return make()
    except RecordsError as error:
        return failing(error)


def inverse(check: Check) -> Check:
    """`!`: exactly the records that the check does not accept."""
    if check.constant is not None:
        return constant(not check.constant, written=check.written)
    if check.member is not None:
        old = check.member
        return member(Member(old.column, old.values, not old.negated, old.many))
    if check.hop is not None:
        hop = check.hop
        return hopping(Hop(hop.column, hop.check, hop.many, not hop.negated))
    call = check.call
    return Check(lambda record: not call(record), check.total, check.reads)


def combine(checks: Sequence[Check], *, every: bool, eager: bool) -> Check:
    """All (or any) of the checks, in the order of the domain; `eager`: each is evaluated, the last first."""
    deciding = [check for check in checks if check.constant is (not every)]
    others = [check for check in checks if check.constant is None]
    if not others:
        known = deciding or checks
        return constant(every is not bool(deciding), written=any(check.written for check in known))
    if not eager:
        return _until(checks, every=every)
    merged = _merge(others, every=every)
    risky = [check for check in merged if not check.total]
    sure = sorted((check for check in merged if check.total), key=lambda check: not check.reads)
    if deciding:
        # The answer is known, but a record that is not there, or a term that fails, is still an error.
        sure = [*([] if any(check.reads for check in risky) else sure[:1]), deciding[0]]
    return _eager(risky[::-1], sure, every=every)


def _merge(checks: Sequence[Check], *, every: bool) -> list[Check]:
    """With tests on one column made one, where the first of them stands."""
    groups: dict[Any, list[Check]] = {}
    places: list[Check | tuple[Any, ...]] = []
    for check in checks:
        key = _merges_by(check, every=every)
        if key is None:
            places.append(check)
            continue
        if key not in groups:
            places.append(key)
        groups.setdefault(key, []).append(check)
    return [place if isinstance(place, Check) else _merged(groups[place], every=every) for place in places]


def _merge_up_to_failing(checks: Sequence[Check], *, every: bool) -> list[Check]:
    """As `_merge`, but nothing is moved past a check that may fail: where the answer is known before it, it isn't
    asked, and otherwise it fails."""
    found: list[Check] = []
    run: list[Check] = []
    for check in checks:
        if check.total:
            run.append(check)
        else:
            found += [*_merge(run, every=every), check]
            run = []
    return found + _merge(run, every=every)


def _merges_by(check: Check, *, every: bool) -> tuple[Any, ...] | None:
    """What checks have in common that can be made one; None for a check that stands alone."""
    if (one := check.member) is not None:
        if one.many and one.negated is not every:
            return None  # each of several values may be another one: only like with like
        return ("member", None if one.column is None else id(one.column), one.many)
    if (hop := check.hop) is not None:
        return None if hop.many and hop.negated is not every else ("hop", id(hop.column), hop.negated)
    return None


def _merged(checks: Sequence[Check], *, every: bool) -> Check:
    if len(checks) == 1:
        return checks[0]
    members = [check.member for check in checks if check.member is not None]
    if members:
        return member(_joined(members, every=every))
    hops = [check.hop for check in checks if check.hop is not None]
    first = hops[0]
    # No line passes P and none passes Q: none passes P or Q.
    inner = combine([hop.check for hop in hops], every=every is not first.negated, eager=False)
    return hopping(Hop(first.column, inner, first.many, first.negated))


def _joined(members: Sequence[Member], *, every: bool) -> Member:
    first = members[0]
    if len(members) == 1:
        return first
    within = [one.values for one in members if not one.negated]
    without = [one.values for one in members if one.negated]
    if every:
        if within:
            return Member(
                first.column, frozenset.intersection(*within).difference(*without), False, first.many
            )
        return Member(first.column, frozenset().union(*without), True, first.many)
    if without:
        return Member(first.column, frozenset.intersection(*without).difference(*within), True, first.many)
    return Member(first.column, frozenset().union(*within), False, first.many)


def _sure(checks: Sequence[Check], *, every: bool) -> Check:
    """All (or any) of checks that raise nothing."""
    if len(checks) == 1:
        return checks[0]
    if every:
        parts = tuple(part for check in checks for part in check.parts or (check,))
        return Check(_calls([part.call for part in parts], every=True), True, parts[0].reads, parts=parts)
    checks = indexed(checks)
    return Check(_calls([check.call for check in checks], every=False), True, checks[0].reads)


MIN_INDEXED = 4
MAX_INDEX = 100_000


def indexed(checks: Sequence[Check]) -> Sequence[Check]:
    """Alternatives of the form `value in these and ...` looked up by the value, so that many take no longer than
    few. The others are left as they are."""
    columns: dict[int, dict[int, Check]] = {}
    for place, check in enumerate(checks):
        for part in check.parts:
            if (one := part.member) is not None and one.column is not None and not (one.negated or one.many):
                columns.setdefault(id(one.column), {}).setdefault(place, part)
    best = max(columns.values(), key=_spread, default={})
    if len(best) < MIN_INDEXED or sum(len(_values(part)) for part in best.values()) > MAX_INDEX:
        return checks
    alternatives: dict[Any, list[Check]] = {}
    for place, key in best.items():
        rest = combine([part for part in checks[place].parts if part is not key], every=True, eager=False)
        for value in _values(key):
            alternatives.setdefault(value, []).append(rest)
    found = next(iter(best.values())).member
    assert found is not None
    column = found.column
    table = {value: combine(rests, every=False, eager=False).call for value, rests in alternatives.items()}
    get = table.get

    def call(record: int) -> bool:
        rest = get(column[record])
        return rest is not None and rest(record)

    return [Check(call, True, True), *(check for place, check in enumerate(checks) if place not in best)]


def _values(check: Check) -> frozenset[Any]:
    return check.member.values if check.member is not None else frozenset()


def _spread(keys: dict[int, Check]) -> tuple[int, int]:
    """How many alternatives a column tells apart, and by how many values."""
    return len(keys), len(frozenset().union(*map(_values, keys.values())))


def _eager(risky: Sequence[Check], sure: Sequence[Check], *, every: bool) -> Check:
    """Every risky one, then the sure ones until the answer is known."""
    if not risky:
        return _sure(sure, every=every)
    calls = [check.call for check in risky]
    rest = _sure(sure, every=every).call if sure else None
    if len(calls) == 1 and rest is None:
        return risky[0]

    def call(record: int) -> bool:
        decided, unknown = False, None
        for one in calls:
            try:
                if one(record) is not every:
                    decided = True
            except Undecided as error:
                unknown = unknown or error
        if decided or (rest is not None and rest(record) is not every):
            return not every
        if unknown is not None:
            raise unknown
        return every

    return Check(call, False, risky[0].reads)


def _until(checks: Sequence[Check], *, every: bool) -> Check:
    """As 19 goes: TRUE and FALSE are simplified when the domain is read, what else is known when it comes to it."""
    before: list[Check] = []
    deciding: Check | None = None
    for check in checks:
        if check.constant is None:
            if deciding is None:
                before.append(check)
        elif check.constant is not every:
            if check.written:
                return check
            deciding = deciding or check
    merged = _merge_up_to_failing(before, every=every)
    if deciding is None:
        return _lazy(merged, every=every)
    return _lazy([*merged, deciding], every=every) if merged else deciding


def _lazy(checks: Sequence[Check], *, every: bool) -> Check:
    if all(check.total for check in checks):
        return _sure(checks, every=every)
    calls = [check.call for check in checks]
    if len(calls) == 1:
        return checks[0]

    def call(record: int) -> bool:
        unknown = None
        for one in calls:
            try:
                if one(record) is not every:
                    return not every
            except Undecided as error:
                unknown = unknown or error
        if unknown is not None:
            raise unknown
        return every

    return Check(call, False, checks[0].reads)


def _calls(calls: Sequence[Call], *, every: bool) -> Call:
    """All (or any) of calls that raise nothing."""
    if len(calls) == 1:
        return calls[0]
    if len(calls) == 2:
        first, second = calls
        if every:
            return lambda record: first(record) and second(record)
        return lambda record: first(record) or second(record)

    def call(record: int) -> bool:
        for one in calls:
            if one(record) is not every:
                return not every
        return every

    return call


def some(check: Check, ids: Callable[[int], Sequence[int]], *, eager: bool) -> Call:
    """Whether the check accepts one of the records that `ids` leads to."""
    call = check.call
    if check.total:
        return lambda record: any(map(call, ids(record)))

    def careful(record: int) -> bool:
        answer, unknown = False, None
        for other in ids(record):
            try:
                if call(other):
                    if not eager:
                        return True
                    answer = True
            except Undecided as error:
                unknown = error
        if unknown is not None and not answer:
            raise unknown
        return answer

    return careful
