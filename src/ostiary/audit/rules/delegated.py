"""Models that delegate to another one (`_inherits`) and whose rules the other one does not have.

Odoo adds the rules of the parent to those of the child (`ir.rule._compute_domain`), never the other way round: what
only the child's rules hold back is read from the parent model, where a right gives that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ostiary.audit.asking.facts import audited, may, reach, rights_for_shares, weight
from ostiary.audit.asking.limits import Limit, accepts_all, limit
from ostiary.audit.weighing.sensitivity import AUTOMATIC, Weight, fields_of
from ostiary.domain import terms
from ostiary.policy.definitions import AccessRight, Field, Kind, Mode, RecordRule
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of

_HELD_BACK = (Limit.OWN, Limit.CONDITION, Limit.COMPANY)
_PERSONAL = frozenset(
    {"birth_date", "birthdate", "birthday", "email", "iban", "mobile", "phone", "ssn", "street", "vat", "zip"}
)


@dataclass(frozen=True, slots=True)
class Bypass:
    """An audience that `right` lets read records of `parent`, whereas `rules` hold those of `child` back.

    `fields` are the fields of the parent that tell most, those that the rules compare first. `meant`: the rules
    compare the parent's own fields, so that they are about its records.
    """

    label: str
    child: str
    parent: str
    link: str
    right: AccessRight
    rules: tuple[RecordRule, ...]
    fields: tuple[str, ...]
    meant: bool


def bypasses(policy: Policy) -> tuple[Bypass, ...]:
    """Every such case among share users, each once for an audience, a child and its parent."""

    def find() -> tuple[Bypass, ...]:
        children = _children(policy)
        found: dict[tuple[str, str, str], Bypass] = {}
        for right, audience in rights_for_shares(policy):
            if audience.everyone or Mode.READ not in right.modes:
                continue
            for child, link in children.get(right.model, ()):
                for label in audience.labels:
                    one = _bypass(policy, right, label, child, link)
                    if one is not None:
                        found.setdefault((label, child, right.model), one)
        return tuple(found.values())

    return remembered(policy, ("audit bypasses",), find)


def told_by_child(policy: Policy, label: str, model: str) -> bool:
    """Whether what an audience reads of a model is reported because rules of a model that delegates to it hold the
    same back."""
    return any(one.label == label and one.parent == model for one in bypasses(policy))


def _children(policy: Policy) -> Mapping[str, list[tuple[str, str]]]:
    """The models with records that delegate to a model, with the field that links to it."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, model in policy.models.items():
        if model.kind is Kind.MODEL:
            for parent, link in parents_of(policy, name).items():
                found[parent].append((name, link))
    return found


def _bypass(policy: Policy, right: AccessRight, label: str, child: str, link: str) -> Bypass | None:
    parent = right.model
    if not may(policy, label, child, Mode.READ) or not (audited(policy, child) or audited(policy, parent)):
        return None
    rules = tuple(rule for rule in reach(policy, label, child, Mode.READ).rules if rule.model == child)
    if not rules:
        return None
    fields = {field.name: field for field in fields_of(policy, parent) if field.name not in AUTOMATIC}
    compared = tuple(
        dict.fromkeys(name for rule in rules for name in _compared(policy, rule, link) if name in fields)
    )
    personal = tuple(sorted(name for name in fields if name in _PERSONAL))
    if not compared and not personal and weight(policy, parent) in (Weight.REFERENCE, Weight.UNKNOWN):
        return None  # a catalogue of what the child's records are about
    if any(
        accepts_all(policy, label, rule, Mode.READ)
        for rule in reach(policy, label, parent, Mode.READ).group_rules
    ):
        return None  # that rule is the fault, and rule-always-true says it
    above = limit(policy, label, parent, Mode.READ)
    if above not in (Limit.NONE, Limit.COMPANY):
        return None
    below = limit(policy, label, child, Mode.READ)
    if below not in _HELD_BACK or below is above:
        return None
    shown = tuple(dict.fromkeys((*compared, *personal, *_telling(fields))))
    return Bypass(label, child, parent, link, right, rules, shown, bool(compared))


def _compared(policy: Policy, rule: RecordRule, link: str) -> Iterator[str]:
    """The fields of the parent that a rule compares: inherited ones, and those behind the link."""
    own = policy.models[rule.model].fields
    for term, _ in terms(rule.domain):
        first, _, rest = term.path.partition(".")
        if first == link and rest:
            yield rest.partition(".")[0]
        elif first not in own or own[first].inherited:
            yield first


def _telling(fields: Mapping[str, Field]) -> Iterator[str]:
    """The names of other fields with something to read, plain values first."""
    plain = ("char", "text", "html", "date", "datetime", "monetary", "float")
    kept = [field for field in fields.values() if field.store and field.type in (*plain, "many2one")]
    for field in sorted(kept, key=lambda field: (field.type == "many2one", field.name)):
        yield field.name
