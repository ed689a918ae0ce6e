"""rule-invalid: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from ostiary.audit.asking.facts import rule_said
from ostiary.audit.asking.record_fields import near_field
from ostiary.audit.asking.wording import model_words, rule_words
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.frozen import INSTALLED, frozen_values
from ostiary.audit.weighing.sensitivity import AUTOMATIC, ancestors
from ostiary.domain import Literal, Subdomain, Symbol, Term, problems, symbols, terms, value_to_odoo
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import RecordRule
from ostiary.policy.faults import all_read, names_added, own_names_only
from ostiary.policy.paths import Missing, Step, field_of, known_in_full, walk
from ostiary.policy.policy import Policy
from ostiary.prove.identity import may_be_empty

USERS = "res.users"
# How readers mark an external id in `eval`: it stands for one record, which is known when the module is installed.
_REFERENCE = "`{'$ref'"
_MANY = ("one2many", "many2many")


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a rule, as a clause; `meant` is the name that was probably meant."""

    what: str
    fix: str
    severity: Severity
    confidence: Confidence = Confidence.HIGH
    evidence: tuple[Evidence, ...] = ()
    meant: str = ""


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
    and `time` in Odoo 19; where a module adds names in Python, they are not judged), a field that doesn't exist
    anywhere on a path, a rule without modes, a rule on `ir.rule`, and `in` with a single value on a column (Odoo
    17 and 18). Also what is accepted but means something else: a computed field that can't be searched (Odoo
    takes the term as true). Fields are only judged where all modules of a model were read, and, on the user,
    where they are nearly written as one that is known. What a comparison selects where the user's value is empty
    is [rule-on-empty-value](rule-on-empty-value.md)'s, and what `eval` worked out when the module was installed
    is [rule-frozen-value](rule-frozen-value.md)'s. A rule whose model or group doesn't exist is reported by
    [unknown-reference](unknown-reference.md).

    ## Why it is bad

    A rule that fails locks people out of the whole model, and the usual remedy is to remove it. A rule that
    means something else lets through what its author thought was held back.

    ## Example

    ```xml
    <field name="domain_force">[('user_id', '=', uid)]</field>
    <field name="domain_force">[('broker_id', 'in', user.partner_id.id)]</field>
    ```

    ## Use instead

    ```xml
    <field name="domain_force">[('user_id', '=', user.id)]</field>
    <field name="domain_force">[('broker_id', 'in', user.partner_id.ids)]</field>
    ```

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
                    message=_message(policy, rule, fault),
                    evidence=[rule_said(rule), *fault.evidence],
                    fix=fault.fix,
                    key=(fault.what,),
                )


def _message(policy: Policy, rule: RecordRule, fault: _Fault) -> str:
    hint = f"; did you mean {fault.meant}?" if fault.meant else "."
    return f"In the rule {rule_words(rule)} on {model_words(policy, rule.model)}, {fault.what}{hint}"


def _faults(policy: Policy, rule: RecordRule, shared: bool) -> Iterator[_Fault]:
    if rule.model == "ir.rule":
        yield _Fault(
            "the model is that of record rules themselves, on which Odoo refuses any rule",
            "Remove the rule.",
            Severity.MEDIUM,
        )
    if not rule.modes:
        yield _Fault(
            "no mode at all is set, which Odoo refuses",
            "Set at least one of perm_read, perm_write, perm_create and perm_unlink.",
            Severity.MEDIUM,
        )
    settled = any(one.sort in INSTALLED for one in frozen_values(policy, rule))
    own = own_names_only(policy, rule)
    for problem in problems(rule.domain, policy.semantics.domain):
        if problem.name and not own:
            if not names_added(policy):
                yield _Fault(
                    f"the name '{problem.name}' is none that Odoo itself knows in a record rule, so everybody it "
                    "applies to gets an error, unless a module that was not read defines it (in ir.rule._eval_context)",
                    "Read the modules that this one depends on too (--addons-path); if none defines it, correct the "
                    "domain.",
                    Severity.LOW,
                    Confidence.LOW,
                )
        elif problem.certain:
            said = problem.message.replace("`: it is ", "` is ")
            yield _Fault(
                f"{said}, so everybody it applies to gets an error",
                "Correct the domain.",
                Severity.HIGH,
            )
        elif problem.message.startswith("`") and not settled and not problem.message.startswith(_REFERENCE):
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
    if (
        known_in_full(policy, USERS)
        or field_of(policy, USERS, name)
        or not all_read(policy, rule.origin.module)
    ):
        return
    known = {field for other in (USERS, *ancestors(policy, USERS)) for field in _names(policy, other)}
    for near in get_close_matches(name, sorted(known), n=1, cutoff=0.85):
        yield _Fault(
            f"no field {name} is known on {USERS} (user.{'.'.join(symbol.path)}), which has {near}, "
            "so everybody it applies to gets an error",
            f"Write user.{'.'.join((near, *symbol.path[1:]))}, if that is what is meant.",
            Severity.MEDIUM,
            Confidence.MEDIUM,
        )


def _names(policy: Policy, model: str) -> Iterable[str]:
    return policy.models[model].fields if model in policy.models else ()


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
        empty = isinstance(term.value, Symbol) and may_be_empty(policy, term.value)
        who = "everybody who has one" if empty else "everybody it applies to"
        yield _Fault(
            f"'{term.operator}' on {term.path} is given {value}, which is no list, so {who} gets an error",
            f"('{term.path}', '{term.operator}', {value + 's' if empty else f'[{value}]'})",
            Severity.HIGH,
        )
    if isinstance(term.value, Subdomain) and last is not None and last.field.comodel:
        for inner, _ in terms(term.value.domain):
            yield from _term(policy, last.field.comodel, inner, shared)


def _no_field(policy: Policy, missing: Missing, path: str) -> _Fault:
    """A field that is certainly not there, with the one that is most like it."""
    near = near_field(policy, missing)
    where = "" if path == missing.name else f" ({path})"
    return _Fault(
        f"there is no field {missing.name} on {missing.model}{where}, so everybody it applies to gets an error",
        f"Write {near} for {missing.name}, if that is what is meant, or depend on the module that adds {missing.name}."
        if near
        else "Name a field that exists, or depend on the module that adds it.",
        Severity.HIGH,
        meant=near or "",
    )
