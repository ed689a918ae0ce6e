"""The tutorial, "Access rights": agents only read types and tags, nobody deletes properties, others see nothing."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.enforce import new_user
from ostiary.policy import AccessRight, Group, Mode
from tutorial.estate import HERE, PROPERTY, TAG, TYPE, Estate, refused

MENUS = ["root", "advertisements", "properties", "offers", "viewings", "settings", "types", "tags"]
EVERYTHING = {"read", "write", "create", "unlink"}


def allowed(estate: Estate, user: str, model: str) -> set[str]:
    """The modes that access rights alone give: what is asked of an empty recordset."""
    return {mode for mode in EVERYTHING if estate.as_(user)[model].has_access(mode)}


def test_access_rights_managers_have_full_access_and_delete_no_properties(estate: Estate) -> None:
    assert allowed(estate, "mia", TYPE) == EVERYTHING
    assert allowed(estate, "mia", TAG) == EVERYTHING
    assert allowed(estate, "mia", PROPERTY) == EVERYTHING - {"unlink"}


def test_access_rights_agents_only_read_types_and_tags(estate: Estate) -> None:
    assert allowed(estate, "ada", TYPE) == {"read"}
    assert allowed(estate, "ada", TAG) == {"read"}
    agent = estate.as_("ada")
    house = agent[TYPE].search([("name", "=", "House")])
    assert house.name == "House"
    with refused("acl"):
        house.write({"name": "Castle"})
    with refused("acl"):
        house.unlink()
    with refused("acl"):
        agent[TAG].create({"name": "Haunted"})
    assert house.name == "House"


def test_access_rights_agents_create_and_update_properties(estate: Estate) -> None:
    made = estate.as_("ada")[PROPERTY].create({"name": "Hut", "expected_price": 1})
    made.write({"name": "Lodge"})
    assert estate.seen_by("ada") == {"Cottage", "Barn", "Lodge"}


@pytest.mark.parametrize("user", ["ada", "mia", "admin"])
def test_access_rights_nobody_deletes_properties(estate: Estate, user: str) -> None:
    with refused("acl"):
        estate.property("Cottage", user).unlink()
    assert estate.property("Cottage").exists()


@pytest.mark.parametrize("model", [PROPERTY, TYPE, TAG])
def test_access_rights_the_outsider_reads_nothing(estate: Estate, model: str) -> None:
    assert allowed(estate, "demo", model) == set()
    with refused("acl"):
        estate.as_("demo")[model].search([])


def test_access_rights_the_outsider_sees_no_menu(estate: Estate) -> None:
    assert [menu for menu in MENUS if estate.sees_menu("demo", menu)] == []
    assert estate.sees_menu("ada", "properties")


# ------------------------------------------------------------------------------ access rights only ever add

A, B, C = "estate_app.a", "estate_app.b", "estate_app.c"


@pytest.mark.parametrize(
    ("groups", "modes"),
    [
        ([A], {"create", "read"}),
        ([B], {"read"}),
        ([C], {"write"}),
        ([A, C], {"create", "read", "write"}),
        ([B, C], {"read", "write"}),
        ([A, B, C], {"create", "read", "write"}),
        ([], set()),
    ],
    ids=lambda value: "+".join(sorted(one.rpartition(".")[2] for one in value)) or "none",
)
def test_access_rights_of_several_groups_add_up(estate: Estate, groups: list[str], modes: set[str]) -> None:
    rows = {A: (Mode.CREATE, Mode.READ), B: (Mode.READ,), C: (Mode.WRITE,)}
    policy = msgspec.structs.replace(
        estate.policy,
        groups={**estate.policy.groups, **{name: Group(origin=HERE, xmlid=name) for name in rows}},
        rights=[
            AccessRight(origin=HERE, xmlid=f"{name}_tag", model=TAG, group=name, modes=modes)
            for name, modes in rows.items()
        ],
    )
    env = estate.as_(new_user("somebody", ["base.group_user", *groups]), policy)
    assert {mode for mode in EVERYTHING if env[TAG].has_access(mode)} == modes


@pytest.mark.parametrize("user", ["demo", "buyer", "public"])
def test_access_rights_without_a_group_are_everybodys(estate: Estate, user: str) -> None:
    everybodys = AccessRight(
        origin=HERE, xmlid="estate_app.all_tags", model=TAG, group=None, modes=(Mode.READ,)
    )
    policy = msgspec.structs.replace(estate.policy, rights=[*estate.policy.rights, everybodys])
    with refused("acl"):
        estate.as_(user)[TAG].search([])
    assert estate.as_(user, policy)[TAG].search([]).mapped("name") == ["Cosy"]
