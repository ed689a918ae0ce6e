"""The tutorial, "Programmatically checking security": a check before what the ORM doesn't check, and cannot undo."""

from __future__ import annotations

import pytest
from examples.estate.tutorial.estate_app import confirm_sale, confirm_sale_naively

from ostiary.enforce import AccessError, MissingError, Records
from tutorial.estate import INVOICE, PROPERTY, Estate, refused
from tutorial.test_bypassing_security import for_sale, invoices


@pytest.mark.parametrize(
    ("user", "kind"), [("ben", "rule"), ("kim", "rule"), ("demo", "acl"), ("buyer", "acl")]
)
def test_programmatically_checking_security_stops_before_the_side_effect(
    estate: Estate, user: str, kind: str
) -> None:
    """A script that calls the method with an id is stopped before anything is made or told."""
    cottage = for_sale(estate, "Cottage", user)
    told: list[str] = []
    with refused(kind):
        confirm_sale(cottage, told.append)
    assert told == []
    assert not invoices(estate)
    assert cottage.env.bypasses == ()
    assert estate.property("Cottage").state == "new"


@pytest.mark.parametrize(
    ("user", "kind"), [("ben", "rule"), ("kim", "rule"), ("demo", "acl"), ("buyer", "acl")]
)
def test_programmatically_checking_security_left_out_only_the_database_is_undone(
    estate: Estate, user: str, kind: str
) -> None:
    """Without the check the refusal comes last: the invoice is undone with the transaction, what was told is not."""
    cottage = for_sale(estate, "Cottage", user)
    told: list[str] = []
    made: list[int] = []

    def tell(text: str) -> None:
        told.append(text)
        made.append(len(invoices(estate)))

    with refused(kind), cottage.env.unit():
        confirm_sale_naively(cottage, tell)
    assert told == ["Cottage is sold"]
    assert made == [1], "the invoice was there when the report went out"
    assert not invoices(estate)
    assert estate.property("Cottage").state == "new"


def test_programmatically_checking_security_both_ways_serve_the_agent(estate: Estate) -> None:
    for confirm, name in ((confirm_sale, "Cottage"), (confirm_sale_naively, "Barn")):
        told: list[str] = []
        assert confirm(for_sale(estate, name, "ada"), told.append)
        assert told == [f"{name} is sold"]
    assert len(invoices(estate)) == 2


def test_programmatically_checking_security_is_about_every_record(estate: Estate) -> None:
    both = estate.property("Cottage", "ada") + estate.property("Loft", "ada")
    with pytest.raises(AccessError) as error:
        both.check_access("write")
    assert error.value.ids == tuple(estate.property("Loft").ids)
    assert both.filtered_access("write") == estate.property("Cottage", "ada")
    assert not both.has_access("write")


def test_programmatically_checking_security_of_nothing_asks_for_rights_alone(estate: Estate) -> None:
    def nothing(user: str, model: str) -> Records:
        return estate.as_(user)[model]

    nothing("ada", PROPERTY).check_access("write")
    assert nothing("ada", PROPERTY).has_access("create")
    for user, model, mode in (
        ("ada", PROPERTY, "unlink"),
        ("ada", INVOICE, "create"),
        ("demo", PROPERTY, "read"),
    ):
        assert not nothing(user, model).has_access(mode)
        with refused("acl"):
            nothing(user, model).check_access(mode)


def test_programmatically_checking_security_by_who_it_is(estate: Estate) -> None:
    cottage = estate.property("Cottage", "ada")
    assert cottage.user_id == cottage.env.user
    assert cottage.env.user.has_group("estate.estate_group_user")
    assert not estate.as_("demo").user.has_group("estate.estate_group_user")


def test_programmatically_checking_security_passes_what_is_not_there(estate: Estate) -> None:
    """As in Odoo: nothing is refused of a record that doesn't exist, and reading it says so."""
    gone = estate.as_("ada")[PROPERTY].browse(10**6)
    with pytest.raises(MissingError):
        _ = gone.name


def test_programmatically_checking_security_explains_and_tells_no_values(estate: Estate) -> None:
    loft = estate.property("Loft", "ada")
    estate.property("Loft").write({"internal_note": "the roof leaks"})
    with pytest.raises(AccessError) as error:
        loft.check_access("write")
    text = str(error.value)
    assert text.startswith(f"User ada may not write estate.property {loft.id}: record rules keep them away.")
    assert "estate.estate_property_rule_user" in text
    assert "estate_rules.xml:35" in text
    assert "where user_id is the user or user_id is not set" in text
    assert "Loft" not in text
    assert "roof" not in text
    assert "ben" not in text.lower()
