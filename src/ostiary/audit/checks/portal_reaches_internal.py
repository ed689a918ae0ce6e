"""portal-reaches-internal: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.links import closing_link, linked, steps
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_WORDS = {PORTAL: "portal", PUBLIC: "public"}
_PEOPLE = {"portal": "Portal users", "public": "Public visitors"}


@check(
    "portal-reaches-internal",
    "Portal or public users become internal users",
    Severity.CRITICAL,
    references=("CWE-269", "CWE-266", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("groups",),
)
def portal_reaches_internal(policy: Policy) -> Iterator[Finding]:
    """Looks for a way from the portal or public group to the group of internal users.

    ## What it does

    Follows the implied groups of `base.group_portal`, `base.group_public` and of every group that brings one of
    them, through all modules, and reports when `base.group_user` is among them. It also reports a user record
    that is put into a share group and into a group of internal users at once.

    ## Why it is bad

    Every access right, record rule and menu of internal users then holds for customers or visitors. Odoo refuses
    a user who has two user types, so the module fails to install, or, where no such user exists yet,
    installs and fails later. Taking away `base.group_portal` to get past the error makes customers internal users.

    ## Example

    ```xml
    <record id="base.group_portal" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('estate.group_agent'))]"/>
    </record>
    ```

    where `estate.group_agent` implies `base.group_user`.

    ## Use instead

    Give the portal group the few access rights it needs, each with a record rule:

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_property_portal,property portal,model_estate_property,base.group_portal,1,0,0,0
    ```

    ## References

    - CWE-269: Improper Privilege Management
    - CWE-266: Incorrect Privilege Assignment
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from _user_types(policy)
    yield from _mixed_groups(policy)
    yield from _users(policy)


def _user_types(policy: Policy) -> Iterator[Finding]:
    for start, word in _WORDS.items():
        links = steps(start, chain(policy, start, INTERNAL) or ())
        if not links:
            continue
        holder, link = closing_link(policy, links)
        yield portal_reaches_internal.finding(
            at=link.origin,
            subject=holder,
            audience=(word,),
            message=f"{_PEOPLE[word]} become internal users, with everything employees may do: {holder} implies "
            f"{link.group}"
            + (
                ", which is the group of internal users."
                if link.group == INTERNAL
                else ", which leads to base.group_user."
            ),
            evidence=linked(links),
            fix=_without(holder, link.group),
            key=(link.group,),
        )


def _mixed_groups(policy: Policy) -> Iterator[Finding]:
    """Groups that bring a share type and the internal one together, where neither type brings the other."""
    for name in sorted(policy.groups):
        types = _share_types(policy, name)
        below = (link.group for link in policy.groups[name].implies)
        if (
            not types
            or name in _WORDS
            or any(
                _share_types(policy, other) or other in types
                for other in below
                if INTERNAL in closure(policy, (other,))
            )
        ):
            continue
        inward, outward = (steps(name, chain(policy, name, goal) or ()) for goal in (INTERNAL, types[0]))
        holder, link = closing_link(policy, [*inward, *outward])
        yield portal_reaches_internal.finding(
            at=link.origin,
            subject=holder,
            audience=(name,),
            message=f"Users of {name} are {_WORDS[types[0]]} users and internal users at once: Odoo refuses such "
            "users, and where it doesn't yet know of one, outsiders get everything employees may do.",
            evidence=linked([*outward, *inward]),
            fix=_without(holder, link.group),
            key=(link.group,),
        )


def _users(policy: Policy) -> Iterator[Finding]:
    for user in policy.users:
        held = {link.group: link.origin for link in user.groups}
        inner = next((group for group in held if INTERNAL in closure(policy, (group,))), None)
        outer = next((group for group in held if not closure(policy, (group,)).isdisjoint(_WORDS)), None)
        if inner is None or outer is None or _share_types(policy, inner) or _share_types(policy, outer):
            continue
        word = next(word for group, word in _WORDS.items() if group in closure(policy, (outer,)))
        effect = "as an internal user they may do everything employees may do"
        if user.groups_closed and INTERNAL not in held:
            effect = (
                f"with the next change of their groups {INTERNAL}, which {inner} implies, comes to them too"
            )
        yield portal_reaches_internal.finding(
            at=held[inner],
            subject=user.xmlid or user.login,
            audience=(word,),
            message=f"User {user.login} is a {word} user and an internal user at once, because of {inner}: Odoo "
            f"refuses such a user, and {effect}.",
            evidence=[
                Evidence(f"user {user.login} is in {outer}", held[outer]),
                Evidence(f"user {user.login} is in {inner}", held[inner]),
                *linked(steps(inner, chain(policy, inner, INTERNAL) or ())),
            ],
            fix=f"Leave {inner} out of the groups of {user.login}.",
            key=("user", inner),
        )


def _share_types(policy: Policy, name: str) -> tuple[str, ...]:
    """The share user types of a group that is internal too; none for any other group."""
    closed = closure(policy, (name,))
    return tuple(group for group in _WORDS if group in closed) if INTERNAL in closed else ()


def _without(holder: str, group: str) -> str:
    return (
        f"Remove {group} from the implied groups of {holder}, and give {holder} the access rights it needs, each with "
        f"a record rule. Where the link is already in a database:\n"
        f'<record id="{holder}" model="res.groups">\n'
        f'    <field name="implied_ids" eval="[(3, ref(\'{group}\'))]"/>\n'
        "</record>"
    )
