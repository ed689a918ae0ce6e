"""rule-invalid: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from ostiary.audit.facts import rule_said
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.sensitivity import AUTOMATIC, ancestors
from ostiary.audit.wording import model_words, rule_words
from ostiary.domain import Literal, Subdomain, Symbol, Term, problems, symbols, terms, value_to_odoo
from ostiary.domain import Sequence as Values
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import RecordRule
from ostiary.policy.paths import Missing, Step, field_of, known_in_full, walk
from ostiary.policy.policy import Policy

USERS = "res.users"
_MANY = ("one2many", "many2many")


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a rule: `opens` where it lets more records through than it says, else it fails."""

    what: str
    fix: str
    severity: Severity
    confidence: Confidence = Confidence.HIGH
    evidence: tuple[Evidence, ...] = ()


@check(
    "rule-invalid",
    "A record rule fails, or does not mean what it says",
    Severity.HIGH,
    references=("CWE-863", "CWE-754", "OWASP A01:2021", "ASVS 4.0.3 V4.1.5"),
    tags=("rules",),
)
def rule_invalid(policy: Policy) -> Iterator[Finding]:
    """Looks for record rules that Odoo refuses or fails on, or reads differently from what is written.

    ## What it does

    Reports a domain that can't be parsed, an operator the version doesn't have, a name rules don't know (`uid`,
    and `time` in Odoo 19), a field that doesn't exist anywhere on a path, a rule without modes, a rule on
    `ir.rule`, and `in` with a single value on a column (Odoo 17 and 18). Also what is accepted but means
    something else: a computed field that can't be searched (Odoo takes the term as true), and, for share users, a
    comparison with a value of the user that may be empty, which then selects the records where the field is
    empty. Fields are only judged where all modules of a model were read, and, on the user, where they are nearly
    written as one that is known.
    A rule whose model or group doesn't exist is reported by [unreadable-definition](unreadable-definition.md).

    ## Why it is bad

    A rule that fails locks people out of the whole model, and the usual remedy is to remove it. A rule that
    means something else lets through what its author thought was held back.

    ## Example

    ```xml
    <field name="domain_force">[('user_id', '=', uid)]</field>
    <field name="domain_force">[('broker_id', 'in', [user.partner_id.parent_id.id])]</field>
    ```

    ## Use instead

    ```xml
    <field name="domain_force">[('user_id', '=', user.id)]</field>
    <field name="domain_force">[('broker_id', 'in', user.partner_id.parent_id.ids)]</field>
    ```

    `ids` is an empty list where there is no parent, and an empty list selects nothing.

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-754: Improper Check for Unusual or Exceptional Conditions
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for rule in policy.rules:
        if not rule.active:
            continue
        labels = tuple(
            dict.fromkeys(
                label for group in rule.group_names or (None,) for label in audience_of(policy, group).labels
            )
        )
        seen: set[str] = set()
        for fault in _faults(policy, rule, shared=bool(labels)):
            if fault.what not in seen:
                seen.add(fault.what)
                yield rule_invalid.finding(
                    at=rule.domain_origin or rule.origin,
                    subject=rule.xmlid,
                    model=rule.model,
                    audience=labels or ("internal",),
                    severity=fault.severity,
                    confidence=fault.confidence,
                    message=f"Rule {rule_words(rule)} on {model_words(policy, rule.model)}: {fault.what}.",
                    evidence=[rule_said(rule), *fault.evidence],
                    fix=fault.fix,
                    key=(fault.what,),
                )


def _faults(policy: Policy, rule: RecordRule, shared: bool) -> Iterator[_Fault]:
    if rule.model == "ir.rule":
        yield _Fault("Odoo refuses rules on record rules themselves", "Remove the rule.", Severity.MEDIUM)
    if not rule.modes:
        yield _Fault(
            "it is for no mode at all, which Odoo refuses",
            "Set at least one of perm_read, perm_write, perm_create and perm_unlink.",
            Severity.MEDIUM,
        )
    for problem in problems(rule.domain, policy.semantics.domain):
        if problem.certain:
            yield _Fault(
                f"{problem.message}, so everybody it applies to gets an error",
                "Correct the domain.",
                Severity.HIGH,
            )
        elif problem.message.startswith("`"):
            yield _Fault(
                f"a part could not be understood: {problem.message}",
                "Write it so that it can be read "
                "without running code, or check by hand what it lets through.",
                Severity.LOW if shared else Severity.INFO,
                Confidence.LOW,
            )
    yield from _terms(policy, rule.model, rule, shared)
    for symbol in symbols(rule.domain):
        if symbol.root == "user" and symbol.path:
            for step in walk(policy, USERS, ".".join(symbol.path)):
                if isinstance(step, Missing):
                    yield _no_field(policy, step, f"user.{'.'.join(symbol.path)}")
            yield from _misspelt(policy, rule, symbol)


def _misspelt(policy: Policy, rule: RecordRule, symbol: Symbol) -> Iterator[_Fault]:
    """A field of the user that is not known, where not all are, but that is nearly written as one that is."""
    name = symbol.path[0]
    if name in AUTOMATIC or name in ("ids", "env") or name.startswith("x_"):
        return
    if known_in_full(policy, USERS) or field_of(policy, USERS, name) or not _all_read(policy, rule):
        return
    known = {field for other in (USERS, *ancestors(policy, USERS)) for field in _names(policy, other)}
    for near in get_close_matches(name, sorted(known), n=1, cutoff=0.85):
        yield _Fault(
            f"user.{'.'.join(symbol.path)} names a field {name}, which {USERS} is not known to have (it has {near}), "
            "so everybody it applies to gets an error",
            f"Write user.{'.'.join((near, *symbol.path[1:]))}, if that is what is meant.",
            Severity.MEDIUM,
            Confidence.MEDIUM,
        )


def _names(policy: Policy, model: str) -> Iterable[str]:
    return policy.models[model].fields if model in policy.models else ()


def _all_read(policy: Policy, rule: RecordRule) -> bool:
    """Whether the rule's module and all it depends on are there, be it as a summary."""
    seen: set[str] = set()
    waiting = [rule.origin.module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in policy.modules:
            return False
        waiting.extend(policy.modules[name].depends)
    return True


def _one_for_a_list(policy: Policy, term: Term, last: Step | None) -> bool:
    """Whether `in` is given one value on a column, which Odoo fails on up to 18; x2many fields take it."""
    if policy.semantics.domain.in_accepts_scalar or term.operator not in ("in", "not in"):
        return False
    if last is None:
        if term.path != "id":
            return False
    elif (
        last.field.name != term.path.split(".")[-1]
        or not last.field.store
        or last.field.type in ("one2many", "many2many")
    ):
        return False
    value = term.value
    if isinstance(value, Symbol):
        return value.root == "user" and value.path[-1:] == ("id",)
    if not isinstance(value, Literal) or isinstance(value.value, bool) or value.value is None:
        return False
    return not isinstance(value.value, str) or (last is not None and last.field.type != "many2one")


def _terms(policy: Policy, model: str, rule: RecordRule, shared: bool) -> Iterator[_Fault]:
    for term, negated in terms(rule.domain):
        yield from _term(policy, model, term, shared and not negated)


def _term(policy: Policy, model: str, term: Term, shared: bool) -> Iterator[_Fault]:
    last: Step | None = None
    for step in walk(policy, model, term.path):
        if isinstance(step, Missing):
            yield _no_field(policy, step, term.path)
            return
        last = step
        field = step.field
        if (
            field.compute
            and not field.store
            and not field.search
            and not field.related
            and not field.inherited
        ):
            error = policy.semantics.domain.relative_dates
            how = "Odoo fails on the term" if error else "Odoo takes the term as true"
            yield _Fault(
                f"the field {field.name} of {step.model} is computed and can't be searched, so {how}",
                f"Store {field.name}, give it a search method, or compare a stored field.",
                Severity.HIGH if shared else Severity.MEDIUM,
                Confidence.MEDIUM,
                (
                    Evidence(
                        f"{step.model}.{field.name} is computed by {field.compute}, without search",
                        field.origin,
                    ),
                ),
            )
            return
    if _one_for_a_list(policy, term, last):
        value = value_to_odoo(term.value)
        yield _Fault(
            f"'{term.operator}' on {term.path} is given {value}, which is no list, so everybody it applies to gets "
            "an error",
            f"('{term.path}', '{term.operator}', [{value}])",
            Severity.HIGH,
        )
    if isinstance(term.value, Subdomain):
        if last is not None and last.field.comodel:
            for inner, _ in terms(term.value.domain):
                yield from _term(policy, last.field.comodel, inner, shared)
        return
    if shared and term.operator in ("=", "in", "=?") and not (last is not None and last.field.required):
        yield from _perhaps_empty(policy, term, last)


def _perhaps_empty(policy: Policy, term: Term, last: Step | None) -> Iterator[_Fault]:
    values = term.value.items if isinstance(term.value, Values) else (term.value,)
    for value in values:
        if not isinstance(value, Symbol) or value.root != "user" or value.path[-1:] != ("id",):
            continue
        for step in walk(policy, USERS, ".".join(value.path)):
            if isinstance(step, Missing) or step.field.required or step.field.compute or step.field.related:
                continue
            if step.model == USERS or step.field.type != "many2one":
                continue
            said = f"user.{'.'.join(value.path)}"
            evidence = [Evidence(f"{step.model}.{step.field.name} may be empty", step.field.origin)]
            if last is not None:
                evidence.append(Evidence(f"{last.model}.{last.field.name} may be empty", last.field.origin))
            yield _Fault(
                f"where {said} is empty, the term on {term.path} selects the records whose {term.path} is empty",
                f"Compare with {said}s, which selects nothing where it is empty:\n"
                f"('{term.path}', 'in', {said}s)",
                Severity.MEDIUM,
                Confidence.MEDIUM if last else Confidence.LOW,
                tuple(evidence),
            )
            return


def _no_field(policy: Policy, missing: Missing, path: str) -> _Fault:
    return _Fault(
        f"{path} names a field {missing.name}, which {missing.model} doesn't have, so everybody it applies to "
        "gets an error",
        "Name a field that exists, or depend on the module that adds it.",
        Severity.HIGH,
    )
