"""The tutorial, "Record rules": agents see what is theirs or nobody's, managers see everything."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.policy import AccessRight, GroupLink, Mode, RecordRule
from tutorial.estate import HERE, PROPERTY, Estate, refused

OF_AGENTS, OF_MANAGERS = "estate.estate_property_rule_user", "estate.estate_property_rule_manager"
MINE = "['|', ('user_id', '=', user.id), ('user_id', '=', False)]"


def test_record_rules_an_agent_sees_own_and_unassigned_properties(estate: Estate) -> None:
    assert estate.seen_by("ada") == {"Cottage", "Barn"}
    assert estate.seen_by("ben") == {"Loft", "Barn"}
    assert estate.as_("ada")[PROPERTY].search_count([]) == 2


def test_record_rules_what_a_search_hides_no_id_brings_back(estate: Estate) -> None:
    loft = estate.property("Loft", "ada")
    with refused("rule"):
        loft.read(["name"])
    with refused("rule"):
        _ = loft.name
    with refused("rule"):
        loft.write({"name": "Mine"})
    with refused("rule"):
        loft.check_access("write")
    assert not loft.has_access("read")
    assert estate.property("Loft").name == "Loft"


def test_record_rules_an_agent_updates_own_and_takes_unassigned_properties(estate: Estate) -> None:
    estate.property("Cottage", "ada").write({"name": "Chalet"})
    barn = estate.property("Barn", "ada")
    barn.write({"user_id": barn.env.uid})
    assert estate.seen_by("ada") == {"Chalet", "Barn"}
    assert estate.seen_by("ben") == {"Loft"}


def test_record_rules_a_property_is_not_made_for_a_colleague(estate: Estate) -> None:
    agent = estate.as_("ada")
    with refused("rule"):
        agent[PROPERTY].create({"name": "Hut", "expected_price": 1, "user_id": agent.ref("__user__.ben").id})
    assert estate.seen_by("mia") == {"Cottage", "Loft", "Barn", "Villa"}


def test_record_rules_nobody_writes_a_property_out_of_their_own_reach(estate: Estate) -> None:
    """Odoo checks before it writes, and not after: there, an agent gives a property away and has lost it."""
    cottage = estate.property("Cottage", "ada")
    ben = cottage.env.ref("__user__.ben").id
    with refused("rule"):
        cottage.write({"user_id": ben})
    assert estate.seen_by("ada") == {"Cottage", "Barn"}
    as_odoo = estate.as_("ada", strict=False)
    as_odoo[PROPERTY].browse(cottage.ids).write({"user_id": ben})
    assert estate.seen_by("ada") == {"Barn"}


def test_record_rules_managers_see_all(estate: Estate) -> None:
    assert estate.seen_by("mia") == {"Cottage", "Loft", "Barn", "Villa"}
    loft = estate.property("Loft", "mia")
    loft.write({"expected_price": 2})
    assert loft.expected_price == 2


def test_record_rules_an_implied_groups_rule_binds_managers_too(estate: Estate) -> None:
    """Without a rule of their own managers are agents, and see what agents see."""
    assert estate.seen_by("mia", estate.without(OF_MANAGERS)) == {"Barn", "Villa"}


def test_record_rules_a_manager_who_is_no_agent_has_no_rights(estate: Estate) -> None:
    """In `secured` managers have the rights on properties from agents."""
    with refused("acl"):
        estate.seen_by("mia", estate.with_manager_not_an_agent())


def test_record_rules_no_rule_that_binds_means_everything(estate: Estate) -> None:
    """A manager who is no agent, with a right of their own: no group rule binds them, so none limits them."""
    right = AccessRight(
        origin=HERE,
        xmlid="estate_app.manager",
        model=PROPERTY,
        group="estate.estate_group_manager",
        modes=(Mode.READ,),
    )
    apart = estate.with_manager_not_an_agent(estate.without(OF_MANAGERS))
    apart = msgspec.structs.replace(apart, rights=[*apart.rights, right])
    assert estate.seen_by("mia", apart) == {"Cottage", "Loft", "Barn", "Villa"}
    with refused("acl"):
        estate.property("Loft").with_env(estate.as_("mia", apart)).write({"name": "Mine"})


@pytest.mark.parametrize(("mode", "kind"), [("read", ""), ("write", "rule")])
def test_record_rules_limit_the_modes_they_name(estate: Estate, mode: str, kind: str) -> None:
    """The tutorial's own example: everybody may read, only whom it concerns may change."""
    rule = RecordRule(
        origin=HERE,
        xmlid="estate_app.changes",
        model=PROPERTY,
        domain_force=MINE,
        groups=(GroupLink("base.group_user", HERE),),
        modes=(Mode.WRITE, Mode.CREATE, Mode.UNLINK),
    )
    policy = estate.without(OF_AGENTS, OF_MANAGERS)
    policy = msgspec.structs.replace(policy, rules=[*policy.rules, rule])
    loft = estate.property("Loft").with_env(estate.as_("ada", policy))
    if kind:
        with refused(kind):
            loft.check_access(mode)
    else:
        loft.check_access(mode)
        assert estate.seen_by("ada", policy) == {"Cottage", "Loft", "Barn"}
