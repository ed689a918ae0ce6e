"""The tutorial, "Bypassing security": agents sell without any right to invoices, and it is known who went past what."""

from __future__ import annotations

from collections import Counter

import pytest
from examples.estate.tutorial.estate_app import COMMISSION, FEES, WHY, close_sale, confirm_sale

from ostiary.enforce import InvalidError, Records, UserError
from tutorial.estate import INVOICE, PROPERTY, Estate, refused


def for_sale(estate: Estate, name: str, user: str) -> Records:
    """A property with a buyer."""
    found = estate.property(name)
    buyer = estate.as_("mia").ref("__user__.buyer").sudo(reason="test").partner_id
    found.write({"buyer_id": buyer.id, "selling_price": 1_000})
    return estate.property(name, user)


def invoices(estate: Estate) -> Records:
    return estate.as_("ada").sudo(reason="test")[INVOICE].search([])


def test_bypassing_security_an_agent_makes_no_invoice(estate: Estate) -> None:
    with refused("acl"):
        estate.as_("ada")[INVOICE].create({"move_type": "out_invoice"})


def test_bypassing_security_an_agent_confirms_a_sale(estate: Estate) -> None:
    cottage = for_sale(estate, "Cottage", "ada")
    assert confirm_sale(cottage, lambda _: None)
    assert cottage.state == "sold"
    (invoice,) = invoices(estate)
    assert invoice.partner_id == cottage.sudo(reason="test").buyer_id
    assert invoice.company_id.ids == cottage.company_id.ids
    assert sorted(invoice.invoice_line_ids.mapped("price_unit")) == sorted([1_000 * COMMISSION, FEES])
    assert cottage.sudo(reason="test").invoice_id == invoice


def test_bypassing_security_leaves_the_agent_without_rights_to_invoices(estate: Estate) -> None:
    cottage = for_sale(estate, "Cottage", "ada")
    confirm_sale(cottage, lambda _: None)
    for ask in (lambda: cottage.env[INVOICE].search([]), lambda: cottage.invoice_id.read(["partner_id"])):
        with refused("acl"):
            ask()


def test_bypassing_security_an_unsaleable_property_is_not_invoiced(estate: Estate) -> None:
    cottage = estate.property("Cottage", "ada")
    with pytest.raises(UserError, match="no buyer"), cottage.env.unit():
        confirm_sale(cottage, lambda _: None)
    assert not invoices(estate)
    assert cottage.state == "new"


def test_bypassing_security_is_recorded_with_its_reason_and_place(estate: Estate) -> None:
    cottage = for_sale(estate, "Cottage", "ada")
    confirm_sale(cottage, lambda _: None)
    done = cottage.env.bypasses
    assert {one.login for one in done} == {"ada"}
    assert {one.reason for one in done} == {WHY}
    assert all("estate_app.py" in one.place and one.place.endswith(" _invoice") for one in done)
    times = Counter[tuple[str, str]]()
    for one in done:
        times[one.verb, one.model] += one.times
    assert (times["create", INVOICE], times["write", PROPERTY]) == (1, 1)


def test_bypassing_security_nothing_is_recorded_where_nothing_is_bypassed(estate: Estate) -> None:
    cottage = for_sale(estate, "Cottage", "ada")
    close_sale(cottage)
    assert cottage.env.bypasses == ()


def test_bypassing_security_needs_a_reason(estate: Estate) -> None:
    env = estate.as_("ada")
    with pytest.raises(InvalidError, match="say why"):
        env.sudo()
    with pytest.raises(InvalidError, match="say why"):
        env.execute("SELECT 1", reason=" ")
    assert estate.as_("ada", strict=False).sudo().su


def test_bypassing_security_raw_sql_asks_nobody(estate: Estate) -> None:
    env = estate.as_("ada")
    rows = env.execute(
        "SELECT name FROM estate_property WHERE state = :state", {"state": "new"}, reason="a report"
    )
    assert {row.name for row in rows} == {"Cottage", "Loft", "Barn", "Villa"}
    (done,) = env.bypasses
    assert (done.verb, done.login, done.reason) == ("sql", "ada", "a report")
    assert done.place.endswith(" test_bypassing_security_raw_sql_asks_nobody")


def test_bypassing_security_superuser_mode_gives_no_groups(estate: Estate) -> None:
    """It passes rights and rules; code that asks who the user is still gets the user."""
    su = estate.as_("ada").sudo(reason="test")
    assert len(su[PROPERTY].search([])) == 4
    assert su.user == estate.as_("ada").user
    assert not su.user.has_group("estate.estate_group_manager")
    assert su.sudo(False)[PROPERTY].search_count([]) == 2
