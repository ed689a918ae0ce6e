"""missing-company-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    files_unread,
    held_through,
    in_context,
    right_given,
    rule_said,
    weight,
)
from ostiary.audit.asking.proofs import obstacles, silo
from ostiary.audit.asking.rules_to_write import rule_xml
from ostiary.audit.asking.subjects import granted
from ostiary.audit.asking.wording import (
    at_most,
    audience_words,
    enumerated,
    model_words,
    rule_words,
    sentence,
)
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.companies import bound_company_rule, compares_own_companies, mentions_company
from ostiary.audit.rules.openings import (
    Gap,
    Opening,
    across_companies,
    held_by,
    kept_by_all,
    openings,
    readers_of,
    tied,
)
from ostiary.audit.weighing.sensitivity import Weight, mixins
from ostiary.domain import to_english, to_odoo, truth
from ostiary.policy.audience import EVERYONE, audience_of, share_groups
from ostiary.policy.definitions import AccessRight, Field, Kind, Mode, Model, RecordRule
from ostiary.policy.groups import closure
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread
from ostiary.policy.rules import parents_of
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC, USER_TYPES
from ostiary.prove import Proof

COMPANY = "res.company"
_SHOWN = 4
_RULES = 6
_LONGEST = 160
_DOUBT = "not certain: "
_UNPROVED = "not proved: "


@check(
    "missing-company-rule",
    "A model belongs to companies, and no rule keeps them apart",
    Severity.MEDIUM,
    references=("CWE-668", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.1.2"),
    tags=("rules", "companies"),
)
def missing_company_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for models that carry a company, and whose rules don't keep the companies apart.

    ## What it does

    Takes every stored model with a stored `company_id` of its own, and asks for each group of users that may read it,
    and for each group above those, what the record rules together leave. All of that must be compared with
    the user's companies, and where the rules don't do so at first sight it is put to a solver, which proves it or
    finds a record of another company that is shown. It counts on the model, on a model it delegates to, or through a
    document it belongs to (`order_id.company_id`). Records without a company are nobody's and don't count. It is not
    enough that a company is mentioned: not in one alternative beside another that accepts everything, not in a rule
    for writing only, not in one for other users, and not as `('company_id', '!=', False)`. Where share users, or
    anybody on a model that has a company rule, are only shown what is tied to them, that will do, and so will what
    is published for share users.

    It is low, not medium, where a condition opens only some records, or only the user's own are shown; where
    the `company_id` is only copied from another record (related or computed); where the model is an SQL view, since
    its query may select by itself; and where the rules can't be read well enough to tell. Wizards,
    models for administrators alone and models whose module was not read are left out. A company rule that
    fails because it is bound to groups is reported by [company-rule-not-global](company-rule-not-global.md).

    ## Why it is bad

    With more than one company, everybody who may use the model sees and changes the records of all companies,
    whatever companies they are allowed. The company switch in the menu bar doesn't protect: it only sets what rules
    compare with.

    ## Example

    ```python
    class Visit(models.Model):
        _name = "estate.visit"
        company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    ```

    without a record rule.

    ## Use instead

    A global rule, so that no other rule can widen it:

    ```xml
    <record id="estate_visit_rule_company" model="ir.rule">
        <field name="name">Visit: companies</field>
        <field name="model_id" ref="model_estate_visit"/>
        <field name="domain_force">[('company_id', 'in', company_ids + [False])]</field>
    </record>
    ```

    ## References

    - CWE-668: Exposure of Resource to Wrong Sphere
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for model in policy.models.values():
        field = model.fields.get("company_id")
        if field is None or not _has_company(model, field):
            continue
        if in_context(policy, _declared(policy, model, field).module):
            continue
        found = openings(policy, model.name)
        if found and not _reported_elsewhere(policy, model.name):
            yield _finding(policy, model, field, found)


def _has_company(model: Model, field: Field) -> bool:
    """Whether each record of the model belongs to one company, by a field of its own."""
    if model.unresolved or model.kind is not Kind.MODEL:
        return False
    return field.comodel == COMPANY and field.type == "many2one" and field.store and not field.inherited


def reported(policy: Policy, name: str) -> bool:
    """Whether this check reports the model."""
    model = policy.models.get(name)
    field = model.fields.get("company_id") if model else None
    return (
        model is not None
        and field is not None
        and _has_company(model, field)
        and bool(openings(policy, name))
        and not _reported_elsewhere(policy, name)
    )


def _reported_elsewhere(policy: Policy, model: str) -> bool:
    """Whether a company rule bound to groups is the reason, which company-rule-not-global reports."""
    return not kept_by_all(policy, model, (Mode.READ,)) and any(
        Mode.READ in rule.modes and bound_company_rule(rule, share_groups(policy))
        for rule in policy.rules_by_model.get(model, ())
    )


def _declared(policy: Policy, model: Model, field: Field) -> Origin:
    """The line of the field, or of the model where the field comes from a mixin."""
    for name in mixins(policy, model.name):
        other = policy.models.get(name)
        if (
            other is not None
            and field.name in other.fields
            and other.fields[field.name].origin == field.origin
        ):
            return model.origin
    return field.origin


def _widest(policy: Policy, found: tuple[Opening, ...]) -> AccessRight:
    """The access right that lets in the most, of those that an audience without company has."""
    rights = dict.fromkeys(right.xmlid for one in found for right in one.found.rights)
    known = {right.xmlid: right for one in found for right in one.found.rights}

    def reached(xmlid: str) -> tuple[bool, bool, int, int]:
        right = known[xmlid]
        if right.group is None:
            return (True, True, 0, len(right.modes))
        holders = sum(right.group in closure(policy, (name,)) for name in policy.groups)
        return (
            False,
            right.group in closure(policy, (INTERNAL,)),
            holders,
            len(right.modes),
        )

    return known[max(rights, key=reached)]


def _audience(policy: Policy, model: str, found: tuple[Opening, ...], right: AccessRight) -> tuple[str, ...]:
    """Everyone; else internal users, or the groups of them that it takes, and the share users."""
    held = {one.group: one for one in found}
    inside = [one for one in found if not one.share]
    if right.group is None and set(USER_TYPES) <= set(held):
        return (EVERYONE,)
    labels: list[str] = []
    if INTERNAL in held or _all_of_them(policy, model, inside):
        labels.append("internal")
    elif inside:
        labels += sorted(
            one.group
            for one in inside
            if not any(
                other.group != one.group and other.group in closure(policy, (one.group,)) for other in inside
            )
        )[:_SHOWN]
    for one in found:
        if one.share:
            labels += (
                [{PORTAL: "portal", PUBLIC: "public"}[one.group]]
                if one.group in (PORTAL, PUBLIC)
                else audience_of(policy, one.group).labels
            )
    return tuple(dict.fromkeys(labels))


def _all_of_them(policy: Policy, model: str, inside: list[Opening]) -> bool:
    """Whether every internal reader of the model is among them."""
    readers = {group for group in readers_of(policy, model) if INTERNAL in held_by(policy, group)}
    return bool(inside) and readers == {one.group for one in inside}


def _finding(policy: Policy, model: Model, field: Field, found: tuple[Opening, ...]) -> Finding:
    worst = found[0].gap
    copied = bool(field.related or field.compute)
    view = not model.auto or model.table_query
    slight = (
        worst is not Gap.ALL
        or copied
        or view
        or bool(model.overrides)
        or all(one.share for one in found)
        or weight(policy, model.name) is Weight.REFERENCE
    )
    unread = _unread_parents(policy, model)
    unsure = (
        worst is Gap.UNREAD
        or found[0].found.unknowns
        or unread
        or model.overrides
        or files_unread(policy, model.name)
    )
    right = _widest(policy, found)
    proof = silo(policy, found[0].group, model.name, Mode.READ)
    audience = _audience(policy, model.name, found, right)
    at = _declared(policy, model, field)
    return missing_company_rule.finding(
        at=at,
        subject=model.name,
        model=model.name,
        audience=audience,
        severity=Severity.LOW
        if slight
        else across_companies(policy, model.name, _gravest(policy, model, found)),
        confidence=Confidence.LOW
        if unsure or model.table_query
        else Confidence.MEDIUM
        if copied or view
        else Confidence.HIGH,
        message=_message(policy, model, found, audience),
        evidence=_said_once(
            [*_evidence(policy, model, field, found, right), *_where(proof), *obstacles(proof)]
        ),
        proof=proof,
        fix=rule_xml(
            policy,
            at.module,
            model.name,
            "[('company_id', 'in', company_ids + [False])]",
            group=None,
            about="companies",
        ),
    )


def _said_once(evidence: list[Evidence]) -> list[Evidence]:
    """Without what keeps from certainty where it is given for the proof too."""
    doubts = {one.text.removeprefix(_DOUBT) for one in evidence if one.text.startswith(_DOUBT)}
    return [one for one in evidence if one.text.removeprefix(_UNPROVED) not in doubts or one.text in doubts]


def _gravest(policy: Policy, model: Model, found: tuple[Opening, ...]) -> Mode:
    """Whether somebody among them may change records too."""
    writes = any(granted(policy, one.group, model.name, Mode.WRITE) for one in found)
    return Mode.WRITE if writes else Mode.READ


def _where(proof: Proof) -> Iterator[Evidence]:
    if proof.condition is not None:
        where = to_english(proof.condition.domain)
        yield Evidence(f"proved: records of companies that are not active are shown where {where}")


def _unread_parents(policy: Policy, model: Model) -> list[str]:
    """The models it delegates to whose modules were not read."""
    return [name for name in parents_of(policy, model.name) if model_unread(policy, name)]


def _message(policy: Policy, model: Model, found: tuple[Opening, ...], audience: tuple[str, ...]) -> str:
    worst = found[0].gap
    words = model_words(policy, model.name)
    who = "Users" if {"internal", EVERYONE} & set(audience) else sentence(audience_words(audience))
    if worst is Gap.UNREAD:
        return (
            f"{who} of one company may see the records of other companies in {words}: it has a company_id, and its "
            "rules can't be read well enough to tell that they compare it."
        )
    if not any(mentions_company(rule.domain) for rule in _rules(policy, model.name)):
        why = "no rule compares it"
    elif guilty := _guilty(policy, found):
        why = f"{enumerated([rule_words(rule) for rule in guilty[:_SHOWN]])} "
        why += "lets through" if len(guilty) == 1 else "let through"
        why += " records whatever their company, and no global rule compares it"
    else:
        why = "no rule that limits what they read compares it with their companies in every case"
    what = {
        Gap.OWN: "their own records of all companies",
        Gap.CONDITION: "some records of other companies",
        Gap.ALL: f"{'the ' if truth(found[0].found.domain) else ''}records of all companies",
    }[worst]
    return f"{who} of one company may see {what} in {words}: it has a company_id, and {why}."


def _rules(policy: Policy, model: str) -> Iterator[RecordRule]:
    for name in (model, *parents_of(policy, model)):
        yield from policy.rules_by_model.get(name, ())


def _guilty(policy: Policy, found: tuple[Opening, ...]) -> list[RecordRule]:
    """The group rules that accept records of other companies, for those who get the most."""
    rules = {
        clause.definition.xmlid: clause.definition
        for one in found
        if one.gap is found[0].gap
        for clause in one.found.permissions
        if isinstance(clause.definition, RecordRule)
        and not compares_own_companies(clause.domain)
        and not tied(policy, clause.definition.model, clause.domain)
    }
    return list(rules.values())


def _evidence(
    policy: Policy,
    model: Model,
    field: Field,
    found: tuple[Opening, ...],
    right: AccessRight,
) -> Iterator[Evidence]:
    how = f"copied from {field.related}" if field.related else "computed" if field.compute else "its own"
    yield Evidence(f"{model.name} has a stored company_id ({how})", field.origin)
    yield right_given(right)
    yield from _of_shares(policy, found, right)
    if not model.auto or model.table_query:
        yield Evidence(f"{model.name} is an SQL view, whose query may select by itself and is not judged")
    rules = list(_rules(policy, model.name))
    yield from map(rule_said, rules[:_RULES])
    if len(rules) > _RULES:
        yield Evidence(f"and {len(rules) - _RULES} more rules")
    if rules:
        groups = at_most([one.group for one in found if one.gap is found[0].gap], _SHOWN)
        left = to_odoo(found[0].found.domain)
        text = left if len(left) <= _LONGEST else f"{left[: _LONGEST - 1]}…"
        yield Evidence(f"what they leave to read for users of {groups}: {text}")
    for parent in _unread_parents(policy, model):
        yield Evidence(f"{model.name} delegates to {parent}, whose module was not read")
    for name, origin in sorted(model.overrides.items()):
        yield Evidence(f"{model.name} also decides in Python ({name}), which is not judged", origin)
    for unknown in (*found[0].found.unknowns, *files_unread(policy, model.name)):
        yield Evidence(f"not certain: {unknown.text}", unknown.origin)


def _of_shares(policy: Policy, found: tuple[Opening, ...], shown: AccessRight) -> Iterator[Evidence]:
    """How portal users or visitors get in, where another access right than the one shown lets them."""
    for one in found:
        if not one.share or shown in one.found.rights or not one.found.rights:
            continue
        right = one.found.rights[0]
        label = {PORTAL: "portal", PUBLIC: "public"}.get(one.group, one.group)
        yield from held_through(policy, label, right.group)
        yield right_given(right)
