"""orphan-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import right_given, rule_said
from ostiary.audit.asking.wording import model_words, rule_words
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.effects import Change, Effect, Item, effects, without
from ostiary.policy.audience import EVERYONE, audience_of
from ostiary.policy.definitions import AccessRight, RecordRule
from ostiary.policy.policy import Policy

_TABLES = frozenset({"ir_model_access", "ir_rule"})
# Names under which Odoo files what came from an import or an export, and not from a module.
_IMPORTED = frozenset({"__import__", "__export__", "__custom__", "__cloc_exclude__"})
_SHOWN = 5


@check(
    "orphan-rule",
    "An access right or record rule belongs to no installed module",
    Severity.HIGH,
    references=("CWE-732", "CWE-284", "OWASP A05:2021"),
    tags=("rules", "rights"),
)
def orphan_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights and record rules of a database that no installed module answers for.

    ## What it does

    Finds active access rights and record rules without an external id, with one of a module that is not
    installed, or with one that an import made up: they were made by hand, or left behind. What each does is
    worked out by leaving it out: high where portal users or visitors may do more because of it, medium or low for
    staff, for information where it only limits or has no effect. Archived ones are left out. Needs a
    database (or a snapshot of one).

    ## Why it is bad

    What is in no module was reviewed by nobody, is in no repository, and is not there in the copy on which
    things are tested. It stays through every upgrade, long after the reason for it is gone.

    ## Example

    An access right "tmp portal fix" for `base.group_portal` on `sale.order` with all four modes, made in Settings,
    Technical, Access Rights.

    ## Use instead

    Write it in a module of your own, with a group and a record rule, install that, and remove the one made by hand.

    ## References

    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - CWE-284: Improper Access Control
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    items: list[Item] = [*policy.rights, *policy.rules]
    for item in items:
        if not item.active or item.origin.path not in _TABLES or item.origin.module in policy.modules:
            continue
        yield _finding(policy, item)


def _finding(policy: Policy, item: Item) -> Finding:
    found = effects(without(policy, item), policy, [item])
    own_model = not getattr(policy.models.get(item.model), "modules", ())
    severity = max((one.severity(policy, item.model) for one in found), default=Severity.INFO)
    if own_model and not any(one.share for one in found):
        severity = Severity.INFO
    what = "Record rule" if isinstance(item, RecordRule) else "Access right"
    name = rule_words(item) if isinstance(item, RecordRule) else _right_words(item)
    return orphan_rule.finding(
        at=item.origin,
        module="" if item.origin.module in _IMPORTED else item.origin.module,
        subject=item.name or item.xmlid,
        model=item.model,
        audience=_audience(policy, item, found),
        severity=severity,
        confidence=_confidence(policy, item, found),
        message=f"{what} {name} on {model_words(policy, item.model)} belongs to no installed module"
        f"{_whence(item)}. {_effect(found, item.model)}.",
        evidence=[
            rule_said(item) if isinstance(item, RecordRule) else right_given(item),
            *(Evidence(one.words(item.model)) for one in found[:_SHOWN]),
        ],
        fix="Find out who needs it. Write it in a module of yours if somebody does, and remove this one.",
        key=(what, *_essence(item)),
    )


def _essence(item: Item) -> tuple[str, ...]:
    """What tells it from another of that name, without the row's id."""
    if isinstance(item, RecordRule):
        return (*item.group_names, *item.modes, item.domain_force)
    return (item.group or "", *item.modes)


def _right_words(right: AccessRight) -> str:
    return f"“{right.name}” ({right.xmlid})" if right.name else right.xmlid


def _whence(item: Item) -> str:
    module = item.origin.module
    if not module:
        return ": it was made by hand, or by code"
    return (
        f": it was imported ({module})" if module in _IMPORTED else f": its module {module} is not installed"
    )


def _effect(found: tuple[Effect, ...], model: str) -> str:
    return f"Because of it: {_lower(found[0].words(model))}" if found else "It has no effect today"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _audience(policy: Policy, item: Item, found: tuple[Effect, ...]) -> tuple[str, ...]:
    if isinstance(item, AccessRight) and item.group is None:
        return (EVERYONE,)
    changed = tuple(dict.fromkeys(label for one in found if one.share for label in one.labels))
    if changed:
        return changed
    names = (item.group,) if isinstance(item, AccessRight) else item.group_names
    return tuple(dict.fromkeys(label for name in names for label in audience_of(policy, name).labels)) or (
        "internal",
    )


def _confidence(policy: Policy, item: Item, found: tuple[Effect, ...]) -> Confidence:
    known = policy.models.get(item.model)
    open_ = known is None or known.code_unread or (found and found[0].change is Change.OTHER)
    return Confidence.MEDIUM if open_ else Confidence.HIGH
