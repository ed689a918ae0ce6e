"""missing-company-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.companies import mentions_company
from ostiary.audit.facts import right_given, weight
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules_to_write import rule_xml
from ostiary.audit.sensitivity import Weight, mixins
from ostiary.audit.wording import model_words
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import AccessRight, Field, Kind, Model
from ostiary.policy.groups import closure
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of

COMPANY = "res.company"
_ADMINISTRATORS = frozenset({"base.group_system", "base.group_erp_manager"})


@check(
    "missing-company-rule",
    "A model belongs to companies, and no rule keeps them apart",
    Severity.MEDIUM,
    references=("CWE-668", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.1.2"),
    tags=("rules", "companies"),
)
def missing_company_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for models that carry a company, and whose rules never compare it.

    ## What it does

    Takes every stored model with a stored `company_id` of its own that somebody may use, and looks for a rule that
    compares a company: on the model, on a model it delegates to, or through a document it belongs to
    (`order_id.company_id`). A `company_id` that is only copied from another record (related or computed) counts
    for less. Wizards, models for administrators alone and models whose module was not read are left out.

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
        if (
            field is None
            or model.unresolved
            or model.kind is not Kind.MODEL
            or not model.auto
            or model.table_query
        ):
            continue
        if field.comodel != COMPANY or field.type != "many2one" or not field.store or field.inherited:
            continue
        right = _widest(policy, model)
        if right is not None and not _compared(policy, model.name):
            yield _finding(policy, model, field, right)


def _widest(policy: Policy, model: Model) -> AccessRight | None:
    """A right that shows the model to somebody else than administrators."""
    for right in policy.rights_by_model.get(model.name, ()):
        if right.modes and (
            right.group is None or _ADMINISTRATORS.isdisjoint(closure(policy, (right.group,)))
        ):
            return right
    return None


def _compared(policy: Policy, model: str, seen: frozenset[str] = frozenset()) -> bool:
    if any(mentions_company(rule.domain) for rule in policy.rules_by_model.get(model, ())):
        return True
    return any(
        _compared(policy, parent, seen | {model})
        for parent in parents_of(policy, model)
        if parent not in seen
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


def _finding(policy: Policy, model: Model, field: Field, right: AccessRight) -> Finding:
    copied = bool(field.related or field.compute)
    slight = copied or bool(model.overrides) or weight(policy, model.name) is Weight.REFERENCE
    audience = audience_of(policy, right.group)
    unread = [
        parent
        for parent in parents_of(policy, model.name)
        if parent not in policy.models or policy.models[parent].unresolved
    ]
    how = f"copied from {field.related}" if field.related else "computed" if field.compute else "its own"
    evidence = [Evidence(f"{model.name} has a stored company_id ({how})", field.origin), right_given(right)]
    evidence += [
        Evidence(f"{model.name} delegates to {parent}, whose module was not read") for parent in unread
    ]
    evidence += [
        Evidence(f"{model.name} also decides in Python ({name}), which is not judged", origin)
        for name, origin in sorted(model.overrides.items())
    ]
    at = _declared(policy, model, field)
    return missing_company_rule.finding(
        at=at,
        subject=model.name,
        model=model.name,
        audience=audience.labels or ("internal",),
        severity=Severity.LOW if slight else Severity.MEDIUM,
        confidence=Confidence.LOW
        if unread or model.overrides
        else Confidence.MEDIUM
        if copied
        else Confidence.HIGH,
        message=f"Users of one company may see the records of all companies in {model_words(policy, model.name)}: "
        "it has a company_id, and no rule compares it.",
        evidence=evidence,
        fix=rule_xml(
            policy,
            at.module,
            model.name,
            "[('company_id', 'in', company_ids + [False])]",
            group=None,
            about="companies",
        ),
    )
