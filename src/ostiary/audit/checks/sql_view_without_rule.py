"""sql-view-without-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import (
    domain_text,
    groups_held,
    held,
    in_context,
    may,
    not_judged,
    reach,
    right_given,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.wording import at_most, audience_words, enumerated, model_words, sentence
from ostiary.audit.fields.sql_views import sources, sql_views
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.companies import mentions_company, only_companies
from ostiary.audit.rules.openings import kept_by_all, tied
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.domain import And, Domain, Or
from ostiary.policy.audience import EVERYONE, audience_of
from ostiary.policy.definitions import AccessRight, Mode, Model
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Gap:
    """Records of a model that rules keep from somebody, and that a view shows them.

    `label` is the audience as in findings but for `base.group_user`, `link` the view's field that leads to the model
    (none: its name does). `closed` says that no right lets them read the model, `companies` that the rules of the model
    only keep companies apart for them.
    """

    right: AccessRight
    label: str
    source: str
    link: str
    closed: bool = False
    companies: bool = False
    sure: bool = True

    @property
    def share(self) -> bool:
        return self.label in (EVERYONE, "portal", "public") or self.closed


@check(
    "sql-view-without-rule",
    "An SQL view shows records that rules keep back elsewhere",
    Severity.HIGH,
    references=("CWE-862", "CWE-668", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rights", "rules"),
)
def sql_view_without_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for models made of a query, whose readers see what the rules of the models behind it keep from them.

    ## What it does

    Takes each model without a table of its own (`_auto = False` or `_table_query`), and the models whose records it is
    likely made of: those its rows link to, and the one it is named after (`library.loan.report`). The query itself
    is not read, so that confidence is never high. It reports those who may read the view, and

    - whom the rules of the other model leave their own records only, where no rule of the view does the like;
    - whom the rules of the other model leave the records of their companies, where the view has no company to compare.

    For internal users it is low or for information, as grave as what the records hold: reports are often meant so. For
    portal users and visitors it is what an open model would be, and counts also where they may not read the other
    model at all. Where the view itself says whom its rows are about,
    [share-model-without-rule](share-model-without-rule.md) reports it for share users, and
    [missing-company-rule](missing-company-rule.md) a view with a company of its own.

    ## Why it is bad

    A record rule belongs to one model. Odoo computes a view over all rows, and neither rules nor rights of the tables
    behind it are asked: who may read the report sees in it what the list of documents hides.

    ## Example

    ```python
    class LoanReport(models.Model):
        _name = "library.loan.report"
        _auto = False
        loan_id = fields.Many2one("library.loan")
    ```

    with an access right for `base.group_user`, and a rule on `library.loan` alone.

    ## Use instead

    The same rule on the view:

    ```xml
    <record id="loan_report_rule_own" model="ir.rule">
        <field name="name">Loan report: own loans</field>
        <field name="model_id" ref="model_library_loan_report"/>
        <field name="domain_force">[('loan_id.user_id', '=', user.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_user'))]"/>
    </record>
    ```

    ## References

    - CWE-862: Missing Authorization
    - CWE-668: Exposure of Resource to Wrong Sphere
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for view in sql_views(policy):
        behind = sources(policy, view)
        if not behind:
            continue
        found = [
            gap
            for reader in _readers(policy, view)
            for source in behind
            if (gap := _gap(policy, view, reader, source)) is not None
        ]
        for sort in dict.fromkeys((gap.share, gap.closed) for gap in found):
            yield _finding(policy, view, [gap for gap in found if (gap.share, gap.closed) == sort])


def _readers(policy: Policy, view: Model) -> Iterator[tuple[AccessRight, str]]:
    """Who may read a view: share users and groups of staff, each with the right that says so."""
    for right in policy.rights_by_model.get(view.name, ()):
        if Mode.READ not in right.modes or in_context(policy, right.origin.module):
            continue
        for label in audience_of(policy, right.group).labels:
            yield right, label
        if right.group is not None and INTERNAL in groups_held(policy, right.group):
            yield right, right.group


def _gap(
    policy: Policy, view: Model, reader: tuple[AccessRight, str], behind: tuple[str, str]
) -> _Gap | None:
    (right, label), (source, link) = reader, behind
    shown = reach(policy, label, view.name, Mode.READ)
    share = INTERNAL not in groups_held(policy, label)
    if shown.truth is False or (share and weight(policy, view.name) >= Weight.BUSINESS):
        return None
    if not (shown.truth or only_companies(shown.domain)):
        return None
    if not may(policy, label, source, Mode.READ):
        return _Gap(right, label, source, link, closed=True) if share and link else None
    kept = reach(policy, label, source, Mode.READ)
    if kept.truth is True:
        return None
    if _own_only(policy, source, kept.domain):
        sort = limit(policy, label, source, Mode.READ)
        if sort in (Limit.OWN, Limit.UNKNOWN):
            return _Gap(right, label, source, link, sure=sort is Limit.OWN)
    apart = "company_id" not in view.fields and not mentions_company(shown.domain)
    if apart and kept_by_all(policy, source, (Mode.READ,)):
        return _Gap(right, label, source, link, companies=True)
    return None


def _own_only(policy: Policy, source: str, domain: Domain) -> bool:
    """Whether each alternative of a domain compares records with who asks, so that it is worth a proof."""
    if isinstance(domain, Or):
        return all(_own_only(policy, source, item) for item in domain.items)
    if isinstance(domain, And):
        return any(_own_only(policy, source, item) for item in domain.items)
    return tied(policy, source, domain)


def _finding(policy: Policy, view: Model, gaps: list[_Gap]) -> Finding:
    worst = max(gaps, key=lambda gap: (_severity(policy, gap).rank, not gap.companies, bool(gap.link)))
    alike = [gap for gap in gaps if gap.source == worst.source and gap.companies is worst.companies]
    labels = list(dict.fromkeys("internal" if gap.label == INTERNAL else gap.label for gap in alike))
    found = reach(policy, worst.label, view.name, Mode.READ)
    whom = sentence(audience_words(labels))
    kept = "of which none is theirs to read" if worst.closed else "of which rules leave them their own only"
    if not worst.sure:
        kept = "of which rules leave them only some, as far as can be told their own"
    if worst.companies:
        kept = "of which rules leave them those of their companies"
    lacking = "no rule" if not found.rules else "no rule but for companies"
    others = list(dict.fromkeys(gap.source for gap in gaps if gap.source != worst.source))
    more = f" The same goes for {at_most(others, 3)}." if others else ""
    return sql_view_without_rule.finding(
        at=worst.right.origin,
        subject=worst.right.xmlid,
        model=view.name,
        audience=labels,
        severity=found.lowered(_severity(policy, worst)),
        confidence=min(found.confidence, Confidence.MEDIUM if worst.sure else Confidence.LOW),
        message=f"{whom} may read {model_words(policy, view.name)}, an SQL view that {lacking} limits for them and "
        f"that shows records of {model_words(policy, worst.source)}, {kept}.{more}",
        evidence=list(_evidence(policy, view, worst)),
        fix=_fix(policy, view, worst),
        key=("closed" if worst.closed else "share" if worst.share else "staff",),
    )


def _severity(policy: Policy, gap: _Gap) -> Severity:
    found = severity(policy, gap.label, gap.source, Mode.READ)
    return min(found, Severity.MEDIUM) if gap.closed else found


def _evidence(policy: Policy, view: Model, gap: _Gap) -> Iterator[Evidence]:
    yield right_given(gap.right)
    field = view.fields.get(gap.link)
    if field is not None:
        yield Evidence(f"each row of {view.name} links to {gap.source} ({gap.link})", field.origin)
    else:
        yield Evidence(f"{view.name} is an SQL view named after {gap.source}", view.origin)
    yield from map(rule_said, reach(policy, gap.label, gap.source, Mode.READ).rules[:_SHOWN])
    if gap.closed:
        yield Evidence(f"no access right lets them read {gap.source}")
    else:
        yield Evidence(f"{gap.source} {held(policy, gap.source)}")
    yield Evidence(f"the query of {view.name} was not read: it may select by itself", view.origin)
    yield from not_judged(policy, view.name, reach(policy, gap.label, view.name, Mode.READ))


def _fix(policy: Policy, view: Model, gap: _Gap) -> str:
    if gap.closed:
        return (
            f"Take the access right {gap.right.xmlid} away, or leave {gap.link} and whatever names a record of "
            f"{gap.source} out of {view.name}."
        )
    rules = reach(policy, gap.label, gap.source, Mode.READ).rules
    said = enumerated([rule.xmlid for rule in rules[:_SHOWN]])
    sample = next((domain_text(rule) for rule in rules if rule.groups or gap.companies), "")
    text = f"Give {view.name} rules like those of {gap.source} ({said})"
    if gap.link and not gap.companies:
        text += f", with {gap.link}. before each field they compare"
    elif not gap.companies:
        text += ", and the fields they compare"
    if gap.companies:
        text += f"; add company_id to the view if it has to compare companies, as {sample} does"
    return f"{text}. If all who may read the view are to see every row, nothing."
