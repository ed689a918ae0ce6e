"""portal-user-extra-groups: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.wording import at_most, enumerated, model_words, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.users import Gain, extra_groups, gain, gravity_of, groups_of, topmost, type_words
from ostiary.audit.registry import check
from ostiary.policy.definitions import Mode, User
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC
from ostiary.policy.subject import SUPERUSER

_SHOWN = 8


@check(
    "portal-user-extra-groups",
    "A portal user holds groups beyond the portal's",
    Severity.CRITICAL,
    references=("CWE-266", "CWE-269", "OWASP A01:2021"),
    tags=("users", "groups"),
)
def portal_user_extra_groups(policy: Policy) -> Iterator[Finding]:
    """Looks for real portal users, visitors and users of no type who were given more groups.

    ## What it does

    Asks each share user of a database what they hold that their user type does not bring, and what
    that lets them do which a plain portal user may not: models that open, records that other rules show, fields that
    are hidden from the others. There is one finding per user, as grave as the gravest of these. In Odoo 17 and 18 a
    user's groups are stored with all they imply, so only the topmost are named. Groups that give nothing
    today are for information. Archived users are left out, but for public users, who are always archived and
    still are what every visitor is. Needs a database (or a snapshot of one).

    ## Why it is bad

    Odoo refuses a portal user only those groups that imply internal user. All others, more than half of a
    usual database's, can be ticked or arrive by an import: a survey manager, a website designer. What
    they may do was written for staff, and the user is somebody else's.

    ## Example

    A user with `base.group_portal` and `survey.group_survey_manager`: a customer who reads and changes all surveys
    and everybody's answers.

    ## Use instead

    `base.group_portal` alone. If customers are to see something more, give that group an access right and a
    record rule of its own, so that it is the same for all of them and can be read in one place.

    ## References

    - CWE-266: Incorrect Privilege Assignment
    - CWE-269: Improper Privilege Management
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for user in policy.users:
        if user.id is None or user.xmlid == SUPERUSER:
            continue
        held = groups_of(policy, user)
        if not (user.active or PUBLIC in held):
            continue
        if held.isdisjoint((PORTAL, PUBLIC)) and INTERNAL in held:
            continue
        if extra := extra_groups(policy, held):
            yield _finding(policy, user, held, extra)


def _finding(policy: Policy, user: User, held: frozenset[str], extra: frozenset[str]) -> Finding:
    found = gain(policy, held)
    names = topmost(policy, extra)
    internal = INTERNAL in extra
    severity = Severity.CRITICAL if internal else gravity_of(policy, found)
    unread = any(model.code_unread for model in policy.models.values())
    who = f"{user.login} ({user.name})" if user.name and user.name != user.login else user.login
    kind = PUBLIC if PUBLIC in held and PORTAL not in held else PORTAL
    return portal_user_extra_groups.finding(
        at=user.origin,
        module="",
        subject=user.login,
        audience=("public" if kind == PUBLIC else "portal",),
        severity=severity,
        confidence=Confidence.MEDIUM
        if unread and not (found.opened or internal) and found
        else Confidence.HIGH,
        message=f"User {who} is {type_words(held)} and holds {at_most(names)} as well, {_effect(found, internal)}.",
        evidence=[
            *(Evidence(_held(policy, user, name, extra), user.origin) for name in names),
            *_gains(policy, found),
        ],
        fix=f"Remove {enumerated(names)} from {user.login}. "
        + (
            "If it is a member of staff, make the user internal and remove the portal group. "
            if internal
            else ""
        )
        + f"What customers need beyond that belongs to {kind}: an access right with a record rule, for all of them.",
        key=("users",),
    )


def _effect(found: Gain, internal: bool) -> str:
    if internal:
        return "which makes them an internal user, a combination that Odoo itself refuses"
    said = []
    if found.opened:
        writes = sum(any(mode is not Mode.READ for mode in modes) for _, modes in found.opened)
        some = f" in {writes}" if writes < len(found.opened) else ""
        changes = f", not only to read{some}" if writes else ""
        said.append(
            f"gives them rights on {_models(len(found.opened))} that others of their type don't have{changes}"
        )
    if found.widened:
        said.append(f"changes which records they reach in {_models(len(found.widened))}")
    if found.fields:
        said.append(f"shows them {len(found.fields)} hidden field{'s' if len(found.fields) > 1 else ''}")
    return "which " + enumerated(said) if said else "which gives them nothing today"


def _models(count: int) -> str:
    return f"{count} model{'s' if count > 1 else ''}"


def _held(policy: Policy, user: User, name: str, extra: frozenset[str]) -> str:
    group = policy.groups.get(name)
    title = f" “{group.name}”" if group and group.name else ""
    brought = sorted((closure(policy, (name,)) & extra) - {name})
    implied = f", which implies {at_most(brought)}" if brought else ""
    stored = name in {link.group for link in user.groups}
    how = "" if stored else f" (through {_way(policy, user, name)})"
    return f"{user.login} holds {name}{title}{how}{implied}"


def _way(policy: Policy, user: User, name: str) -> str:
    return next((link.group for link in user.groups if chain(policy, link.group, name)), "another group")


def _gains(policy: Policy, found: Gain) -> Iterator[Evidence]:
    for model, modes in found.opened[:_SHOWN]:
        yield Evidence(
            f"may {verbs(modes)} {model_words(policy, model)}, which a plain user of that type may not"
        )
    if len(found.opened) > _SHOWN:
        yield Evidence(f"and {_models(len(found.opened) - _SHOWN)} more")
    for model, modes in found.widened[:_SHOWN]:
        yield Evidence(f"may {verbs(modes)} other records of {model_words(policy, model)} than a plain user")
    if len(found.widened) > _SHOWN:
        yield Evidence(f"and other records of {_models(len(found.widened) - _SHOWN)} more")
    if found.fields:
        yield Evidence(f"sees {at_most(found.fields)}, hidden from a plain user")
