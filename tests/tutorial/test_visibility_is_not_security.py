"""The tutorial, "Visibility is not security": what a menu or a view hides is there, what field groups keep is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from examples.estate.tutorial.people import ESTATE

from ostiary.audit import audit
from ostiary.enforce import Command
from ostiary.policy import Mode, Question, Verdict, decide
from ostiary.sources import open_policy
from tutorial.estate import PROPERTY, TAG, TYPE, Estate, refused

NOTE = 'internal_note = fields.Text(groups="estate.estate_group_user")'
CHECK = "hidden-not-protected"


def test_visibility_is_not_security_the_settings_menu_is_for_managers(estate: Estate) -> None:
    for menu in ("settings", "types", "tags"):
        assert estate.sees_menu("mia", menu)
    assert not estate.sees_menu("ada", "settings")
    assert estate.sees_menu("ada", "root")
    assert estate.sees_menu("ada", "properties")


def test_visibility_is_not_security_types_and_tags_are_used_without_the_menu(estate: Estate) -> None:
    agent = estate.as_("ada")
    house = agent[TYPE].search([("name", "=", "House")])
    cosy = agent[TAG].search([("name", "=", "Cosy")])
    hut = agent[PROPERTY].create({"name": "Hut", "expected_price": 1, "property_type_id": house.id})
    hut.write({"tag_ids": [Command.link(cosy.id)]})
    assert hut.property_type_id.name == "House"
    assert hut.tag_ids.mapped("name") == ["Cosy"]
    assert agent[PROPERTY].search([("tag_ids.name", "=", "Cosy")]) == hut
    with refused("acl"):
        hut.write({"tag_ids": [Command.create({"name": "Haunted"})]})


def test_visibility_is_not_security_a_menu_decides_nothing(estate: Estate) -> None:
    """Every menu for nobody: who may read what stays as it is."""
    nobody = [msgspec.structs.replace(menu, groups=()) for menu in estate.policy.menus.values()]
    shown = msgspec.structs.replace(estate.policy, menus={menu.xmlid: menu for menu in nobody})
    agent = estate.as_("ada", shown).subject
    settings = Question(menu="estate.estate_menu_settings")
    assert decide(shown, agent, settings).verdict is Verdict.ALLOWED
    assert not estate.as_("ada", shown)[TYPE].has_access("write")
    assert estate.as_("ada", shown)[TYPE].has_access("read")


def test_visibility_is_not_security_and_the_policy_says_so(estate: Estate) -> None:
    settings = decide(estate.policy, estate.as_("ada").subject, Question(menu="estate.estate_menu_settings"))
    assert settings.verdict is Verdict.DENIED
    assert settings.reason.text.endswith("A menu hides; it protects nothing.")
    note = decide(
        estate.policy,
        estate.as_("buyer").subject,
        Question(mode=Mode.READ, model=PROPERTY, field="internal_note"),
    )
    assert note.verdict is Verdict.DENIED
    assert "hides" not in note.reason.text


@pytest.mark.parametrize("field", ["internal_note", "lowest_price", "owner_id"])
def test_visibility_is_not_security_field_groups_are(estate: Estate, field: str) -> None:
    """A customer who may read a property doesn't get these: not by name, not among all, not through a search."""
    cottage = estate.property("Cottage")
    cottage.write({"buyer_id": cottage.env.ref("__user__.buyer").sudo(reason="test").partner_id.id})
    bought = estate.as_("buyer")[PROPERTY].search([])
    assert bought == cottage
    assert bought.name == "Cottage"
    assert field not in bought.read()[0]
    assert field not in bought.fields_get()
    for ask in (
        lambda: bought.read([field]),
        lambda: bought[field],
        lambda: bought.env[PROPERTY].search([(field, "!=", False)]),
        lambda: bought.env[PROPERTY].search([], order=f"{field} desc"),
    ):
        with refused("field"):
            ask()


def test_visibility_is_not_security_a_view_decides_nothing(estate: Estate) -> None:
    """The views show the agency to users of several companies only; agents who see it nowhere read it all the same."""
    agent = estate.property("Cottage", "ada")
    assert not agent.env.user.has_group("base.group_multi_company")
    assert agent.read(["company_id"]) == [
        {"id": agent.id, "company_id": (agent.company_id.id, "City Agency")}
    ]


def test_visibility_is_not_security_and_the_audit_tells_them_apart(tmp_path: Path) -> None:
    """The same note kept from customers by its field, and by the view alone."""
    shutil.copytree(ESTATE / "secured", tmp_path / "addons")
    assert found(tmp_path) == []
    model = tmp_path / "addons/estate/models/estate_property.py"
    view = tmp_path / "addons/estate/views/estate_property_views.xml"
    hidden = view.read_text().replace('"internal_note"', '"internal_note" groups="estate.estate_group_user"')
    view.write_text(hidden)
    assert found(tmp_path) == [], "a view may hide what its field protects as well"
    assert NOTE in model.read_text()
    model.write_text(model.read_text().replace(NOTE, "internal_note = fields.Text()"))
    assert found(tmp_path) == ["estate.property.internal_note"]


def found(folder: Path) -> list[str]:
    policy = open_policy([folder / "addons"], odoo="18.0", cache=False)
    return [one.subject for one in audit(policy, select=[CHECK]).findings]
