"""What access rights and record rules together leave of a model.

Source: `ir.rule._compute_domain`, `ir.model.access`. What they let through is

    every global rule AND every `_inherits` parent's rules AND (any of the group rules, where there are some)

and nothing where no access right gives the mode. That is written here as permissions, of which one must
accept the record, and restrictions, which must all do so. Odoo 20's `ir.access` says it in one table
(`Semantics.single_access_table`): a row with a group is a permission with a domain of its own, a groupless
row is a restriction, and the absence of a permission on an `_inherits` parent restricts too. Up to 19 each
group rule is a permission to whoever has a right, and each right is one where no group rule applies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec

from ostiary.domain import (
    FALSE,
    TRUE,
    Domain,
    HasGroup,
    Opaque,
    OpaqueValue,
    Subdomain,
    Term,
    conjunction,
    disjunction,
    fold,
    nodes,
    normalize,
    opaques,
    truth,
)
from ostiary.policy.definitions import AccessRight, Mode, RecordRule
from ostiary.policy.faults import faults, unknown_calls
from ostiary.policy.groups import DEBUG_GROUP
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting, model_unread, possibly_granting, rights_on, summary_of
from ostiary.policy.rules import ApplicableRules, applicable, parents_of
from ostiary.policy.subject import Subject, holds, unread_groups


class Verdict(StrEnum):
    """What comes out of a question: `filtered` is yes, for the records a domain selects."""

    ALLOWED = "allowed"
    FILTERED = "filtered"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Clause(msgspec.Struct, frozen=True):
    """One domain and the definition it comes from.

    For the rules of an `_inherits` parent `definition` is None, `link` names the field, the domain is
    `link any (...)` and `inner` holds the parent's own clauses.
    """

    domain: Domain
    definition: AccessRight | RecordRule | None = None
    link: str | None = None
    inner: tuple[Clause, ...] = ()


class Unknown(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that stands in the way of a verdict: a sentence, and the definition's name and place."""

    kind: str
    text: str
    name: str = ""
    origin: Origin | None = None


class Effective(msgspec.Struct, frozen=True):
    """What access rights and record rules leave of a model for one subject and mode.

    A record is accepted where one of `permissions` accepts it (none: nothing is granted) and all of
    `restrictions` do; `domain` is that, normalized. `verdict` is what it comes to for the model as a whole.
    `rights` are the access rights that grant. `unknowns` are what keeps this from being certain; `cautions`
    leave the verdict `filtered`, but say that there may be more rules than were read.
    """

    permissions: tuple[Clause, ...]
    restrictions: tuple[Clause, ...]
    domain: Domain
    verdict: Verdict
    rights: tuple[AccessRight, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    cautions: tuple[Unknown, ...] = ()

    @property
    def definitions(self) -> tuple[AccessRight | RecordRule, ...]:
        """Every access right and record rule that takes part, once each."""
        found: dict[str, AccessRight | RecordRule] = {right.xmlid: right for right in self.rights}
        todo = [*self.permissions, *self.restrictions]
        while todo:
            clause = todo.pop(0)
            if clause.definition is not None:
                found.setdefault(clause.definition.xmlid, clause.definition)
            todo = [*clause.inner, *todo]
        return tuple(found.values())


def effective(policy: Policy, subject: Subject, model: str, mode: Mode, debug: bool = False) -> Effective:
    """What access rights and record rules together leave of the model for the subject.

    Tests on `user.has_group(...)` in domains are decided; what depends on the record or the user's own data
    stays. `debug` matters to domains that ask for `base.group_no_one`.
    """
    if subject.superuser:
        return Effective(permissions=(Clause(TRUE),), restrictions=(), domain=TRUE, verdict=Verdict.ALLOWED)
    relevant = relevant_groups(policy, model, mode)
    perhaps = (
        frozenset(name for name in relevant if holds(policy, subject, name) is None)
        if unread_groups(policy, subject)
        else frozenset()
    )
    key = ("effective", model, mode, subject.groups & relevant, perhaps, debug)
    return remembered(policy, key, lambda: _effective(policy, subject, model, mode, debug))


def relevant_groups(policy: Policy, model: str, mode: Mode) -> frozenset[str]:
    """Every group that matters to a model and mode: of rights, of rules, and asked for in domains."""

    def find() -> frozenset[str]:
        names = {right.group for right in rights_on(policy, model, mode) if right.group is not None}
        seen: set[str] = set()
        todo = [model]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            todo.extend(parents_of(policy, name))
            for rule in policy.rules_by_model.get(name, ()):
                names.update(rule.group_names, asked_groups(rule.domain))
        return frozenset(names)

    return remembered(policy, ("relevant", model, mode), find)


def asked_groups(domain: Domain) -> frozenset[str]:
    """The groups that a domain asks for with `user.has_group(...)`."""
    return frozenset(node.xmlid for node in nodes(domain) if isinstance(node, HasGroup))


def _effective(policy: Policy, subject: Subject, model: str, mode: Mode, debug: bool) -> Effective:
    rights = granting(policy, subject, model, mode)
    rules = applicable(policy, subject, model, mode)

    def folded(rule: RecordRule) -> Domain:
        return fold(rule.domain, lambda xmlid: answer(policy, subject, xmlid, debug))

    permissions, restrictions = _clauses(rules, folded)
    if not rights:
        permissions = ()
    elif not permissions:
        permissions = tuple(Clause(TRUE, right) for right in rights)
    domain = normalize(_combined(permissions, restrictions)) if permissions else FALSE
    unknowns = list(_unknown_rights(policy, subject, model, mode))
    closed = truth(conjunction(clause.domain for clause in restrictions if _settled(clause))) is False
    if rights and not closed:
        unknowns += _unknown_rules(policy, model, rules, domain)
        unknowns += _faulty_rules(policy, rules, folded)
    cautions = () if rights and closed else tuple(_summary(policy, model))
    if unknowns or truth(domain) is not None:
        unknowns, cautions = [*unknowns, *cautions], ()
    verdict = Verdict.UNKNOWN if unknowns else verdict_of(domain)
    return Effective(permissions, restrictions, domain, verdict, rights, tuple(unknowns), cautions)


def _settled(clause: Clause) -> bool:
    """Whether the clause surely restricts: a rule that may not apply, or not to everybody, doesn't."""
    rule = clause.definition
    if isinstance(rule, RecordRule) and (rule.uncertain or rule.groups_uncertain):
        return False
    return all(_settled(inner) for inner in clause.inner)


def _summary(policy: Policy, model: str) -> Iterator[Unknown]:
    """That only a summary was read of the module that defines the model: it may have more rights and rules."""
    module = summary_of(policy, model)
    if module is not None:
        text = f"Only a summary of module {module} was read; give --addons-path."
        yield Unknown("summary", text, model, _origin_of(policy, model))


def verdict_of(domain: Domain) -> Verdict:
    """Allowed where a domain accepts every record, denied where it accepts none, else filtered."""
    accepts = truth(domain)
    if accepts is None:
        return Verdict.FILTERED
    return Verdict.ALLOWED if accepts else Verdict.DENIED


def answer(policy: Policy, subject: Subject, xmlid: str, debug: bool) -> bool | None:
    """What `user.has_group(xmlid)` gives in a rule's domain."""
    if xmlid == DEBUG_GROUP and policy.semantics.has_group_needs_debug and not debug:
        return False
    return holds(policy, subject, xmlid)


def _clauses(
    rules: ApplicableRules, folded: Callable[[RecordRule], Domain]
) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """The clauses of a model's rules: those of which one must accept, and those that all must."""
    group = tuple(Clause(folded(rule), rule) for rule in rules.group)
    every = [Clause(folded(rule), rule) for rule in rules.global_]
    for parent in rules.parents:
        permissions, restrictions = _clauses(parent.rules, folded)
        domain = normalize(_combined(permissions, restrictions))
        if truth(domain) is not True:
            link = Term(parent.link, "any", Subdomain(domain))
            every.append(Clause(link, link=parent.link, inner=(*permissions, *restrictions)))
    return group, tuple(every)


def _combined(permissions: tuple[Clause, ...], restrictions: tuple[Clause, ...]) -> Domain:
    """Any of the permissions, where there are some, and all of the restrictions."""
    parts = [clause.domain for clause in restrictions]
    if permissions:
        parts.append(disjunction(clause.domain for clause in permissions))
    return conjunction(parts)


def _unknown_rights(policy: Policy, subject: Subject, model: str, mode: Mode) -> Iterator[Unknown]:
    """Why it isn't certain which access rights the subject has."""
    if model_unread(policy, model):
        text = f"The module that defines {model} was not read, so not all of its rights and rules are known."
        yield Unknown("model-unread", text, model, _origin_of(policy, model))
    if granting(policy, subject, model, mode):
        return
    for right in possibly_granting(policy, subject, model, mode):
        unread = ", ".join(unread_groups(policy, subject))
        if right.uncertain:
            text = f"Access right {right.xmlid} may give {mode} on {model}: a value in it could not be read."
            yield Unknown("right-uncertain", text, right.xmlid, right.origin)
            continue
        text = (
            f"Access right {right.xmlid} gives {mode} to {right.group}, which {subject.phrase} may hold: "
            f"what {unread} implies is not known."
        )
        yield Unknown("group-unread", text, right.xmlid, right.origin)


def _unknown_rules(policy: Policy, model: str, rules: ApplicableRules, domain: Domain) -> Iterator[Unknown]:
    """Why it isn't certain which records the rules let through."""
    for parent in rules.parents:
        if model_unread(policy, parent.model):
            text = f"{model} delegates to {parent.model}, whose module was not read: its rules are not known."
            yield Unknown("model-unread", text, parent.model, _origin_of(policy, model))
        yield from _unknown_rules(policy, parent.model, parent.rules, TRUE)
    for rule in rules.uncertain:
        text = f"Whether record rule {rule.xmlid} applies is not known: not all groups could be read."
        if rule.uncertain:
            text = f"Record rule {rule.xmlid} may apply or not, or say something else: a value in it could not be read."
        yield Unknown("rule-groups", text, rule.xmlid, rule.origin)
    for xmlid in sorted(asked_groups(domain)):
        text = f"A record rule asks whether the user holds {xmlid}, which is not known."
        yield Unknown("group-unread", text, xmlid)
    for part in opaques(domain):
        if isinstance(part, Opaque) and part.invalid:
            continue  # Odoo refuses it: see _faulty_rules
        text = f"A record rule's domain could not be understood: {part.why or part.text}"
        if isinstance(part, OpaqueValue):
            text = f"A value in a record rule's domain could not be understood: {part.why or part.text}"
        rule_at = _rule_with(rules, part)
        name, origin = (rule_at.xmlid, rule_at.domain_origin or rule_at.origin) if rule_at else ("", None)
        yield Unknown("opaque", text, name, origin)
    for method in unknown_calls(domain):
        text = (
            f"A record rule's domain calls {method}, and what that gives is not known without running code."
        )
        rule_at = next((rule for rule in rules.everywhere() if method in unknown_calls(rule.domain)), None)
        name, origin = (rule_at.xmlid, rule_at.domain_origin or rule_at.origin) if rule_at else ("", None)
        yield Unknown("opaque", text, name, origin)


def _faulty_rules(
    policy: Policy, rules: ApplicableRules, folded: Callable[[RecordRule], Domain]
) -> Iterator[Unknown]:
    """The rules that Odoo fails on, and those that leave it to Python which records they select."""
    open_ = any(truth(folded(rule)) is True for rule in rules.group)
    for rule in (*rules.group, *rules.global_):
        for fault in faults(policy, rule, folded(rule)):
            if open_ and not fault.on_reading and rule in rules.group:
                continue  # another group rule lets every record through, so this one's terms play no part
            text = f"Record rule {rule.xmlid}: {fault.text}"
            text += ". Odoo raises an error for everybody this rule binds." if fault.fails else "."
            kind = "rule-error" if fault.fails else "python-search"
            yield Unknown(kind, text, rule.xmlid, rule.domain_origin or rule.origin)
    for parent in rules.parents:
        yield from _faulty_rules(policy, parent.rules, folded)


def _rule_with(rules: ApplicableRules, part: Opaque | OpaqueValue) -> RecordRule | None:
    return next((rule for rule in rules.everywhere() if part in opaques(rule.domain)), None)


def _origin_of(policy: Policy, model: str) -> Origin | None:
    return policy.models[model].origin if model in policy.models else None
