"""What a rule compares of the user that is no tie: what customers have in common, and what they may edit themselves.

Source of what may be edited: `SELF_WRITEABLE_FIELDS` of `res.users` (written as superuser, over RPC too), the
form `/my/account` of the portal, which writes a fixed list of fields of the user's own contact, and, for the login,
the form for signing up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as kept
from enum import Enum

from ostiary.domain import Domain, Subdomain, Symbol, Term, nodes, symbols
from ostiary.policy.definitions import Field
from ostiary.policy.paths import Step, walk
from ostiary.policy.policy import Policy

USERS = "res.users"
_IDS = (("id",), ("ids",))
# Paths from the user that single them out and always lead somewhere.
_IDENTITIES = frozenset(
    {(), ("partner_id",), ("commercial_partner_id",), ("partner_id", "commercial_partner_id")}
)
_GROUPS = frozenset({"groups_id", "group_ids", "all_group_ids"})
# By name of the field, and what is worked out from it. Countries, states and languages may be edited too, but
# are known to be shared.
_ON_THE_USER = frozenset({"name", "display_name", "email", "email_normalized", "email_formatted"})
_ON_THE_PORTAL = frozenset(
    {
        "city",
        "commercial_company_name",
        "company_name",
        "complete_name",
        "contact_address",
        "contact_address_complete",
        "phone",
        "phone_sanitized",
        "street",
        "street2",
        "zip",
    }
)
_BEFORE_DOCUMENTS = frozenset({"vat"})
_AT_SIGN_UP = frozenset({"login"})
_OTHER_WORDS = {
    "crm.team": "sales team",
    "product.pricelist": "price list",
    "res.company": "company",
    "res.country": "country",
    "res.country.group": "group of countries",
    "res.country.state": "state",
    "res.currency": "currency",
    "res.lang": "language",
    "res.partner.category": "category",
    "res.partner.industry": "industry",
    "res.partner.title": "title",
    "website": "website",
}


class Edited(Enum):
    """Where a portal user changes an attribute of their own."""

    USER = "each user may write it on their own user, over RPC too (SELF_WRITEABLE_FIELDS of res.users)"
    PORTAL = "portal users edit it themselves on /my/account"
    NEW = "portal users edit it themselves on /my/account, until a document is issued to them"
    SIGN_UP = "whoever signs up chooses it, and Odoo does not ask for proof that the address is theirs"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One comparison with something of the user's: `term` with `symbol` in its value; `field` is its last field,
    None where that was not read."""

    term: Term
    symbol: Symbol
    field: Field | None = kept(compare=False)

    @property
    def of_groups(self) -> bool:
        """Whether groups are compared: somebody gave them to the user on purpose."""
        return any(name in _GROUPS for name in self.symbol.path)

    @property
    def noun(self) -> str:
        """What it is: `country`, `salesperson`."""
        name = _names(self.symbol)[-1]
        if self.field is None:
            return name.replace("_", " ")
        if self.field.comodel == USERS and name == "user_id":
            return "salesperson"
        if self.field.comodel in _OTHER_WORDS:
            return _OTHER_WORDS[self.field.comodel]
        return name.removesuffix("_id").removesuffix("_ids").replace("_", " ")


def attributes(policy: Policy, domain: Domain) -> Iterator[Attribute]:
    """What a domain compares of the user's that neither singles them out nor is a group."""
    for node in nodes(domain):
        if not isinstance(node, Term) or isinstance(node.value, Subdomain):
            continue
        for symbol in symbols(node.value):
            if compares_more_than_identity(symbol):
                yield Attribute(node, symbol, _last_field(policy, symbol))


def compares_more_than_identity(symbol: Symbol) -> bool:
    """Whether a name reads something of the user's other than who they are."""
    return symbol.root == "user" and _names(symbol) not in _IDENTITIES


def edited(policy: Policy, one: Attribute) -> Edited | None:
    """Where a portal user may change it; None where staff do, as far as is known.

    A relation (a country) is left out: what matters of it is that others have it too.
    """
    names = _names(one.symbol)
    if names[:-1] not in _IDENTITIES or (one.field is not None and one.field.comodel):
        return None
    if names[-1] in _ON_THE_USER:
        return Edited.USER
    if names[-1] in _AT_SIGN_UP and names[:-1] == ():
        return Edited.SIGN_UP
    if "portal" not in policy.modules:
        return None
    if names[-1] in _BEFORE_DOCUMENTS:
        return Edited.NEW
    return Edited.PORTAL if names[-1] in _ON_THE_PORTAL else None


def _names(symbol: Symbol) -> tuple[str, ...]:
    return symbol.path[:-1] if symbol.path[-1:] in _IDS else symbol.path


def _last_field(policy: Policy, symbol: Symbol) -> Field | None:
    names = _names(symbol)
    steps = list(walk(policy, USERS, ".".join(names), python=True)) if names else []
    last = steps[-1] if steps and len(steps) == len(names) else None
    return last.field if isinstance(last, Step) else None
