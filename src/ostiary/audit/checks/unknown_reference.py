"""unknown-reference: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ostiary.audit.asking.facts import data_unread, rule_said
from ostiary.audit.asking.wording import enumerated, rule_words
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.definitions import Field, Problem, RecordRule
from ostiary.policy.effective import asked_groups
from ostiary.policy.groups import named_groups
from ostiary.policy.policy import Policy
from ostiary.policy.screens import Hide, View

KINDS = frozenset({"unknown-reference", "unknown-model"})
_NAME = re.compile(r"\b[a-z0-9_]+\.[A-Za-z0-9_.]*[A-Za-z0-9_]")
_CLOSE = 0.8
_MOST = 5_000  # groups that a name is compared with


@check(
    "unknown-reference",
    "Something is named that does not exist",
    Severity.HIGH,
    references=("CWE-1099", "CWE-284", "OWASP A05:2021"),
    tags=("files", "groups"),
    always=True,
)
def unknown_reference(policy: Policy) -> Iterator[Finding]:
    """Looks for names of groups, models and records that nobody defines.

    ## What it does

    Reports access rights, record rules, groups, menus, users and other records of data files that name a group, model
    or record of a module that was read whole and that has none of that name. It is high, since Odoo refuses to load
    the module. Names of modules that were not read are not reported: the summary lists those.

    Where Odoo says nothing or logs a warning, an unknown group is held by nobody. That is reported too:

    - in the `groups` of a field: low, since nobody gets to the field but code in superuser mode; medium for
      `!group`, since the field is then kept from nobody;
    - in a rule's `user.has_group(...)`: medium, since the answer is always no;
    - in the `groups` of an element of a view: low.

    This check runs whatever checks are selected, unless it is ignored by name.

    ## Why it is bad

    A right that can't be loaded stops the installation. What loads with a wrong name says something
    else than it seems to: a field is out of everybody's reach, or nobody is kept from it.

    ## Example

    ```xml
    <record id="loan_rule_portal" model="ir.rule">
        <field name="groups" eval="[(4, ref('base.group_protal'))]"/>
    </record>
    ```

    ## Use instead

    ```xml
    <record id="loan_rule_portal" model="ir.rule">
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## References

    - CWE-1099: Inconsistent Naming Conventions for Identifiers
    - CWE-284: Improper Access Control
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    for problem in policy.problems:
        if problem.kind in KINDS:
            yield _of_problem(policy, problem)
    yield from _in_fields(policy)
    for rule in policy.rules:
        if rule.active and (names := _unknown(policy, asked_groups(rule.domain))):
            yield _in_rule(policy, rule, names)
    for view in policy.views.values():
        for hide in view.hides:
            if view.active and (names := _unknown(policy, named_groups(hide.groups))):
                yield _in_view(policy, view, hide, names)


def _unknown(policy: Policy, names: Iterable[str]) -> list[str]:
    """Those of some groups that do not exist, as far as can be told: their module was read whole."""
    return sorted(name for name in names if name not in policy.groups and _read_whole(policy, name))


def _read_whole(policy: Policy, name: str) -> bool:
    prefix, dot, _ = name.partition(".")
    if not dot:
        return True  # a name without its module is none that Odoo finds
    module = policy.modules.get(prefix)
    return module is not None and not module.facts and not data_unread(policy, prefix)


def _of_problem(policy: Policy, problem: Problem) -> Finding:
    said = problem.message.rstrip(".")
    return unknown_reference.finding(
        at=problem.origin,
        subject=problem.origin.module or problem.kind,
        severity=Severity.HIGH if problem.fatal else Severity.LOW,
        confidence=Confidence.HIGH if problem.fatal else Confidence.MEDIUM,
        message=f"{said}: Odoo refuses to load this."
        if problem.fatal
        else f"{said}: what depends on it was not audited.",
        fix=_fix_of(policy, problem),
        key=(problem.kind, problem.message),
    )


def _fix_of(policy: Policy, problem: Problem) -> str:
    if problem.kind == "unknown-model":
        return (
            "Name a model that the module defines or extends, or put its module in front: "
            "other.model_other_thing."
        )
    found = _NAME.search(problem.message)
    near = _nearest(policy, found[0]) if found and problem.message.startswith("The group") else ""
    return near or "Name something that exists, or depend on the module that defines it."


def _nearest(policy: Policy, name: str) -> str:
    """What is meant, where one group's name is much like it."""
    known = [one.xmlid for one in policy.groups.values() if not one.unresolved]
    if "." not in name:
        same = [one for one in known if one.partition(".")[2] == name]
        return f"Write {enumerated(sorted(same)[:3], 'or')}." if same else ""
    if len(known) > _MOST:
        return ""
    bare = {_bare(one): one for one in sorted(known) if one.partition(".")[0] == name.partition(".")[0]}
    near = get_close_matches(_bare(name), list(bare), n=1, cutoff=_CLOSE)
    return f"Write {bare[near[0]]}, if that is meant." if near else ""


def _bare(name: str) -> str:
    """A group's name without what all of them begin with."""
    return name.partition(".")[2].removeprefix("group_")


def _in_fields(policy: Policy) -> Iterator[Finding]:
    seen: set[tuple[object, str]] = set()
    for model in policy.models.values():
        for field in model.fields.values():
            if not field.groups or field.inherited or (field.origin, field.name) in seen:
                continue
            names = _unknown(policy, named_groups(field.groups))
            if names:
                seen.add((field.origin, field.name))
                yield _in_field(policy, model.name, field, names)


def _in_field(policy: Policy, model: str, field: Field, names: list[str]) -> Finding:
    text = field.groups or ""
    refused = [part.strip()[1:] for part in text.split(",") if part.strip().startswith("!")]
    open_ = any(name in refused for name in names)
    if open_:
        effect = "the field is kept from nobody by that"
    elif all(name in names for name in named_groups(text)):
        effect = "only code in superuser mode gets to the field"
    else:
        effect = "that part of its groups says nothing"
    return unknown_reference.finding(
        at=field.origin,
        subject=f"{model}.{field.name}",
        model=model,
        severity=Severity.MEDIUM if open_ else Severity.LOW,
        message=f"The field {field.name} of {model} is for groups “{text}”, and {_none(names)}: nobody holds "
        f"{'it' if len(names) == 1 else 'them'}, and {effect}.",
        fix=_fix(policy, names),
    )


def _in_rule(policy: Policy, rule: RecordRule, names: list[str]) -> Finding:
    return unknown_reference.finding(
        at=rule.domain_origin or rule.origin,
        subject=rule.xmlid,
        model=rule.model,
        severity=Severity.MEDIUM,
        message=f"The record rule {rule_words(rule)} asks whether the user holds {enumerated(names, 'or')}, and "
        f"{_none(names)}: the answer is always no.",
        evidence=[rule_said(rule)],
        fix=_fix(policy, names),
    )


def _in_view(policy: Policy, view: View, hide: Hide, names: list[str]) -> Finding:
    what = f"{hide.element} {hide.name}".strip()
    return unknown_reference.finding(
        at=hide.origin,
        subject=view.xmlid,
        model=view.model,
        severity=Severity.LOW,
        message=f"The element “{what}” of the view {view.xmlid} is for groups “{hide.groups}”, and "
        f"{_none(names)}: Odoo logs a warning and takes nobody to hold {'it' if len(names) == 1 else 'them'}.",
        evidence=[Evidence("the view", view.origin)],
        fix=_fix(policy, names),
        key=(hide.element, hide.name, hide.path),
    )


def _none(names: list[str]) -> str:
    return f"{enumerated(names)} {'does' if len(names) == 1 else 'do'} not exist"


def _fix(policy: Policy, names: list[str]) -> str:
    near = [text for name in names if (text := _nearest(policy, name))]
    return " ".join(near) or "Name a group that exists, or define it."
