"""group-cycle: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.links import Step, closing_link, linked
from ostiary.audit.asking.wording import at_most
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.brought import brought, gravest_first, gravity, said, widened
from ostiary.audit.groups.circles import circles
from ostiary.audit.groups.ladders import ADMINISTRATORS, administrators_reached, is_manager
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_SHOWN = 8


@check(
    "group-cycle",
    "Groups imply each other in a circle",
    Severity.HIGH,
    references=("CWE-266", "CWE-1047", "OWASP A01:2021"),
    tags=("groups",),
)
def group_cycle(policy: Policy) -> Iterator[Finding]:
    """Looks for groups that imply each other in a circle, so that they are all one group.

    ## What it does

    Reports each circle of implied groups once, through all modules, at the link that leads back up. It is high where
    one of the groups brings something that decides what others may do, medium where it brings records to
    read or change, low where all of them give the same anyhow.

    A circle through the user types is left to the checks that say what comes of it:
    [portal-reaches-internal](portal-reaches-internal.md) and
    [portal-group-gains-rights](portal-group-gains-rights.md) for portal and public users,
    [escalating-group](escalating-group.md) where internal users get an administrator's group. What is left is low: a
    group that every internal user holds and that implies internal user can be taken from nobody.

    ## Why it is bad

    Odoo accepts it and follows the links round the circle: whoever gets one of the groups holds all of them. The
    lowest step of an application is then worth as much as its highest, while Settings still shows two steps to choose
    from. No group of the circle can be taken from a user without taking all of them.

    ## Example

    ```xml
    <record id="group_librarian" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('group_reader'))]"/>
    </record>
    <record id="group_reader" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('group_librarian'))]"/>
    </record>
    ```

    ## Use instead

    Links that lead one way only, from the group that may do more to the one that may do less. Where the two are meant
    to be the same, keep one of them.

    ## References

    - CWE-266: Incorrect Privilege Assignment
    - CWE-1047: Modules with Circular Dependencies
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for circle in circles(policy):
        if not _reported_elsewhere(policy, circle):
            yield _finding(policy, circle)


def _reported_elsewhere(policy: Policy, circle: tuple[str, ...]) -> bool:
    if PORTAL in circle or PUBLIC in circle:
        return True
    return INTERNAL in circle and any(
        administrators_reached(policy, one) or is_manager(policy, one) for one in circle
    )


def _finding(policy: Policy, circle: tuple[str, ...]) -> Finding:
    links = _links(policy, circle)
    gained, severity = _gained(policy, circle)
    holder, link = _to_blame(policy, links, gained[0] if gained else None)
    uncertain = any(policy.groups[one].uncertain for one in circle if one in policy.groups)
    effect = (
        f"even where only {gained[0]} is meant to {gained[1]}"
        if gained
        else "though none of them gives more than the others"
    )
    if INTERNAL in circle:
        effect = f"so that {at_most([one for one in circle if one != INTERNAL])} can be taken from nobody"
    return group_cycle.finding(
        at=link.origin,
        subject=holder,
        audience=tuple("internal" if one == INTERNAL else one for one in circle),
        severity=severity,
        confidence=Confidence.MEDIUM if uncertain else Confidence.HIGH,
        message=f"{at_most(circle)} imply each other in a circle: whoever gets one of them holds all of them, "
        f"{effect}.",
        evidence=[
            *linked(links[:_SHOWN]),
            *([Evidence(f"and {len(links) - _SHOWN} more links")] if len(links) > _SHOWN else []),
        ],
        fix=f"Remove {link.group} from the implied groups of {holder}, or whichever link leads from the group that may "
        "do less to the one that may do more. Where the module is installed already, this removes the link:\n"
        f'<record id="{holder}" model="res.groups">\n'
        f'    <field name="implied_ids" eval="[(3, ref(\'{link.group}\'))]"/>\n'
        "</record>",
        key=circle,
    )


def _links(policy: Policy, circle: tuple[str, ...]) -> list[Step]:
    return [(name, link) for name in circle for link in policy.groups[name].implies if link.group in circle]


def _to_blame(policy: Policy, links: list[Step], highest: str | None) -> Step:
    """The link to the group that brings most, or from internal users, or any; of several the one that came last."""
    upward = [step for step in links if step[1].group == highest or step[0] == INTERNAL]
    return closing_link(policy, sorted(upward or links, key=lambda step: -step[1].origin.line))


def _gained(policy: Policy, circle: tuple[str, ...]) -> tuple[tuple[str, str] | None, Severity]:
    """The group that brings most over the others and what that is, and how grave it is that all of them get it."""
    if INTERNAL in circle:
        return None, Severity.LOW
    severity, best = Severity.LOW, None
    for name in circle:
        others = [other for other in circle if other != name]
        opened, more = brought(policy, (name,), others), widened(policy, (name,), others)
        if (opened or more) and (found := max(Severity.MEDIUM, gravity(policy, opened))) > severity:
            severity, best = found, (name, said(gravest_first(policy, opened), more))
    if not set(ADMINISTRATORS).isdisjoint(circle):
        severity = Severity.HIGH
    return best, severity
