"""internal-user-is-customer: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.wording import at_most, enumerated
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.users import groups_of
from ostiary.audit.registry import check
from ostiary.policy.definitions import Contact, User
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL
from ostiary.policy.subject import SUPERUSER

_ENOUGH = 2


@check(
    "internal-user-is-customer",
    "An internal user looks like a customer or supplier",
    Severity.HIGH,
    references=("CWE-266", "CWE-269", "OWASP A01:2021"),
    tags=("users",),
)
def internal_user_is_customer(policy: Policy) -> Iterator[Finding]:
    """Looks for internal users whose contact belongs to somebody else's company.

    ## What it does

    Looks at the contact of each active internal user of a database for these signs:

    - The contact belongs to a commercial entity that is none of the database's own companies, nor one of its users.
      High where portal users belong to it too, or where it was invoiced; medium otherwise.
    - Invoices were made out to the user's own contact. Low, since staff buy things too; bills are no sign, since
      expenses are paid back by them.
    - The email address is of a domain that belongs to such an entity (the entity's own address has it, or two of its
      portal users, and nobody else's portal user) and to none of the own companies. Low.

    The last two don't count for a user who is linked to an employee, and the first is then less grave. Every sign is
    a fact, that the user is a customer is a guess: confidence is medium at most. An auditor or a freelancer who works
    for you is found as well. Needs a database (or a snapshot of one).

    ## Why it is bad

    An internal user sees what all staff sees: every contact, every product, the discussions of whole
    departments, and all that is added later with an access right for `base.group_user`. Record rules hardly limit
    internal users, and nothing tells in the daily work that one of them is a customer.

    ## Example

    Somebody made a login for a contact of the customer Deco Addict in Settings, Users, where a new user is internal.

    ## Use instead

    Give portal access from the contact (Action, Grant portal access), or set the user type to Portal.

    ## References

    - CWE-266: Incorrect Privilege Assignment
    - CWE-269: Improper Privilege Management
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    if not policy.contacts:
        return
    known = remembered(policy, ("audit outsiders",), lambda: _Outside(policy))
    for user in policy.users:
        if not user.active or user.xmlid == SUPERUSER or not known.staff_like(user):
            continue
        contact = policy.contacts.get(user.partner or "")
        if contact is not None and (signs := known.signs(user, contact)):
            yield _finding(policy, user, contact, signs)


@dataclass(frozen=True, slots=True)
class _Sign:
    text: str
    severity: Severity
    confidence: Confidence
    evidence: Evidence


class _Outside:
    """Which commercial entities are ours, and who of the others may log in."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.types = {user.login: groups_of(policy, user) for user in policy.users}
        own = {company.partner for company in policy.companies if company.partner}
        staff = {user.partner for user in policy.users if user.partner and self.staff_like(user)}
        own |= {contact.entity for name in own if (contact := policy.contacts.get(name)) and contact.entity}
        self.own = own
        self.staff = staff
        self.own_domains = {
            contact.email_domain
            for name in own
            if (contact := policy.contacts.get(name)) and contact.email_domain
        }
        self.portal: dict[str, list[str]] = {}
        self.domains: dict[str, dict[str | None, int]] = {}
        for user in policy.users:
            contact = policy.contacts.get(user.partner or "")
            if contact is None or not user.active or PORTAL not in self.types[user.login]:
                continue
            self.portal.setdefault(contact.entity or contact.xmlid, []).append(user.login)
            entities = self.domains.setdefault(contact.email_domain, {})
            entities[contact.entity] = entities.get(contact.entity, 0) + 1

    def staff_like(self, user: User) -> bool:
        """Whether the user is internal, and nothing else as well."""
        return INTERNAL in self.types[user.login] and PORTAL not in self.types[user.login]

    def signs(self, user: User, contact: Contact) -> tuple[_Sign, ...]:
        """The signs, the strongest first."""
        if contact.xmlid in self.own:
            return ()
        entity = self.policy.contacts.get(contact.entity or "")
        found = []
        if entity is not None and self._outside(contact, entity):
            found.append(self._belongs(user, contact, entity))
        if not user.employee and contact.customer:
            found.append(_invoiced(contact))
        if not user.employee and (sign := self._same_domain(contact)):
            found.append(sign)
        return tuple(found)

    def _outside(self, contact: Contact, entity: Contact) -> bool:
        """Whether the entity is a company of others, or some other person who is none of the users."""
        if entity is contact:
            return entity.is_company
        return entity.xmlid not in self.own and entity.xmlid not in self.staff

    def _belongs(self, user: User, contact: Contact, entity: Contact) -> _Sign:
        named = f"{entity.name or entity.xmlid} ({entity.xmlid})"
        portal = self.portal.get(entity.xmlid, [])
        said = (
            f"whose contact belongs to {named}"
            if entity is not contact
            else f"whose contact is the company {named}"
        )
        more = ["none of the database's own companies"]
        if portal:
            more.append(f"it has portal users ({at_most(sorted(portal))})")
        roles = [word for word, is_ in (("customer", entity.customer), ("supplier", entity.supplier)) if is_]
        if roles:
            more.append(f"it was invoiced as {enumerated(roles)}")
        severity = Severity.HIGH if portal or roles else Severity.MEDIUM
        return _Sign(
            said,
            Severity.LOW if user.employee else severity,
            Confidence.LOW if user.employee else Confidence.MEDIUM,
            Evidence(
                f"the commercial entity of {contact.name or contact.xmlid} is {named}: {', '.join(more)}",
                contact.origin,
            ),
        )

    def _same_domain(self, contact: Contact) -> _Sign | None:
        domain = contact.email_domain
        entities = self.domains.get(domain, {})
        if not domain or domain in self.own_domains or len(entities) != 1:
            return None
        ((name, users),) = entities.items()
        entity = self.policy.contacts.get(name or "")
        if entity is None or name == contact.entity or not entity.is_company or name in self.own:
            return None
        if entity.email_domain != domain and users < _ENOUGH:
            return None
        named = f"{entity.name or entity.xmlid} ({entity.xmlid})"
        return _Sign(
            f"whose email address is of {domain}, as those of the portal users of {named}",
            Severity.LOW,
            Confidence.LOW,
            Evidence(f"all portal users with an address of {domain} belong to {named}", entity.origin),
        )


def _invoiced(contact: Contact) -> _Sign:
    return _Sign(
        "to whose own contact invoices were made out",
        Severity.LOW,
        Confidence.LOW,
        Evidence(f"customer_rank of {contact.name or contact.xmlid} is above 0", contact.origin),
    )


def _finding(policy: Policy, user: User, contact: Contact, signs: tuple[_Sign, ...]) -> Finding:
    first = max(signs, key=lambda sign: sign.severity.rank)
    who = f"{user.login} ({user.name})" if user.name and user.name != user.login else user.login
    evidence = [Evidence(f"{user.login} holds {INTERNAL}", user.origin), *(sign.evidence for sign in signs)]
    if user.employee:
        evidence.append(
            Evidence(f"an employee in service is linked to {user.login}, which speaks against it")
        )
    return internal_user_is_customer.finding(
        at=user.origin,
        module="",
        subject=user.login,
        audience=("internal",),
        severity=first.severity,
        confidence=first.confidence,
        message=f"User {who} is an internal user {first.text}. If this is a customer's or supplier's login, they "
        "see what all staff sees.",
        evidence=evidence,
        fix=f"If {user.login} is no member of your staff, make it a portal user; if it is, give it a contact of its "
        "own, or one below your company's.",
    )
