"""privileged-default-user: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ostiary.audit.asking.facts import in_context, right_given, weight
from ostiary.audit.asking.links import linked, steps
from ostiary.audit.asking.wording import at_most
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.brought import Opened, brought, decides, said, widened
from ostiary.audit.groups.ladders import administrators_reached, words
from ostiary.audit.groups.outsiders import Extra, effect, extras, shown
from ostiary.audit.groups.users import topmost
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.definitions import GroupLink, Implication, Mode, User
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_DEFAULT_USER = "base.default_user"
_DEFAULT_GROUP = "base.default_user_group"
_TEMPLATE = "base.template_portal_user_id"
_VISITOR = "base.public_user"
_WHO = {_TEMPLATE: "Everybody who registers", _VISITOR: "Every visitor of a website"}
_EXISTING = (
    "what a module gives to base.default_user is also given to the internal users there are when it is installed, "
    "unless the setting Default Access Rights is switched off"
)

Link = GroupLink | Implication
_SHOWN = 3
_WEIGHTS = {Weight.PERSONAL: 0, Weight.BUSINESS: 1}


@check(
    "privileged-default-user",
    "New users get more than they should",
    Severity.CRITICAL,
    references=("CWE-276", "CWE-266", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("groups", "users"),
)
def privileged_default_user(policy: Policy) -> Iterator[Finding]:
    """Looks for groups given to the users that others are made from.

    ## What it does

    Reports what data files give to

    - `base.default_user` (Odoo 17 and 18), whose groups every new internal user gets, and also every internal user
      there is at the moment a module adds one; `base.default_user_group` (Odoo 19), whose implied groups
      every new internal user gets;
    - `base.template_portal_user_id`, of which a copy is made for everybody who registers;
    - `base.public_user`, which every visitor is.

    For internal users it is critical where they become administrators of the database, medium where they may
    decide what others may do or which code is run, and low where they get an application's rights, which is Odoo's own
    habit: its applications give every new user their manager's group, and an administrator should know. What gives
    nothing more than every internal user has is left out. For the other two it is critical where they become internal
    users, and else as grave as what they may do beyond their type. In a database, the other two are reported by
    [weak-parameter](weak-parameter.md) and [portal-user-extra-groups](portal-user-extra-groups.md).

    ## Why it is bad

    Nobody chooses these groups for anybody: they come with the user, however it is made. An administrator who adds an
    employee believes to give what is ticked afterwards.

    ## Example

    ```xml
    <record id="base.default_user" model="res.users">
        <field name="groups_id" eval="[(4, ref('base.group_erp_manager'))]"/>
    </record>
    ```

    ## Use instead

    Leave the record alone, and give the group to the administrator who installs the module, who can give
    it to others:

    ```xml
    <record id="group_manager" model="res.groups">
        <field name="users" eval="[(4, ref('base.user_admin'))]"/>
    </record>
    ```

    ## References

    - CWE-276: Incorrect Default Permissions
    - CWE-266: Incorrect Privilege Assignment
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for user in policy.users:
        if user.xmlid == _DEFAULT_USER:
            yield from _internal(policy, user)
        elif user.xmlid in _WHO and user.id is None:
            yield from _outsiders(policy, user)
    group = policy.groups.get(_DEFAULT_GROUP)
    if group is not None:
        yield from _by_module(policy, _DEFAULT_GROUP, group.implies)


def _internal(policy: Policy, user: User) -> Iterator[Finding]:
    """What Odoo 17 and 18 give to new internal users."""
    if user.id is None:
        yield from _by_module(policy, user.xmlid, user.groups, _EXISTING)
        return
    names = topmost(policy, (link.group for link in user.groups)) if user.groups_closed else ()
    links = [link for link in user.groups if link.group in names or not user.groups_closed]
    yield from _given(policy, user.xmlid, links, confidence=Confidence.MEDIUM)


def _by_module(policy: Policy, holder: str, links: Sequence[Link], existing: str = "") -> Iterator[Finding]:
    """A finding for each module that adds to what new users get."""
    for module in sorted({link.origin.module for link in links}):
        if not in_context(policy, module):
            yield from _given(policy, holder, [one for one in links if one.origin.module == module], existing)


def _given(
    policy: Policy,
    holder: str,
    links: Sequence[Link],
    existing: str = "",
    confidence: Confidence = Confidence.HIGH,
) -> Iterator[Finding]:
    found = [(link, severity) for link in links if (severity := _severity(policy, link.group)) is not None]
    if not found:
        return
    link, severity = max(found, key=lambda item: item[1].rank)
    names = [one.group for one, _ in found]
    admin = administrators_reached(policy, link.group)
    opened = brought(policy, closure(policy, names), closure(policy, (INTERNAL,)))
    more = () if opened else widened(policy, closure(policy, names), closure(policy, (INTERNAL,)))
    telling = _telling(policy, opened, link.origin.module)
    what = "is an administrator of the whole database" if admin else f"may {said(telling, more)}"
    ways = steps(link.group, chain(policy, link.group, admin) or ()) if admin else []
    them = "it" if len(names) == 1 else "them"
    lasting = " Taking it from there takes it from nobody who has it by now: look through the users."
    yield privileged_default_user.finding(
        at=link.origin,
        subject=holder,
        audience=("internal",),
        severity=severity,
        confidence=confidence,
        message=f"Every new internal user gets {at_most([words(policy, name) for name in names])}, "
        f"and so {what}.",
        evidence=[
            *(Evidence(f"{holder} holds {one.group}", one.origin) for one, _ in found[:8]),
            *linked(ways),
            *(() if admin else _opening(policy, names, telling)),
            *([Evidence(existing)] if existing else []),
        ],
        fix=f"Leave {at_most(names)} out of {holder}, and let an administrator give {them} to those who need {them}."
        + (lasting if severity > Severity.LOW else ""),
        key=("internal", *names[:1]),
    )


def _telling(policy: Policy, opened: Opened, module: str) -> Opened:
    """What says most about a group in front.

    First what decides for others, then records about somebody or with amounts, then the models of its own module.
    """

    def key(item: tuple[str, tuple[Mode, ...]]) -> tuple[bool, int, bool, bool]:
        known = policy.models.get(item[0])
        own = known is not None and known.modules[:1] == (module,)
        return not decides(*item), _WEIGHTS.get(weight(policy, item[0]), 2), not own, item[1] == (Mode.READ,)

    return tuple(sorted(opened, key=key))


def _opening(policy: Policy, groups: Iterable[str], opened: Opened) -> Iterator[Evidence]:
    """The rights behind the gravest of what groups open, one for each model."""
    held = closure(policy, groups)
    for model, modes in opened[:_SHOWN]:
        rights = [
            right
            for right in policy.rights_by_model.get(model, ())
            if right.active and right.group in held and not set(modes).isdisjoint(right.modes)
        ]
        if rights:
            yield right_given(max(rights, key=lambda right: len(set(modes).intersection(right.modes))))


def _severity(policy: Policy, group: str) -> Severity | None:
    """How grave it is that every new internal user holds a group; None where it brings nothing."""
    if group == INTERNAL:
        return None
    if administrators_reached(policy, group):
        return Severity.CRITICAL
    held, internal = closure(policy, (group,)), closure(policy, (INTERNAL,))
    opened = brought(policy, held, internal)
    if not opened and not widened(policy, held, internal):
        return None
    return Severity.MEDIUM if any(decides(*item) for item in opened) else Severity.LOW


def _outsiders(policy: Policy, user: User) -> Iterator[Finding]:
    """What those who register get, and what visitors are."""
    held = closure(policy, (link.group for link in user.groups))
    if INTERNAL not in held:
        for found in extras(policy, user):
            yield _more(policy, user, found)
    elif held.isdisjoint((PORTAL, PUBLIC)):  # with a share type beside it, portal-reaches-internal says so
        link = next(one for one in user.groups if INTERNAL in closure(policy, (one.group,)))
        yield _employee(policy, user, link)


def _employee(policy: Policy, user: User, link: GroupLink) -> Finding:
    type_ = PUBLIC if user.xmlid == _VISITOR else PORTAL
    return privileged_default_user.finding(
        at=link.origin,
        subject=user.xmlid,
        audience=("public",),
        message=f"{_WHO[user.xmlid]} is an internal user, with everything employees may do: {user.xmlid} holds "
        f"{link.group} and not {type_}.",
        evidence=[
            Evidence(f"{user.xmlid} holds {link.group}", link.origin),
            *linked(steps(link.group, chain(policy, link.group, INTERNAL) or ())),
        ],
        fix=f"Give {user.xmlid} the group {type_} and no other.",
        key=("employee",),
    )


def _more(policy: Policy, user: User, found: Extra) -> Finding:
    link = found.link
    return privileged_default_user.finding(
        at=link.origin,
        subject=user.xmlid,
        audience=("public",),
        severity=found.severity(policy),
        message=f"{_WHO[user.xmlid]} gets {words(policy, link.group)} beside {found.type}, and so "
        f"{effect(found.gain)}.",
        evidence=[Evidence(f"{user.xmlid} holds {link.group}", link.origin), *shown(policy, found.gain)],
        fix=f"Leave {link.group} out of the groups of {user.xmlid}. What all {found.label} users need belongs to "
        f"{found.type}: an access right with a record rule.",
        key=("more", link.group),
    )
