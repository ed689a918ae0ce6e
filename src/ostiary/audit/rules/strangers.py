"""By which alternatives of their rules share users get at records of others: what those compare of the user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from ostiary.audit.asking.facts import (
    Reach,
    audited,
    folded,
    group_of,
    held,
    held_through,
    in_context,
    is_transient,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, in_circle, limit
from ostiary.audit.asking.proofs import alone, isolation, lets_strangers_in, obstacles
from ostiary.audit.asking.rules_to_write import how_to_limit, own_records
from ostiary.audit.finding import Evidence, Severity
from ostiary.audit.rules.attributes import Attribute, attributes, compares_more_than_identity, edited
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.domain import (
    TRUE,
    And,
    Domain,
    Literal,
    Symbol,
    Term,
    conjunction,
    nodes,
    normalize,
    symbols,
    terms,
    value_to_english,
)
from ostiary.policy.audience import EVERYONE, audience_of
from ostiary.policy.definitions import AccessRight, Mode, RecordRule
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread
from ostiary.policy.semantics import PUBLIC
from ostiary.prove import Proof
from ostiary.prove.condition import sort_of
from ostiary.prove.identity import compared, identifies, may_be_empty
from ostiary.prove.verdict import Sort
from ostiary.prove.ways import Place, ways_of

_LADDER = tuple(sorted(Severity))


class Cause(Enum):
    """Why an alternative lets records of others through.

    `SHARED`: it compares with what others have too. `EDITABLE`: with what the user may change. `EMPTY`: the user
    lacks what it compares with. `OTHER`: anything else, such as the record's state, or that it is published.
    """

    SHARED = "shared"
    EDITABLE = "editable"
    EMPTY = "empty"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A smallest condition under which a record of somebody else passes, why it does, and what it compares."""

    domain: Domain
    cause: Cause
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """Records of others that an audience may read or change in `mode`, since `right` lets it in; `lacking` are the
    names of what the user does not have. Where the model was not read, there is no right and no proof."""

    label: str
    model: str
    mode: Mode
    found: Reach
    right: AccessRight | None
    proof: Proof | None
    alternatives: tuple[Alternative, ...]
    lacking: tuple[Symbol, ...] = ()

    def by(self, cause: Cause) -> tuple[Alternative, ...]:
        """The alternatives that have this cause."""
        return tuple(one for one in self.alternatives if one.cause is cause)


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule (or right, where the rule is of a module that is not audited) that lets others in by one cause.

    `rule` is the one that compares, `opened` one mode for each of `modes`, the one to show first.
    """

    label: str
    model: str
    rule: RecordRule | None
    at: AccessRight | RecordRule
    opened: tuple[Opened, ...]

    @property
    def modes(self) -> list[Mode]:
        """In which modes."""
        return [one.mode for one in self.opened]

    @property
    def shown(self) -> Opened:
        """The one whose proof is shown."""
        return self.opened[0]


def opened(policy: Policy) -> tuple[Opened, ...]:
    """Every audience, model and mode in which others' records pass by something that is compared of the user.

    Visitors are left out: they are all one user.
    """

    def find() -> tuple[Opened, ...]:
        found: dict[tuple[str, str, Mode], Opened | None] = {}
        for right, audience in rights_for_shares(policy):
            if audience.everyone or not audited(policy, right.model):
                continue
            for label in audience.labels:
                for mode in right.modes if label not in (EVERYONE, "public") else ():
                    key = (label, right.model, mode)
                    if key not in found:
                        found[key] = _opened(policy, right, label, mode)
        return (*(one for one in found.values() if one is not None), *_of_unread_models(policy))

    return remembered(policy, ("audit opened",), find)


def faults(policy: Policy, cause: Cause) -> Iterator[Fault]:
    """The rules that let others in by one cause, each once for an audience, with all modes."""
    found: dict[tuple[str, str, str], list[Opened]] = {}
    places: dict[tuple[str, str, str], tuple[RecordRule | None, AccessRight | RecordRule]] = {}
    for one in opened(policy):
        alternatives = one.by(cause)
        if not alternatives:
            continue
        used = (
            one.lacking
            if cause is Cause.EMPTY
            else tuple(
                attribute.symbol for alternative in alternatives for attribute in alternative.attributes
            )
        )
        rule = _comparing(policy, one, used)
        at = rule if rule is not None and not in_context(policy, rule.origin.module) else one.right
        if at is None:
            continue
        key = (one.label, one.model, at.xmlid)
        places.setdefault(key, (rule, at))
        found.setdefault(key, []).append(one)
    for key, ones in found.items():
        label, model, _ = key
        yield Fault(label, model, *places[key], tuple(ones))


def told_by_attribute(policy: Policy, label: str, model: str, mode: Mode) -> bool:
    """Whether all by which an audience gets at others' records is what the checks on attributes report."""
    for one in opened(policy):
        if (one.label, one.model, one.mode) == (label, model, mode):
            reference = weight(policy, model) is Weight.REFERENCE
            return all(
                alternative.cause is not Cause.OTHER
                and not (reference and alternative.cause is not Cause.EMPTY)
                for alternative in one.alternatives
            )
    return False


def graveness(policy: Policy, fault: Fault, *, less: int = 0) -> Severity:
    """How grave it is: that of the worst mode, `less` steps down, a wizard never more than low."""
    worst = max(severity(policy, fault.label, fault.model, mode) for mode in fault.modes)
    lowered = _LADDER[max(worst.rank - less, Severity.LOW.rank)]
    if is_transient(policy, fault.model):
        lowered = min(lowered, Severity.LOW)
    return fault.shown.found.lowered(lowered)


def evidence(policy: Policy, fault: Fault) -> list[Evidence]:
    """What every such finding rests on: how the audience gets in, and what its rules say."""
    one = fault.shown
    steps: list[Evidence] = []
    if one.right is not None:
        steps += [*held_through(policy, one.label, one.right.group), right_given(one.right)]
    steps += map(rule_said, one.found.rules)
    about = held(policy, fault.model)
    if about.shown:
        steps.append(Evidence(f"{fault.model} {about}"))
    return [*steps, *not_judged(policy, fault.model, one.found), *obstacles(one.proof)]


def mended(policy: Policy, fault: Fault) -> str:
    """The rule that ties the records to the user instead."""
    own = own_records(policy, fault.model)
    if isinstance(fault.at, RecordRule) and own is not None:
        return f'In {fault.at.xmlid}:\n<field name="domain_force">{own}</field>'
    return how_to_limit(policy, fault.at.origin.module, fault.model, fault.label)


def _of_unread_models(policy: Policy) -> Iterator[Opened]:
    """What rules let through by themselves on models whose modules were not read: nothing can be proved of these."""
    for rule in policy.rules:
        if not rule.active or not rule.groups or not model_unread(policy, rule.model) or not rule.modes:
            continue
        if not any(compares_more_than_identity(one) for one in symbols(rule.domain)):
            continue
        labels = dict.fromkeys(
            label for name in rule.group_names for label in audience_of(policy, name).labels
        )
        for label in labels:
            if group_of(label) != PUBLIC:
                yield from _by_shape(policy, rule, label)


def _by_shape(policy: Policy, rule: RecordRule, label: str) -> Iterator[Opened]:
    """What a rule lets through by itself, as far as its text tells."""
    model = rule.model

    def tied(_: Place, term: Term) -> frozenset[Symbol]:
        return frozenset(one for one in compared(term.value) if identifies(policy, one, False, model))

    domain = normalize(folded(policy, label, rule))
    lacking = tuple(
        one
        for term, _ in terms(domain)
        for one in compared(term.value)
        if term.operator in ("=", "in", "=?")
        and one in tied(Place((model,)), term)
        and may_be_empty(policy, one)
    )
    ways = [conjunction(way) for way in ways_of(policy, model, domain, tied) if way]
    asked = {part for part in nodes(domain) if isinstance(part, Term)}
    alternatives = []
    for way in ways:
        one = _alternative(policy, model, way, lacking=False)
        if one.cause is Cause.OTHER and any(
            _became_unset(part) and part not in asked for part in _parts(way)
        ):
            one = Alternative(way, Cause.EMPTY)
        alternatives.append(one)
    if alternatives:
        mode = Mode.READ if Mode.READ in rule.modes else rule.modes[0]
        found = replace(reach(policy, label, model, mode), rules=(rule,), group_rules=(rule,))
        yield Opened(
            label, model, mode, found, None, None, tuple(alternatives), tuple(dict.fromkeys(lacking))
        )


def _became_unset(part: Domain) -> bool:
    """Whether it is a term that asks for nothing but that a field is not set."""
    return isinstance(part, Term) and part.operator == "=" and part.value == Literal(False)


def _parts(domain: Domain) -> tuple[Domain, ...]:
    return domain.items if isinstance(domain, And) else (domain,)


def _opened(policy: Policy, right: AccessRight, label: str, mode: Mode) -> Opened | None:
    found = reach(policy, label, right.model, mode)
    if found.truth is not None or group_of(label) == PUBLIC:
        return None
    if not any(compares_more_than_identity(one) for one in symbols(found.domain)):
        return None
    if limit(policy, label, right.model, mode) is not Limit.CONDITION:
        return None
    proof = isolation(policy, label, right.model, mode)
    if proof.condition is None or not lets_strangers_in(proof):
        return None
    lacking = tuple(dict.fromkeys(_lacking(policy, found.domain, proof.condition.user)))
    domains = proof.condition.alternatives or ((TRUE,) if lacking else ())
    alternatives = tuple(_alternative(policy, right.model, domain, bool(lacking)) for domain in domains)
    return Opened(label, right.model, mode, found, right, proof, alternatives, lacking)


def _lacking(policy: Policy, domain: Domain, user: tuple[str, ...]) -> Iterator[Symbol]:
    """What of the user's is not set, where a proof says so in words."""
    for symbol in symbols(domain):
        if may_be_empty(policy, symbol) and f"{value_to_english(symbol)} is not set" in user:
            yield symbol


def _alternative(policy: Policy, model: str, domain: Domain, lacking: bool) -> Alternative:
    sorts = {part: sort_of(policy, model, [part]) for part in _parts(domain)}
    if Sort.PUBLISHING in sorts.values() or in_circle(policy, domain):
        return Alternative(domain, Cause.OTHER)
    used = tuple(
        attribute
        for part, sort in sorts.items()
        if sort is Sort.SHARED
        for attribute in attributes(policy, part)
    )
    if any(one.of_groups for one in used):
        return Alternative(domain, Cause.OTHER)
    if used:
        every = all(edited(policy, one) for one in used)
        return Alternative(domain, Cause.EDITABLE if every else Cause.SHARED, used)
    if lacking and (Sort.UNSET in sorts.values() or domain == TRUE):
        return Alternative(domain, Cause.EMPTY)
    return Alternative(domain, Cause.OTHER)


def _comparing(policy: Policy, one: Opened, used: tuple[Symbol, ...]) -> RecordRule | None:
    """The rule that compares with one of these names, and lets others in where several do."""
    for rules in (one.found.group_rules, one.found.rules):
        comparing = [rule for rule in rules if not set(symbols(rule.domain)).isdisjoint(used)]
        if len(comparing) > 1 and rules is one.found.group_rules:
            guilty = (
                rule
                for rule in comparing
                if lets_strangers_in(alone(policy, one.label, rule, one.mode, others=True))
            )
            return next(guilty, comparing[0])
        if comparing:
            return comparing[0]
    return None
