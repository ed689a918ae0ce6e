"""Rules that look meant for share users and are bound to groups which those users don't have.

That such a rule would do for them is proved: bound to their group, it leaves them their own records alone. That it is
meant for them is told by its name, by what it compares, and by its doing nothing where it is bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import msgspec

from ostiary.audit.asking.facts import audited, group_of, groups_held, reach, rights_for_shares
from ostiary.audit.asking.limits import Limit, limit, limit_of
from ostiary.audit.asking.proofs import prover_of
from ostiary.audit.asking.wording import enumerated, rule_words, sentence
from ostiary.audit.finding import Confidence, Evidence
from ostiary.domain import Domain, Term, nodes, opaques, symbols, truth
from ostiary.policy.audience import share_groups
from ostiary.policy.definitions import GroupLink, Mode, RecordRule
from ostiary.policy.groups import closure
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

# How people outside the company are called: words that name them in a rule's name or external id.
_OUTSIDERS = frozenset(
    {
        "applicant",
        "borrower",
        "client",
        "contractor",
        "customer",
        "donor",
        "external",
        "guardian",
        "guest",
        "parent",
        "passenger",
        "patient",
        "portal",
        "pupil",
        "renter",
        "reseller",
        "resident",
        "student",
        "subscriber",
        "supplier",
        "tenant",
        "vendor",
        "visitor",
    }
)
_CUSTOMER = frozenset({"partner_id", "commercial_partner_id"})
_MOST_PROVED = 8  # of more rules that look so, the first ones are enough
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A rule that an audience lacks.

    `word` is what names them in it, `idle` the rule that makes it do nothing where it is bound, `apart` says that it
    is bound to a group of other share users only.
    """

    rule: RecordRule
    word: str
    idle: RecordRule | None
    apart: bool

    @property
    def confidence(self) -> Confidence:
        """How certain it is that it was meant for them."""
        signs = sum((bool(self.word), self.idle is not None, self.apart))
        return Confidence.HIGH if signs > 1 or self.apart else Confidence.MEDIUM


def misplaced(policy: Policy, label: str, model: str, mode: Mode) -> tuple[Misplaced, ...]:
    """The rules that would limit an audience to its own records if they were bound to its group, where none does."""

    def find() -> tuple[Misplaced, ...]:
        if not _unlimited(policy, label, model, mode):
            return ()
        candidates = (_candidate(policy, label, rule, mode) for rule in policy.rules_by_model.get(model, ()))
        likely = islice((one for one in candidates if one is not None), _MOST_PROVED)
        return tuple(one for one in likely if _would_do(policy, label, one.rule, mode))

    return remembered(policy, ("audit misplaced", label, model, mode), find)


def misplaced_rules(policy: Policy) -> frozenset[str]:
    """The external ids of all rules that look meant for share users who have a right and lack the rule."""

    def find() -> frozenset[str]:
        return frozenset(
            found.rule.xmlid
            for right, audience in rights_for_shares(policy)
            if not audience.everyone and audited(policy, right.model)
            for label in audience.labels
            for mode in right.modes
            for found in misplaced(policy, label, right.model, mode)
        )

    return remembered(policy, ("audit misplaced",), find)


def lacking_rules(policy: Policy, label: str, model: str, mode: Mode) -> Iterator[Evidence]:
    """The rules that look meant for an audience and don't bind it, as evidence."""
    for found in misplaced(policy, label, model, mode):
        bound = enumerated(found.rule.group_names)
        text = f"{rule_words(found.rule)} looks meant for them, but is bound to {bound}"
        yield Evidence(sentence(text), found.rule.groups[0].origin)


def _unlimited(policy: Policy, label: str, model: str, mode: Mode) -> bool:
    if not any(rule.groups for rule in policy.rules_by_model.get(model, ())):
        return False
    if reach(policy, label, model, mode).group_rules:
        return False
    return limit(policy, label, model, mode) in (Limit.NONE, Limit.COMPANY)


def _candidate(policy: Policy, label: str, rule: RecordRule, mode: Mode) -> Misplaced | None:
    if rule.is_global or rule.uncertain or rule.groups_uncertain or mode not in rule.modes:
        return None
    if truth(rule.domain) is not None or any(opaques(rule.domain)) or not _compares_user(rule.domain):
        return None
    found = Misplaced(
        rule, _word(policy, label, rule), _idle(policy, rule, mode), _apart(policy, label, rule)
    )
    return found if _meant(found) else None


def _meant(found: Misplaced) -> bool:
    """Whether enough says that the rule is for people outside: a name alone may speak of what staff work on."""
    domain = found.rule.domain
    if found.apart or (found.word and found.idle is not None):
        return True
    if _compares_partner(domain):
        return bool(found.word) or found.idle is not None
    paths = [node.path for node in nodes(domain) if isinstance(node, Term)]
    return bool(found.word) and any(found.word in _words(path) for path in paths)


def _compares_user(domain: Domain) -> bool:
    return any(
        symbol.root == "user"
        for node in nodes(domain)
        if isinstance(node, Term)
        for symbol in symbols(node.value)
    )


def _compares_partner(domain: Domain) -> bool:
    return any(
        symbol.root == "user" and not _CUSTOMER.isdisjoint(symbol.path)
        for node in nodes(domain)
        if isinstance(node, Term)
        for symbol in symbols(node.value)
    )


def _word(policy: Policy, label: str, rule: RecordRule) -> str:
    """A word of the rule's name that means people outside, or this audience, and doesn't name its groups too."""
    group = group_of(label) or ""
    theirs = set(_words(group)) - {"base", "group", "user", group.partition(".")[0]}
    bound = {word for name in rule.group_names for word in _words(name, _title(policy, name))}
    for word in _words(rule.name, rule.xmlid.partition(".")[2]):
        if word in _OUTSIDERS | theirs and word not in bound:
            return word
    return ""


def _title(policy: Policy, group: str) -> str:
    known = policy.groups.get(group)
    return known.name if known else ""


def _words(*texts: str) -> list[str]:
    """The words of names, each without the `s` of the plural."""
    return [
        word[:-1] if word.endswith("s") and len(word) > 3 else word
        for text in texts
        for word in _WORD.findall(text.lower())
    ]


def _idle(policy: Policy, rule: RecordRule, mode: Mode) -> RecordRule | None:
    """A rule that accepts all for everybody whom this one binds."""
    held = [closure(policy, (name,)) for name in rule.group_names]
    for other in _accepting(policy, rule.model):
        if mode in other.modes and all(not groups.isdisjoint(other.group_names) for groups in held):
            return other
    return None


def _accepting(policy: Policy, model: str) -> tuple[RecordRule, ...]:
    """The group rules of a model that accept all."""

    def find() -> tuple[RecordRule, ...]:
        rules = policy.rules_by_model.get(model, ())
        return tuple(rule for rule in rules if rule.groups and truth(rule.domain) is True)

    return remembered(policy, ("audit accepting", model), find)


def _apart(policy: Policy, label: str, rule: RecordRule) -> bool:
    """Whether it binds only share users who hold more than this audience: of all of them, only those are limited."""
    group = group_of(label)
    shares = share_groups(policy)
    return all(name in shares and group in closure(policy, (name,)) for name in rule.group_names)


def _would_do(policy: Policy, label: str, rule: RecordRule, mode: Mode) -> bool:
    """Whether the rule leaves an audience its own records alone, were it bound to their group."""
    group = group_of(label)
    if group is None or not groups_held(policy, label).isdisjoint(rule.group_names):
        return False
    prover = prover_of(policy)
    moved = msgspec.structs.replace(rule, groups=(GroupLink(group=group, origin=rule.origin),))
    rules = [moved if one.xmlid == rule.xmlid else one for one in prover.policy.rules]
    with closing(prover.of_other(rules=rules)) as other:
        proof = other.of("isolation", label, rule.model, mode)
    return limit_of(policy, proof, rule.domain) is Limit.OWN
