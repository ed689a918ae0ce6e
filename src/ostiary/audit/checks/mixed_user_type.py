"""mixed-user-type: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.links import linked, steps
from ostiary.audit.asking.wording import audience_words, sentence
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.outsiders import Extra, effect, extra, extras, shown
from ostiary.audit.registry import check
from ostiary.policy.definitions import Group, GroupLink, Implication, User
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC, USER_TYPES
from ostiary.policy.subject import SUPERUSER

# What everybody who registers gets, and what every visitor is: privileged-default-user's.
_TEMPLATES = ("base.default_user", "base.template_portal_user_id", "base.public_user")
_TYPES = (PORTAL, PUBLIC)


@check(
    "mixed-user-type",
    "Portal users or visitors are put into a group made for staff",
    Severity.CRITICAL,
    references=("CWE-266", "CWE-269", "OWASP A01:2021"),
    tags=("groups", "users"),
)
def mixed_user_type(policy: Policy) -> Iterator[Finding]:
    """Looks for data that makes somebody a portal or public user and a member of an application's group as well.

    ## What it does

    Reports two things that data files say:

    - a user who is given `base.group_portal` or `base.group_public`, and a group beside it that lets them do more than
      others of that type;
    - a group that implies a share user type, and a group made for staff beside it: one that internal users get by
      their own groups, or that another module defines. Whoever gets the new group gets both.

    Gravity is that of what they may do: which models open, which records other rules show, which fields
    are hidden from the others. It is low for an archived user, and where a module puts a user into a group that it
    made for the purpose. A group that only switches something on is left out, and so is a group that a module
    makes for share users alone. A group that implies internal user is reported by
    [portal-reaches-internal](portal-reaches-internal.md), one that `base.group_portal` itself implies by
    [portal-group-gains-rights](portal-group-gains-rights.md), the users of a database by
    [portal-user-extra-groups](portal-user-extra-groups.md), and the users that others are copied from by
    [privileged-default-user](privileged-default-user.md).

    ## Why it is bad

    Odoo only refuses two user types on one user. Any other group is accepted beside portal, and many groups of
    applications don't imply internal user (Contact Creation, for one). Their rights and rules were written with staff
    in mind: all records, other customers' among them.

    ## Example

    ```xml
    <record id="group_member" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('base.group_portal')), (4, ref('base.group_partner_manager'))]"/>
    </record>
    ```

    ## Use instead

    A group with access rights of its own, each with a record rule:

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_loan_member,loan member,model_library_loan,group_member,1,0,0,0
    ```

    ## References

    - CWE-266: Incorrect Privilege Assignment
    - CWE-269: Improper Privilege Management
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for user in policy.users:
        if user.id is None and user.xmlid not in (SUPERUSER, *_TEMPLATES):
            for found in extras(policy, user):
                yield _user(policy, user, found)
    for name in sorted(policy.groups):
        yield from _group(policy, policy.groups[name])


def _user(policy: Policy, user: User, found: Extra) -> Finding:
    group, link = found.link.group, found.link
    severity = found.severity(policy)
    archived = not user.active and found.type != PUBLIC
    meant = not _made_for_staff(policy, group, link.origin.module)
    why = " The user is archived." if archived else ""
    why += " The module made the group, and staff doesn't get it by any other." if meant else ""
    types = [one for one in user.groups if one.group in _TYPES]
    return mixed_user_type.finding(
        at=link.origin,
        subject=user.xmlid or user.login,
        audience=(found.label,),
        severity=min(severity, Severity.LOW) if archived or meant else severity,
        message=f"User {user.login} is a {found.label} user and a member of {group} as well, and so "
        f"{effect(found.gain)}, unlike other {found.label} users." + why,
        evidence=[
            *(Evidence(f"user {user.login} is in {one.group}", one.origin) for one in (*types, link)),
            *linked(steps(group, _way(policy, group, found))),
            *shown(policy, found.gain),
        ],
        fix=f"Leave {group} out of the groups of {user.login}. If it is a member of staff, give it {INTERNAL} "
        f"in place of {found.type}; what all {found.label} users need belongs to {found.type}: an access right with a "
        "record rule.",
        key=("user", group),
    )


def _way(policy: Policy, group: str, found: Extra) -> tuple[Implication, ...]:
    """The links from a group to the first right that it brings, where that is another group's."""
    models = [model for model, _ in (*found.gain.opened, *found.gain.widened)]
    brought = closure(policy, (group,))
    for right in policy.rights:
        if right.active and right.group in brought and right.model in models:
            return chain(policy, group, right.group) or ()
    return ()


def _group(policy: Policy, group: Group) -> Iterator[Finding]:
    """What a group implies beside a share user type."""
    held = closure(policy, (group.xmlid,))
    kind = next((name for name in _TYPES if name in held), None)
    if kind is None or INTERNAL in held or group.xmlid in USER_TYPES:
        return
    for link in group.implies:
        if not _made_for_staff(policy, link.group, link.origin.module):
            continue
        for found in extra(policy, kind, GroupLink(link.group, link.origin)):
            outer = steps(group.xmlid, chain(policy, group.xmlid, kind) or ())
            yield mixed_user_type.finding(
                at=link.origin,
                subject=group.xmlid,
                audience=(group.xmlid,),
                severity=found.severity(policy),
                confidence=Confidence.MEDIUM if group.uncertain else Confidence.HIGH,
                message=f"{sentence(audience_words((group.xmlid,)))} are {found.label} users and members of "
                f"{link.group} as well, and so {effect(found.gain)}, unlike other {found.label} users.",
                evidence=[
                    *linked(outer),
                    Evidence(f"{group.xmlid} implies {link.group}", link.origin),
                    *linked(steps(link.group, _way(policy, link.group, found))),
                    *shown(policy, found.gain),
                ],
                fix=f"Remove {link.group} from the implied groups of {group.xmlid}, and give {group.xmlid} the access "
                "rights it needs, each with a record rule.",
                key=("group", link.group),
            )


def _made_for_staff(policy: Policy, group: str, module: str) -> bool:
    """Whether a group was not made for share users: staff gets it by a group of theirs, or another module has it."""
    if not closure(policy, (group,)).isdisjoint(_TYPES):
        return False
    known = policy.groups.get(group)
    if known is None or known.origin.module != module:
        return True
    return any({group, INTERNAL} <= closure(policy, (name,)) for name in policy.groups)
