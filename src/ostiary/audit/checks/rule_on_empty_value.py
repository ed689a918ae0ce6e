"""rule-on-empty-value: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import folded
from ostiary.audit.asking.proofs import confidence
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.strangers import Cause, Fault, evidence, faults, graveness, mended
from ostiary.domain import (
    Domain,
    Subdomain,
    Symbol,
    Term,
    nodes,
    symbols,
    to_english,
    truth,
    value_to_english,
    value_to_odoo,
)
from ostiary.policy.paths import Step, walk
from ostiary.policy.policy import Policy

_LONGEST = 200


@check(
    "rule-on-empty-value",
    "A rule shows what is nobody's to portal users who lack what it compares with",
    Severity.MEDIUM,
    references=("CWE-863", "CWE-754", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_on_empty_value(policy: Policy) -> Iterator[Finding]:
    """Looks for rules that select more where something of the user's is empty.

    ## What it does

    Has it proved, for each model and mode that portal users (or another group of share users) have an access right
    for, whether records pass that nothing ties to the user, because the user lacks what the rule compares with: a
    parent company, an employee, a manager. Odoo reads `('x', '=', False)` as *x is not set*, and so it does where
    `user.partner_id.parent_id.id` is `False`. The finding says which records pass, and of which users that is so. A
    field that is required, or an owner that every user has (`user.partner_id`), is in order, and so are `.ids` and
    `child_of`, which select nothing where there is nothing. A rule that says itself that records without an owner
    are for everybody (`('partner_id', '=', False)`) is not this check's.

    ## Why it is bad

    The rule works for the users it was tried with. Whoever has no parent company (a private customer who signed up)
    sees all records that nobody was entered on yet.

    ## Example

    ```xml
    <field name="domain_force">[('clinic_id', '=', user.partner_id.parent_id.id)]</field>
    ```

    ## Use instead

    ```xml
    <field name="domain_force">[('clinic_id', 'in', user.partner_id.parent_id.ids)]</field>
    ```

    `ids` is an empty list where there is no parent, and an empty list selects nothing.

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-754: Improper Check for Unusual or Exceptional Conditions
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for fault in faults(policy, Cause.EMPTY):
        yield _finding(policy, fault)


def _finding(policy: Policy, fault: Fault) -> Finding:
    shown = fault.shown
    symbols_ = shown.lacking
    lacks = enumerated([value_to_odoo(one) for one in symbols_])
    who = f"the rule {rule_words(fault.rule)}" if fault.rule is not None else "the rules"
    every = any(truth(one.domain) is True for one in shown.by(Cause.EMPTY))
    where = "" if every else f", where {_where(fault)}"
    whose = enumerated([f"{value_to_english(one)} is not set" for one in symbols_])
    return rule_on_empty_value.finding(
        at=getattr(fault.at, "domain_origin", None) or fault.at.origin,
        subject=fault.at.xmlid,
        model=fault.model,
        audience=(fault.label,),
        severity=graveness(policy, fault, less=1),
        confidence=confidence(shown.found, shown.proof),
        proof=shown.proof,
        message=f"{sentence(audience_words((fault.label,)))} for whom {whose} may {verbs(fault.modes)} "
        f"{'every record' if every else 'records'} of {model_words(policy, fault.model)}{where}, whoever they belong "
        f"to: {who} compares with {lacks}, which is then empty, and Odoo takes that for “not set”.",
        evidence=[*evidence(policy, fault), *_may_be_empty(policy, symbols_)],
        fix=_fix(policy, fault),
    )


def _where(fault: Fault) -> str:
    """Which records pass."""
    text = enumerated([to_english(one.domain) for one in fault.shown.by(Cause.EMPTY)], "or")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip(' ,')}…"


def _may_be_empty(policy: Policy, used: tuple[Symbol, ...]) -> Iterator[Evidence]:
    """The first field on each way that need not be set."""
    for symbol in used:
        for step in walk(policy, "res.users", ".".join(symbol.path[:-1])):
            if isinstance(step, Step) and step.field.name not in ("partner_id", "commercial_partner_id"):
                yield Evidence(f"{step.model}.{step.field.name} may be empty", step.field.origin)
                break


def _fix(policy: Policy, fault: Fault) -> str:
    """The same terms with lists, which are empty where there is nothing."""
    if fault.rule is None or fault.at is not fault.rule:
        return mended(policy, fault)
    written = [
        f"('{term.path}', 'in', {value_to_odoo(symbol)}s)"
        for term, symbol in _terms(folded(policy, fault.label, fault.rule), fault.shown.lacking)
    ]
    if not written:
        return mended(policy, fault)
    return "\n".join(
        [f"In {fault.rule.xmlid}, compare with a list, which selects nothing where it is empty:", *written]
    )


def _terms(domain: Domain, lacking: tuple[Symbol, ...]) -> Iterator[tuple[Term, Symbol]]:
    """The terms that compare with what may be missing."""
    for node in nodes(domain):
        if (
            isinstance(node, Term)
            and not isinstance(node.value, Subdomain)
            and node.operator in ("=", "in", "=?")
        ):
            for symbol in dict.fromkeys(symbols(node.value)):
                if symbol in lacking:
                    yield node, symbol
