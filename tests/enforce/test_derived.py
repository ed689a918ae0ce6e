"""Stored values that follow from other rows are there before rules are asked, and follow when those change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from examples.estate.tutorial import people

from ostiary.enforce import AccessError, Command, Environment
from ostiary.policy import Policy

PROPERTY, OFFER, PARTNER = "estate.property", "estate.property.offer", "res.partner"


@pytest.fixture(scope="module")
def filled() -> tuple[sa.Engine, Policy]:
    engine = sa.create_engine("sqlite://")
    policy = people.set_up(engine, people.read_policy())
    with Environment(engine, policy, user="mia") as env:
        people.fill(env)
    return engine, policy


@pytest.fixture
def mia(filled: tuple[sa.Engine, Policy]) -> Iterator[Environment]:
    engine, policy = filled
    env = Environment(engine, policy, user="mia")
    yield env
    env.rollback()
    env.close()


def bot(env: Environment) -> Environment:
    return env.sudo(reason="test")


def test_a_stored_related_field_is_there_when_rules_are_asked(mia: Environment) -> None:
    barn = mia[PROPERTY].search([("name", "=", "Barn")])
    bidder = bot(mia)[PARTNER].create({"name": "Bidder"})
    for user in ("mia", "ada"):
        offer = mia.with_user(user)[OFFER].create(
            {"property_id": barn.id, "partner_id": bidder.id, "price": 10}
        )
        assert offer.company_id == barn.with_user(user).company_id
    with pytest.raises(AccessError):
        mia.with_user("kim")[OFFER].sudo(reason="test").browse(offer.ids).sudo(False).read(["price"])


def test_lines_that_are_made_with_their_record_follow_it(mia: Environment) -> None:
    bidder = bot(mia)[PARTNER].create({"name": "Bidder"})
    line = Command.create({"partner_id": bidder.id, "price": 10})
    harbour = mia.ref(people.HARBOUR)
    made = (
        mia[PROPERTY]
        .with_company(harbour)
        .create({"name": "Hut", "expected_price": 1, "user_id": False, "offer_ids": [line]})
    )
    assert made.offer_ids.company_id == harbour
    assert mia.with_user("kim")[OFFER].search([("property_id", "=", made.id)]) == made.offer_ids


def test_what_follows_changes_with_what_it_follows(mia: Environment) -> None:
    """A property that moves to another agency takes its offers with it: the old agency sees neither."""
    barn, villa = (mia[PROPERTY].search([("name", "=", name)]) for name in ("Barn", "Villa"))
    bidder = bot(mia)[PARTNER].create({"name": "Bidder"})
    offer = mia[OFFER].create({"property_id": barn.id, "partner_id": bidder.id, "price": 10})
    assert mia.with_user("ada")[OFFER].search([]) == offer
    barn.write({"company_id": mia.ref(people.HARBOUR).id})
    assert mia.with_user("ada")[OFFER].search([]).ids == []
    assert mia.with_user("kim")[OFFER].search([]) == offer
    barn.write({"company_id": mia.ref(people.CITY).id})
    offer.write({"property_id": villa.id})
    assert mia.with_user("ada")[OFFER].search([]).ids == []
    assert offer.company_id == villa.company_id


def test_a_contact_belongs_to_the_company_above_it(mia: Environment) -> None:
    su = bot(mia)
    acme = su[PARTNER].create({"name": "ACME", "is_company": True})
    branch = su[PARTNER].create({"name": "Sales", "parent_id": acme.id})
    joel = su[PARTNER].create({"name": "Joel", "parent_id": branch.id})
    assert (acme.commercial_partner_id, joel.commercial_partner_id) == (acme, acme)
    assert (acme.display_name, joel.display_name) == ("ACME", "ACME, Joel")
    branch.write({"is_company": True})
    assert (branch.commercial_partner_id, joel.commercial_partner_id) == (branch, branch)
    branch.write({"is_company": False, "parent_id": False})
    assert (branch.commercial_partner_id, joel.commercial_partner_id) == (branch, branch)
    branch.write({"name": "Office"})
    assert joel.display_name == "Office, Joel"


def test_a_contact_is_shared_unless_somebody_inside_is_it(mia: Environment) -> None:
    su = bot(mia)
    contact = su[PARTNER].create({"name": "Zoe"})
    assert contact.partner_share
    values = {"login": "zoe", "partner_id": contact.id, "company_id": su.company.id}
    portal, internal = (su.ref(f"base.group_{name}").id for name in ("portal", "user"))
    user = su.with_user(None, reason="test")["res.users"].create(
        {**values, "groups_id": [Command.set([portal])]}
    )
    assert (user.share, contact.partner_share) == (True, True)
    user.write({"groups_id": [Command.set([internal])]})
    assert (user.share, contact.partner_share) == (False, False)


def test_contacts_of_people_are_known_to_be_inside_or_not(mia: Environment) -> None:
    su = bot(mia)
    assert not su.ref("__user__.ada").partner_id.partner_share
    assert su.ref("__user__.buyer").partner_id.partner_share
    assert su.ref("__user__.ada").partner_id.display_name == "Ada, the old agent"
