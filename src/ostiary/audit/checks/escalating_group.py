"""escalating-group: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ostiary.audit.asking.links import Step, closing_link, linked, steps
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.brought import brought, decides, gravest_first, gravity, said, widened
from ostiary.audit.groups.ladders import (
    ADMINISTRATORS,
    administrators_reached,
    below,
    is_manager,
    named_manager,
    same_ladder,
    words,
)
from ostiary.audit.registry import check
from ostiary.policy.definitions import Group, Implication
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC, USER_TYPES

_SHOWN = 6
_NOT_OURS = frozenset((*USER_TYPES, *ADMINISTRATORS))


@check(
    "escalating-group",
    "A group brings an administrator's group",
    Severity.CRITICAL,
    references=("CWE-266", "CWE-269", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("groups",),
)
def escalating_group(policy: Policy) -> Iterator[Finding]:
    """Looks for groups that bring more than their name says: an administrator's or a manager's group.

    ## What it does

    Follows implied groups through all modules and reports, at the link to change, three sorts of link:

    - a group implies `base.group_system` (Settings) or `base.group_erp_manager` (Access Rights). The two are worth the
      same, since whoever may change users can give themselves every group. Critical where every internal user holds
      that group, high where an application's user group does, medium where it is called a manager's or an
      administrator's, or is a role made of several groups.
    - every internal user holds the manager's group of an application: the highest step of several, called manager or
      administrator. High where it decides what others may do or which code is run, medium otherwise.
    - a group that is not called a manager's implies a manager's: that of its own application, or of another one.
      Medium, or high where that decides what others may do.

    Managers who bring another application's manager, circles of groups ([group-cycle](group-cycle.md)), groups
    that only switch something on, and portal or public users
    ([portal-reaches-internal](portal-reaches-internal.md)) are left out.

    ## Why it is bad

    Whoever gives somebody the lower group believes to give what its name says. The rights of an administrator come
    along unseen: the form of a user shows them, if at all, as something the administrator gave.

    ## Example

    ```xml
    <record id="base.group_user" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('library.group_manager'))]"/>
    </record>
    ```

    ## Use instead

    Give each user the step they need. If everybody is to do one thing of what managers do, give that access right to
    the lower group:

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_loan_user,loan user,model_library_loan,base.group_user,1,1,0,0
    ```

    ## References

    - CWE-266: Incorrect Privilege Assignment
    - CWE-269: Improper Privilege Management
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    taken: set[Step] = set()
    for step, finding in (*_everybody(policy), *_administrators(policy), *_managers(policy)):
        if step not in taken:
            taken.add(step)
            yield finding


def _everybody(policy: Policy) -> Iterator[tuple[Step, Finding]]:
    """What every internal user holds: an administrator's group, and the manager's of an application."""
    held = closure(policy, (INTERNAL,))
    admin = next((name for name in ADMINISTRATORS if name in held), None)
    if admin is not None:
        links = steps(INTERNAL, chain(policy, INTERNAL, admin) or ())
        holder, link = closing_link(policy, links)
        yield (
            (holder, link),
            escalating_group.finding(
                at=link.origin,
                subject=holder,
                audience=("internal",),
                message=f"Every internal user is an administrator of the whole database: {INTERNAL} implies "
                f"{_way(links)}.",
                evidence=linked(links),
                fix=_without(holder, link, "and give that group to the few who need it"),
                key=(link.group,),
            ),
        )
        return
    for group in sorted(held - {INTERNAL}):
        if not is_manager(policy, group):
            continue
        mine = {group, *below(policy, group)}
        opened, more = brought(policy, mine), widened(policy, mine, held - mine)
        if not (opened or more):
            continue
        links = steps(INTERNAL, chain(policy, INTERNAL, group) or ())
        holder, link = closing_link(policy, links)
        yield (
            (holder, link),
            escalating_group.finding(
                at=link.origin,
                subject=holder,
                audience=("internal",),
                severity=max(Severity.MEDIUM, gravity(policy, opened)),
                confidence=_confidence(policy, links),
                message=f"Every internal user holds {words(policy, group)}, the highest step of its application, and "
                f"may {said(gravest_first(policy, opened), more)}: {INTERNAL} implies {_way(links)}.",
                evidence=linked(links),
                fix=_without(holder, link, "and give everybody the lowest step that is enough"),
                key=(link.group,),
            ),
        )


def _administrators(policy: Policy) -> Iterator[tuple[Step, Finding]]:
    """The groups that imply an administrator's group themselves."""
    for group in _others(policy):
        for link in group.implies:
            if link.group not in ADMINISTRATORS or group.xmlid in closure(policy, (link.group,)):
                continue
            meant = named_manager(policy, group.xmlid) or _is_role(policy, group)
            severity = Severity.MEDIUM if meant else Severity.HIGH
            step = (group.xmlid, link)
            others = islice(_implied_by(policy, group.xmlid), _SHOWN)
            yield (
                step,
                escalating_group.finding(
                    at=link.origin,
                    subject=group.xmlid,
                    audience=(group.xmlid,),
                    severity=severity,
                    confidence=_confidence(policy, [step]),
                    message=f"Whoever is given {words(policy, group.xmlid)} becomes an administrator of the whole "
                    f"database: it implies {words(policy, link.group)}, with which one may change every user and give "
                    "oneself any group.",
                    evidence=[*linked([step]), *others],
                    fix=_without(
                        group.xmlid, link, "and give it the access rights it needs on the models it needs"
                    ),
                    key=(link.group,),
                ),
            )


def _managers(policy: Policy) -> Iterator[tuple[Step, Finding]]:
    """Links from a group that is not a manager's to one that is."""
    for group in _others(policy):
        if named_manager(policy, group.xmlid) or administrators_reached(policy, group.xmlid):
            continue
        if _is_role(policy, group):
            continue
        for link in group.implies:
            if not _lifts(policy, group, link):
                continue
            others = (other.group for other in group.implies if other.group != link.group)
            mine = {group.xmlid, *closure(policy, others)}
            theirs = {link.group, *below(policy, link.group)} - mine
            opened = brought(policy, theirs, {*mine, INTERNAL})
            more = widened(policy, theirs, {*mine, INTERNAL})
            if not (opened or more):
                continue
            own = same_ladder(policy, group.xmlid, link.group)
            step = (group.xmlid, link)
            yield (
                step,
                escalating_group.finding(
                    at=link.origin,
                    subject=group.xmlid,
                    audience=(group.xmlid,),
                    severity=Severity.HIGH if any(decides(*item) for item in opened) else Severity.MEDIUM,
                    confidence=_confidence(policy, [step]),
                    message=f"Whoever is given {words(policy, group.xmlid)} also holds {words(policy, link.group)}, "
                    f"the manager's group of {'the same' if own else 'another'} application, and so may "
                    f"{said(gravest_first(policy, opened), more)}.",
                    evidence=[*linked([step]), *islice(_implied_by(policy, group.xmlid), _SHOWN)],
                    fix=_without(
                        group.xmlid, link, "and give it the access rights it needs on the models it needs"
                    ),
                    key=(link.group,),
                ),
            )


def _lifts(policy: Policy, group: Group, link: Implication) -> bool:
    """Whether a link leads to a manager's group, and not in a circle."""
    if link.group in _NOT_OURS or group.xmlid in closure(policy, (link.group,)):
        return False
    if same_ladder(policy, group.xmlid, link.group):
        return named_manager(policy, link.group) and bool(below(policy, link.group))
    return is_manager(policy, link.group)


def _is_role(policy: Policy, group: Group) -> bool:
    """Whether a group is made of other applications' groups and has nothing of its own: a role, whose sum is meant."""
    own = any(right.group == group.xmlid for right in policy.rights)
    return not own and sum(link.group not in USER_TYPES for link in group.implies) > 1


def _others(policy: Policy) -> Iterator[Group]:
    """The groups of staff that are no administrator's by definition."""
    for name in sorted(policy.groups):
        held = closure(policy, (name,))
        if name not in _NOT_OURS and held.isdisjoint((PORTAL, PUBLIC)):
            yield policy.groups[name]


def _implied_by(policy: Policy, name: str) -> Iterator[Evidence]:
    """The groups that bring this one along."""
    for other in sorted(policy.groups):
        for link in policy.groups[other].implies:
            if link.group == name:
                yield Evidence(f"{other} implies {name}", link.origin)


def _way(links: list[Step]) -> str:
    return ", which implies ".join(link.group for _, link in links)


def _confidence(policy: Policy, links: list[Step]) -> Confidence:
    """Lower where a value that could not be read may change what one of the groups implies."""
    uncertain = any(policy.groups[holder].uncertain for holder, _ in links if holder in policy.groups)
    return Confidence.MEDIUM if uncertain else Confidence.HIGH


def _without(holder: str, link: Implication, more: str) -> str:
    return (
        f"Remove {link.group} from the implied groups of {holder}, {more}. Where the module is installed already, "
        "this removes the link; in Odoo 17 and 18 users keep the group then, until it is taken from each:\n"
        f'<record id="{holder}" model="res.groups">\n'
        f'    <field name="implied_ids" eval="[(3, ref(\'{link.group}\'))]"/>\n'
        "</record>"
    )
