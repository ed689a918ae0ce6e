"""Which contacts users and companies are, and to which commercial entity each belongs."""

from __future__ import annotations

from ostiary.policy import Contact
from ostiary.sources.database.names import Names
from ostiary.sources.database.tables import Database

_OF_USERS = """
    id IN (SELECT partner_id FROM res_users) OR id IN (
        SELECT commercial_partner_id FROM res_partner WHERE id IN (SELECT partner_id FROM res_users))
"""
_OF_COMPANIES = """
    OR id IN (SELECT partner_id FROM res_company) OR id IN (
        SELECT commercial_partner_id FROM res_partner WHERE id IN (SELECT partner_id FROM res_company))
"""


def contacts(database: Database, names: Names) -> dict[str, Contact]:
    """The contacts of users and companies and their commercial entities; empty where entities may not be read.

    Of an email address only the domain is kept.
    """
    if not database.has("res_partner", "commercial_partner_id"):
        return {}
    where = _OF_USERS + (_OF_COMPANIES if database.has("res_company", "partner_id") else "")
    columns = "id name commercial_partner_id is_company customer_rank supplier_rank email_normalized"
    found: dict[str, Contact] = {}
    for id, name, entity, company, customer, supplier, email in database.rows(
        "res_partner",
        columns,
        where=where,
        order="id",
    ):
        xmlid = names.xmlid("res.partner", id)
        found[xmlid] = Contact(
            origin=names.origin("res_partner", "res.partner", id),
            xmlid=xmlid,
            name=name or "",
            entity=names.maybe("res.partner", entity),
            is_company=bool(company),
            customer=(customer or 0) > 0,
            supplier=(supplier or 0) > 0,
            email_domain=(email or "").rpartition("@")[2].lower(),
        )
    return found
