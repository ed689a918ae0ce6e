"""The tutorial, "Multi-company security": each agency is a silo, and the manager works in both."""

from __future__ import annotations

import msgspec
import pytest
from examples.estate.tutorial.people import CITY, HARBOUR

from ostiary.enforce import UserError, ValidationError
from ostiary.policy import GroupLink, RecordRule
from tutorial.estate import HERE, PROPERTY, Estate, refused

OF_COMPANIES = "estate.estate_property_rule_company"
AGENTS = (GroupLink("estate.estate_group_user", HERE),)


def company(estate: Estate, xmlid: str) -> int:
    return int(estate.as_("mia").ref(xmlid).id)


def test_multi_company_security_a_property_needs_a_company(estate: Estate) -> None:
    with pytest.raises(ValidationError, match="company_id"):
        estate.as_("ada")[PROPERTY].create({"name": "Hut", "expected_price": 1, "company_id": False})
    with pytest.raises(ValidationError, match="company_id"):
        estate.property("Cottage", "ada").write({"company_id": False})


@pytest.mark.parametrize(
    ("user", "chosen", "expected"),
    [
        ("ada", [], CITY),
        ("kim", [], HARBOUR),
        ("mia", [], CITY),
        ("mia", [HARBOUR], HARBOUR),
        ("mia", [HARBOUR, CITY], HARBOUR),
    ],
)
def test_multi_company_security_the_company_is_by_default_the_current_one(
    estate: Estate, user: str, chosen: list[str], expected: str
) -> None:
    companies = [company(estate, one) for one in chosen] or None
    made = estate.as_(user, companies=companies)[PROPERTY].create({"name": "Hut", "expected_price": 1})
    assert made.company_id.ids == [company(estate, expected)]


def test_multi_company_security_agents_are_siloed(estate: Estate) -> None:
    """All of these are nobody's, so that only the agency tells them apart."""
    estate.property("Cottage").write({"user_id": False})
    estate.property("Loft").write({"user_id": False})
    assert estate.seen_by("ada") == {"Cottage", "Loft", "Barn"}
    assert estate.seen_by("kim") == {"Villa"}
    with refused("rule"):
        estate.property("Villa", "ada").read(["name"])
    with refused("rule"):
        estate.property("Barn", "kim").write({"name": "Mine"})


def test_multi_company_security_the_manager_is_in_both_and_sees_the_chosen(estate: Estate) -> None:
    city, harbour = company(estate, CITY), company(estate, HARBOUR)
    assert estate.as_("mia").companies.ids == [city, harbour]
    assert estate.seen_by("mia") == {"Cottage", "Loft", "Barn", "Villa"}
    assert estate.seen_by("mia", companies=[city]) == {"Cottage", "Loft", "Barn"}
    assert estate.seen_by("mia", companies=[harbour]) == {"Villa"}


def test_multi_company_security_the_old_agent_is_in_one(estate: Estate) -> None:
    assert estate.as_("ada").companies.ids == [company(estate, CITY)]
    with refused("company"):
        estate.seen_by("ada", companies=[company(estate, HARBOUR)])
    with refused("company"):
        estate.seen_by("ada", companies=[company(estate, CITY), company(estate, HARBOUR)])


def test_multi_company_security_a_property_does_not_leave_for_an_agency_that_is_not_ones_own(
    estate: Estate,
) -> None:
    with refused("rule"):
        estate.property("Cottage", "ada").write({"company_id": company(estate, HARBOUR), "user_id": False})
    assert estate.property("Cottage").company_id.ids == [company(estate, CITY)]


def test_multi_company_security_an_agent_belongs_to_the_agency_of_the_property(estate: Estate) -> None:
    villa = estate.property("Villa")
    with pytest.raises(UserError, match="companies that do not go together"):
        villa.write({"user_id": villa.env.ref("__user__.ada").id})
    villa.write({"user_id": villa.env.ref("__user__.kim").id})
    assert estate.seen_by("kim") == {"Villa"}


def test_multi_company_security_a_global_rule_is_not_widened(estate: Estate) -> None:
    """Another rule for agents, however wide, leaves the silo as it is; one bound to a group it cancels."""
    wide = RecordRule(
        origin=HERE, xmlid="estate_app.wide", model=PROPERTY, domain_force="[(1, '=', 1)]", groups=AGENTS
    )
    everything = estate.with_rules(lambda rule: rule, wide)
    assert estate.seen_by("kim", everything) == {"Villa"}

    def bound(rule: RecordRule) -> RecordRule:
        return msgspec.structs.replace(rule, groups=AGENTS) if rule.xmlid == OF_COMPANIES else rule

    assert estate.seen_by("kim", estate.with_rules(bound, wide)) == {"Cottage", "Loft", "Barn", "Villa"}


def test_multi_company_security_rests_on_the_rule(estate: Estate) -> None:
    """Without it all agents see what is nobody's in any agency."""
    without = estate.without(OF_COMPANIES)
    assert estate.seen_by("kim", without) == {"Barn", "Villa"}
