"""rule-frozen-value: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ostiary.audit.asking.facts import group_of, held_through, is_transient, may, reach, rule_said
from ostiary.audit.asking.wording import enumerated, model_words, rule_words
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.frozen import Frozen, FrozenValue, frozen_values
from ostiary.audit.weighing.severity import severity
from ostiary.policy.audience import audience_of, share_groups
from ostiary.policy.definitions import RecordRule
from ostiary.policy.policy import Policy

_LADDER = tuple(sorted(Severity))
_SHOWN = 60


@check(
    "rule-frozen-value",
    "A rule compares with a value that was worked out once",
    Severity.MEDIUM,
    references=("CWE-547", "CWE-863", "OWASP A01:2021"),
    tags=("rules",),
)
def rule_frozen_value(policy: Policy) -> Iterator[Finding]:
    """Looks for rules whose values stand still: ids written as numbers, and what a clock said once.

    ## What it does

    Reports rules in a module's files that compare a relational field with a number (`('category_id', '=', 5)`, in
    a test too: `user.company_id.id == 1`), rules whose `eval` asks a clock or searches for records while the data
    file is loaded, and rules that ask `time` in their text: Odoo keeps the evaluated domain of each user in memory
    until something clears its caches, so that *now* may be days ago. `ref('...')` in `eval` is in order, since the
    external id is looked up in each database, and so is a number that stands for OdooBot (`1` of `res.users`), one
    that a column of numbers is compared with, and an id in a rule that was read from a database. Gravity follows who
    is bound by the rule and what the model holds; where only internal users are, it is low at most.

    ## Why it is bad

    The number is that of a record in the author's database. In another one it is some other record, or none, and
    the rule shows what it should hide, without any error. A date that was put into the text at installation stays
    that day.

    ## Example

    ```xml
    <field name="domain_force">[('category_id', '=', 5)]</field>
    <field name="domain_force" eval="[('date', '>=', time.strftime('%Y-%m-%d'))]"/>
    ```

    ## Use instead

    ```xml
    <field name="domain_force" eval="[('category_id', '=', ref('category_open'))]"/>
    <field name="domain_force">[('is_over', '=', False)]</field>
    ```

    with a field that a scheduled action keeps up to date, or, from Odoo 19 on, `('date', '>=', 'today')`.

    ## References

    - CWE-547: Use of Hard-coded, Security-relevant Constants
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for rule in policy.rules:
        if not rule.active:
            continue
        values = tuple(dict.fromkeys(frozen_values(policy, rule)))
        for sort in Frozen:
            alike = [value for value in values if value.sort is sort]
            if alike:
                yield _finding(policy, rule, sort, alike)


def _finding(policy: Policy, rule: RecordRule, sort: Frozen, values: Sequence[FrozenValue]) -> Finding:
    labels = _bound(policy, rule)
    sure = all(value.sure for value in values)
    chains = [
        step
        for label in labels
        for name in rule.group_names
        for step in held_through(policy, label, name)
        if group_of(label) != name
    ]
    return rule_frozen_value.finding(
        at=rule.domain_origin or rule.origin,
        subject=rule.xmlid,
        model=rule.model,
        audience=labels or ("internal",),
        severity=_severity(policy, rule, labels, sort),
        confidence=Confidence.HIGH if sure else Confidence.LOW,
        message=f"The rule {rule_words(rule)} on {model_words(policy, rule.model)} {_what(sort, values)}.",
        evidence=[*chains, rule_said(rule), *_known(values)],
        fix=_fix(policy, rule, sort, values),
        key=(sort.name,),
    )


def _bound(policy: Policy, rule: RecordRule) -> tuple[str, ...]:
    """The share users whom the rule binds and who have an access right for one of its modes."""
    names = rule.group_names or tuple(share_groups(policy))
    labels = dict.fromkeys(label for name in names for label in audience_of(policy, name).labels)
    return tuple(
        label
        for label in labels
        if any(
            may(policy, label, rule.model, mode)
            and any(one.xmlid == rule.xmlid for one in reach(policy, label, rule.model, mode).rules)
            for mode in rule.modes
        )
    )


def _severity(policy: Policy, rule: RecordRule, labels: tuple[str, ...], sort: Frozen) -> Severity:
    """One step below what it is to reach records one should not, since some number or day is right."""
    if sort is Frozen.CACHED_CLOCK or not labels or is_transient(policy, rule.model):
        return Severity.LOW if labels or sort is not Frozen.CACHED_CLOCK else Severity.INFO
    worst = max(
        severity(policy, label, rule.model, mode)
        for label in labels
        for mode in rule.modes
        if may(policy, label, rule.model, mode)
    )
    return _LADDER[max(worst.rank - 1, Severity.LOW.rank)]


def _what(sort: Frozen, values: Sequence[FrozenValue]) -> str:
    if sort is Frozen.NUMBER:
        return f"compares {_by_path(values)}: in another database that number is another record, or none"
    codes = enumerated([_short(value.text) for value in values])
    if sort is Frozen.INSTALLED_CLOCK:
        return f"asks the clock only once, when its data file is loaded ({codes}): it compares with that day ever after"
    if sort is Frozen.INSTALLED_SEARCH:
        return f"looks for records only once, when its data file is loaded ({codes}): later ones are not compared"
    terms = enumerated([f"{value.path} with {value.text}" for value in values])
    return (
        f"compares {terms}: Odoo works that out once for each user and keeps it until its caches are cleared, so that "
        "it may be days old"
    )


def _by_path(values: Sequence[FrozenValue]) -> str:
    """`category_id with shop.category 5 and 7`."""
    numbers: dict[str, list[str]] = {}
    for value in values:
        model = f" {value.model}" if value.model else ""
        numbers.setdefault(f"{value.path} with{model}", []).append(value.text)
    return enumerated([f"{what} {enumerated(which)}" for what, which in numbers.items()])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _known(values: Sequence[FrozenValue]) -> Iterator[Evidence]:
    for value in values:
        if value.usual:
            yield Evidence(f"{value.model} {value.text} is {value.usual} in most databases")
        elif not value.sure:
            yield Evidence(f"{value.path} was not read; by its name it holds ids")


def _fix(policy: Policy, rule: RecordRule, sort: Frozen, values: Sequence[FrozenValue]) -> str:
    if sort is Frozen.NUMBER:
        if any(value.path.startswith(("user.", "company_id", "company_ids")) for value in values):
            return "Ask for a group (user.has_group('...')) or for a field of the user's, not for one record's number."
        first = values[0]
        name = first.usual or "the_record"
        return (
            "Name the record by its external id, which is looked up when the module is installed:\n"
            f"<field name=\"domain_force\" eval=\"[('{first.path}', '=', ref('{name}'))]\"/>\n"
            "or compare a field that says what is special about it."
        )
    if sort is Frozen.INSTALLED_SEARCH:
        return f"In {rule.xmlid}, compare a field or a path (`category_id.is_open`), not ids found in eval."
    today = "" if policy.semantics.domain.knows_name("time") else ", or with 'today', in text and not in eval"
    return f"In {rule.xmlid}, compare with a stored field that a scheduled action keeps up to date{today}."
