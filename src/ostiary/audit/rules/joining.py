"""Ties that somebody makes for themselves: a rule asks for a record of another model that lists the user (an enrolment,
a membership), and the same audience may create such records and choose freely what they are about.

Source: `models.create` checks the access right and the rules on what was created, and asks nobody about the records
that its many2one fields point to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from ostiary.audit.asking.facts import Reach, audited, groups_held, reach, rights_for_shares, weight
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.domain import (
    Domain,
    Subdomain,
    Symbol,
    Term,
    find_operator,
    opaques,
    symbols,
    term_to_odoo,
    terms,
)
from ostiary.policy.definitions import AccessRight, Kind, Mode, RecordRule
from ostiary.policy.memo import remembered
from ostiary.policy.paths import Step, field_of, walk
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting
from ostiary.policy.semantics import PUBLIC
from ostiary.policy.subject import Subject
from ostiary.prove.identity import compared, identifies
from ostiary.prove.ways import Place, ways_of

USERS = "res.users"


@dataclass(frozen=True, slots=True)
class Joining:
    """An audience that gets at records of `model` by creating one of `member`: `rule` asks for one, `link` is its field
    that says what it is about, and `created_by` the right by which it is created."""

    label: str
    model: str
    modes: tuple[Mode, ...]
    right: AccessRight
    rule: RecordRule
    member: str
    link: str
    created_by: AccessRight
    found: Reach


def joinings(policy: Policy) -> tuple[Joining, ...]:
    """Every such way in, once for an audience, a rule and a model of members. Visitors are left out: nothing lists
    one of them."""

    def find() -> tuple[Joining, ...]:
        found: dict[tuple[str, str, str], Joining] = {}
        for right, audience in rights_for_shares(policy):
            if audience.everyone or not audited(policy, right.model):
                continue
            if weight(policy, right.model) is Weight.REFERENCE:
                continue
            for label in audience.labels:
                for mode in right.modes:
                    for one in _joinings(policy, right, label, mode):
                        key = (label, one.rule.xmlid, one.member)
                        found[key] = _with_mode(found.get(key, one), mode)
        return tuple(found.values())

    return remembered(policy, ("audit joinings",), find)


def _with_mode(one: Joining, mode: Mode) -> Joining:
    return replace(one, modes=tuple(dict.fromkeys((*one.modes, mode))))


def _joinings(policy: Policy, right: AccessRight, label: str, mode: Mode) -> Iterator[Joining]:
    if PUBLIC in groups_held(policy, label):
        return
    model, found = right.model, reach(policy, label, right.model, mode)
    free: dict[str, tuple[Term, str, str, AccessRight]] = {}
    for term, member, link in _members(policy, model, found.domain):
        created_by = _may_create(policy, label, member, link)
        if created_by is not None:
            free[_key(term)] = (term, member, link, created_by)
    if not free:
        return
    below = {term.path for term, *_ in free.values() if isinstance(term.value, Subdomain)}

    def tied(place: Place, term: Term) -> frozenset[Symbol]:
        if (not place.hops and _key(term) in free) or (place.hops and place.hops[0] in below):
            return frozenset()
        itself = term.path == "id" and not place.hops
        return frozenset(one for one in compared(term.value) if identifies(policy, one, itself, place.model))

    for way in ways_of(policy, model, found.domain, tied):
        for part in way:
            if not isinstance(part, Term) or _key(part) not in free:
                continue
            term, member, link, created_by = free[_key(part)]
            rule = _asking(found, term)
            if rule is not None:
                yield Joining(label, model, (mode,), right, rule, member, link, created_by, found)


def _key(term: Term) -> str:
    """What tells terms apart: their text, of those with a subdomain the field alone."""
    return term.path if isinstance(term.value, Subdomain) else term_to_odoo(term)


def _members(policy: Policy, model: str, domain: Domain) -> Iterator[tuple[Term, str, str]]:
    """The terms that ask for a record which lists the user, its model, and its field that says what it is about."""
    for term, negated in terms(domain):
        operator = find_operator(term.operator)
        if negated or operator is None or operator.negative:
            continue
        used = [one for one in symbols(term.value) if one.root == "user"]
        for step in walk(policy, model, term.path) if used else ():
            if isinstance(step, Step) and step.field.type == "one2many" and step.field.inverse:
                yield term, step.field.comodel or "", step.field.inverse
                break
        for symbol in used:
            for step, after in pairwise(walk(policy, USERS, ".".join(symbol.path), python=True)):
                if not isinstance(step, Step) or not isinstance(after, Step):
                    continue
                if step.field.type == "one2many" and after.field.type == "many2one":
                    yield term, after.model, after.field.name


def _may_create(policy: Policy, label: str, member: str, link: str) -> AccessRight | None:
    """The right by which an audience creates such records with any value in the field, if it does."""
    known, field = policy.models.get(member), field_of(policy, member, link)
    if known is None or known.kind is not Kind.MODEL or field is None:
        return None
    if field.type != "many2one" or field.related or field.compute or field.groups or not field.store:
        return None
    subject = Subject(name=label, groups=groups_held(policy, label))
    rights = granting(policy, subject, member, Mode.CREATE)
    if not rights:
        return None
    found = reach(policy, label, member, Mode.CREATE)
    if found.truth is False or found.unknowns or any(opaques(found.domain)):
        return None
    asked = {term.path.partition(".")[0] for term, _ in terms(found.domain)}
    return None if link in asked or "id" in asked else rights[0]


def _asking(found: Reach, term: Term) -> RecordRule | None:
    """The rule that the term stands in."""
    names = set(symbols(term.value))
    for rule in (*found.group_rules, *found.rules):
        for other, _ in terms(rule.domain):
            if other.path == term.path and set(symbols(other.value)) == names:
                return rule
    return None
