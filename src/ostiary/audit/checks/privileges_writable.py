"""privileges-writable: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    held_through,
    in_context,
    not_judged,
    reach,
    right_given,
    rule_said,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import made_otherwise, place_of
from ostiary.audit.asking.wording import columns, model_words, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.ladders import administrators_reached, named_manager, words
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import PRIVILEGES
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.groups import closure
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting
from ostiary.policy.semantics import INTERNAL
from ostiary.policy.subject import Subject

# What somebody comes to who may change the records of a model, and how grave that is of every internal user.
_EVERYTHING = "can give themselves every other right"
_EFFECT: dict[str, tuple[Severity, str]] = {
    "ir.actions.server": (Severity.CRITICAL, "can run code that reads and writes everything"),
    "ir.config_parameter": (Severity.CRITICAL, "can change the settings that the whole database rests on"),
    "ir.cron": (Severity.MEDIUM, "can start and stop scheduled actions, and say as whom they run"),
    "ir.model": (Severity.HIGH, "can change what the database holds"),
    "ir.model.access": (Severity.CRITICAL, _EVERYTHING),
    "ir.model.fields": (Severity.CRITICAL, "can add a field whose code reads and writes everything"),
    "ir.rule": (Severity.CRITICAL, "can lift what keeps records from them"),
    "ir.ui.view": (Severity.HIGH, "can change what everybody's pages run"),
    "res.groups": (Severity.CRITICAL, _EVERYTHING),
    "res.users": (Severity.CRITICAL, _EVERYTHING),
}
# Roles of editors that Odoo has itself.
_EDITED = frozenset({"ir.ui.view"})
# Where a record of one's own is enough: a rule or a server action that one made oneself counts for all.
_OWN_ENOUGH = frozenset(
    {"ir.actions.server", "ir.model.access", "ir.model.fields", "ir.rule", "res.groups", "res.users"}
)
_WRITING = (Mode.WRITE, Mode.CREATE, Mode.UNLINK)
_LADDER = tuple(sorted(Severity))
# How many steps less grave it is than that any record may be changed.
_STEPS = {Limit.NONE: 0, Limit.COMPANY: 0, Limit.CONDITION: 1, Limit.OWN: 1}
_WORST_FIRST = (Limit.NONE, Limit.COMPANY, Limit.CONDITION, Limit.OWN, Limit.UNKNOWN)


@check(
    "privileges-writable",
    "Users who are no administrators may change what decides about access",
    Severity.CRITICAL,
    references=("CWE-269", "CWE-732", "OWASP A01:2021", "ASVS 4.0.3 V4.1.2"),
    tags=("rights", "groups"),
)
def privileges_writable(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights that let users who are no administrators change rights, rules, groups, users, or code.

    ## What it does

    Takes every access right with `perm_write`, `perm_create` or `perm_unlink` on access rights, record rules,
    groups, users, system parameters, server actions, scheduled actions, models, fields or views, whose group is
    held by every internal user, or is an application's and implies neither *Settings* nor *Access Rights*. What
    record rules leave is proved; that they leave only what somebody made themselves helps little, since a rule
    or a server action of one's own counts for all records. It is critical where every internal user may, high
    for a plain role, medium for one that is called a manager's; less for scheduled actions, views and models,
    where a rule limits the parameters, and where records may only be deleted. A role that may change views is
    not reported, since Odoo has such roles itself. What portal users and visitors may do is reported by
    [share-can-write](share-can-write.md), a right without a group by
    [access-right-without-group](access-right-without-group.md).

    ## Why it is bad

    Whoever may change these is an administrator in all but name: they add themselves to a group, lift a record rule, or
    have a server action do what they may not. It needs no form or menu, since any user may write over RPC.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_parameter_user,parameter,base.model_ir_config_parameter,base.group_user,1,1,1,0
    ```

    so that a wizard of the module can save a setting.

    ## Use instead

    No access right, and one method that checks what it is about to write, and writes just that in superuser mode:

    ```python
    def action_save(self):
        self.env["ir.config_parameter"].sudo().set_param("library.loan_days", self.loan_days)
    ```

    ## References

    - CWE-269: Improper Privilege Management
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    inside = closure(policy, (INTERNAL,))
    for right in policy.rights:
        if right.model not in _EFFECT or not right.active or right.uncertain or right.group is None:
            continue
        label = INTERNAL if right.group in inside else right.group
        if label != INTERNAL and not _role(policy, right):
            continue
        modes = [mode for mode in _WRITING if mode in right.modes and _first(policy, right, label, mode)]
        at = place_of(policy, right, (label,), modes)
        if modes and not in_context(policy, at.module):
            yield from _judged(policy, right, label, modes)


def _role(policy: Policy, right: AccessRight) -> bool:
    """Whether the right's group is one of internal users, and not an administrator's."""
    group = right.group or ""
    administrators = administrators_reached(policy, group) is not None
    return not (right.model in _EDITED or administrators or audience_of(policy, group))


def _first(policy: Policy, right: AccessRight, label: str, mode: Mode) -> bool:
    """Whether no right that came before gives the same."""
    given = granting(policy, Subject(name=label, groups=closure(policy, (label,))), right.model, mode)
    return next(iter(given), right) is right


def _judged(policy: Policy, right: AccessRight, label: str, modes: list[Mode]) -> Iterator[Finding]:
    by_limit: dict[Limit, list[Mode]] = {}
    for mode in modes:
        sort = limit(policy, label, right.model, mode)
        if sort is not Limit.OWN or (right.model in _OWN_ENOUGH and mode is not Mode.UNLINK):
            by_limit.setdefault(sort, []).append(mode)
    worst = next((sort for sort in _WORST_FIRST if sort in by_limit), None)
    if worst is not None:
        yield _finding(policy, right, label, worst, by_limit[worst])


def _finding(policy: Policy, right: AccessRight, label: str, sort: Limit, modes: list[Mode]) -> Finding:
    model, group = right.model, right.group or ""
    found = reach(policy, label, model, modes[0])
    at = place_of(policy, right, (label,), modes)
    unknown = sort is Limit.UNKNOWN or _unread(policy, group)
    whom = "Every internal user" if label == INTERNAL else f"Users of {words(policy, group)}"
    which = {Limit.NONE: "any record", Limit.COMPANY: "any record", Limit.OWN: "their own records"}
    return privileges_writable.finding(
        at=at,
        subject=right.xmlid,
        model=model,
        audience=("internal" if label == INTERNAL else group,),
        severity=Severity.LOW if unknown else found.lowered(_severity(policy, label, model, sort, modes)),
        confidence=Confidence.LOW if unknown else found.confidence,
        extent=[mode.value for mode in modes],
        message=f"{whom} may {verbs(modes)} {which.get(sort, 'records')} of {model_words(policy, model)}: "
        f"whoever may do so {_EFFECT[model][1]}.",
        evidence=[
            *held_through(policy, label, group),
            right_given(right),
            *made_otherwise(right, at),
            Evidence(f"{model} {PRIVILEGES[model]}"),
            *_about(policy, label, group),
            *map(rule_said, found.rules),
            *not_judged(policy, model, found),
        ],
        fix=f"Set {columns(modes)} to 0 in {right.xmlid}, or give it to base.group_system. Where a method of the "
        "module needs to write such a record for its user, let it check what it writes, and write with sudo().",
    )


def _unread(policy: Policy, group: str) -> bool:
    """Whether the group's module was not read: it may be an administrator's."""
    known = policy.groups.get(group)
    return known is None or known.unresolved


def _about(policy: Policy, label: str, group: str) -> Iterator[Evidence]:
    known = policy.groups.get(group)
    if known is None or known.unresolved:
        yield Evidence(f"what {group} implies was not read: it may be an administrator's")
    elif label != INTERNAL:
        yield Evidence(f"{group} implies neither base.group_system nor base.group_erp_manager", known.origin)


def _severity(policy: Policy, label: str, model: str, sort: Limit, modes: list[Mode]) -> Severity:
    rank = _EFFECT[model][0].rank - (0 if model in _OWN_ENOUGH else _STEPS[sort])
    if label != INTERNAL:
        rank -= 2 if named_manager(policy, label) else 1
    if modes == [Mode.UNLINK] and model != "ir.rule":
        rank -= 2
    return _LADDER[max(rank, Severity.LOW.rank)]
