"""Verdicts about what is hidden and not protected, each on a fresh addon."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding, audit
from ostiary.audit.fields.hiding import hidden_fields, is_role
from ostiary.audit.weighing.private import Private, private_of
from ostiary.audit.weighing.secrets import Secret, secret_of
from ostiary.policy import Field, Model, Origin, Policy
from ostiary.sources import open_policy

CHECKS = {
    "hidden-not-protected",
    "menu-without-access",
    "related-publishes",
    "secret-field-without-groups",
}
GROUPS = """
<record id="group_boss" model="res.groups">
    <field name="name">Boss</field><field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
</record>
"""
HERE = Origin("addon/models.py", 1, "addon")


def read(tmp_path: Path, fields: str, *, data: str = "", rights: str = "base.group_user,1,0,0,0") -> Policy:
    """The policy of an addon with one model, one access right and some data."""
    addon = tmp_path / "club"
    (addon / "security").mkdir(parents=True)
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "__manifest__.py").write_text(
        "{'name': 'Club', 'depends': ['portal'], "
        "'data': ['security/groups.xml', 'security/ir.model.access.csv', 'views.xml']}"
    )
    (addon / "models.py").write_text(
        "from odoo import api, fields, models\n\n\nclass Member(models.Model):\n    _name = 'club.member'\n"
        f"    _description = 'Member'\n    name = fields.Char()\n{fields}"
    )
    (addon / "security" / "groups.xml").write_text(f"<odoo>{GROUPS}</odoo>")
    (addon / "security" / "ir.model.access.csv").write_text(
        "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
        f"access_member,member,model_club_member,{rights}\n"
    )
    (addon / "views.xml").write_text(f"<odoo>{data}</odoo>")
    return open_policy([tmp_path], odoo="18.0", cache=False)


def found(policy: Policy) -> list[Finding]:
    result = audit(policy, select=sorted(CHECKS))
    assert not result.errors
    return [finding for finding in result.findings if finding.check in CHECKS]


def said(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.check, str(finding.severity), finding.subject) for finding in findings]


def form(arch: str, groups: str = "") -> str:
    on_view = f'<field name="groups_id" eval="[(4, ref(\'{groups}\'))]"/>' if groups else ""
    return (
        '<record id="form" model="ir.ui.view"><field name="name">form</field><field name="model">club.member</field>'
        f'{on_view}<field name="arch" type="xml"><form>{arch}</form></field></record>'
    )


MARGIN = "    margin = fields.Float()\n"


def test_a_view_for_a_group_hides_all_it_shows(tmp_path: Path) -> None:
    policy = read(tmp_path, MARGIN, data=form('<field name="margin"/>', "group_boss"))
    assert said(found(policy)) == [("hidden-not-protected", "low", "club.member.margin")]


def test_groups_that_were_not_read_may_be_for_everybody(tmp_path: Path) -> None:
    policy = read(tmp_path, MARGIN, data=form('<field name="margin" groups="elsewhere.group_any"/>'))
    assert ("club.member", "margin") in hidden_fields(policy)
    assert found(policy) == []


def test_a_view_that_is_not_active_hides_nothing(tmp_path: Path) -> None:
    data = form('<field name="margin" groups="club.group_boss"/>').replace(
        '<field name="arch"', '<field name="active" eval="False"/><field name="arch"'
    )
    assert found(read(tmp_path, MARGIN, data=data)) == []


def test_who_may_not_read_the_model_has_nothing_hidden_from_them(tmp_path: Path) -> None:
    data = form('<field name="margin" groups="club.group_boss"/>')
    assert found(read(tmp_path, MARGIN, data=data, rights="group_boss,1,1,1,1")) == []


def test_a_value_is_reported_once_where_it_is_carried_and_hidden(tmp_path: Path) -> None:
    fields = (
        "    cost = fields.Float(groups='club.group_boss')\n"
        "    margin = fields.Float(compute='_compute_margin', store=True)\n"
        "    @api.depends('cost')\n    def _compute_margin(self): ...\n"
    )
    data = form('<field name="margin" groups="club.group_boss"/>')
    assert said(found(read(tmp_path, fields, data=data))) == [
        ("related-publishes", "low", "club.member.margin")
    ]


def test_compute_sudo_false_keeps_to_the_users_rights(tmp_path: Path) -> None:
    fields = (
        "    cost = fields.Float(groups='club.group_boss')\n"
        "    margin = fields.Float(compute='_compute_margin', store=True, compute_sudo=False)\n"
        "    @api.depends('cost')\n    def _compute_margin(self): ...\n"
    )
    assert found(read(tmp_path, fields)) == []


@pytest.mark.parametrize(
    ("label", "severity"), [("portal", "critical"), ("public", "critical"), ("user", "high")]
)
def test_a_key_is_graver_for_those_outside(label: str, severity: str, tmp_path: Path) -> None:
    policy = read(tmp_path, "    api_key = fields.Char()\n", rights=f"base.group_{label},1,0,0,0")
    assert said(found(policy)) == [("secret-field-without-groups", severity, "club.member.api_key")]


def _field(name: str, type: str = "char") -> Field:
    return Field(origin=HERE, name=name, type=type)


def _model(*names: str) -> Model:
    return Model(origin=HERE, name="club.member", fields={name: _field(name) for name in names})


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "smtp_pass",
        "api_key",
        "stripe_secret_key",
        "client_secret",
        "refresh_token",
        "pin",
        "x_private_key",
    ],
)
def test_names_that_say_a_secret(name: str) -> None:
    held = secret_of(Policy(odoo="18.0"), _model(name), _field(name))
    assert held is not None
    assert held[0] is Secret.KEY


@pytest.mark.parametrize(
    "name",
    [
        "password_hint",
        "has_password",
        "token_type",
        "publishable_key",
        "opinion",
        "shipping",
        "keyword",
        "secretary",
    ],
)
def test_names_that_only_sound_like_one(name: str) -> None:
    assert secret_of(Policy(odoo="18.0"), _model(name), _field(name)) is None


def test_a_token_beside_a_client_id_is_that_of_a_service() -> None:
    policy = Policy(odoo="18.0")
    kinds = [
        secret_of(policy, _model("access_token", *more), _field("access_token"))
        for more in ((), ("client_id",))
    ]
    assert [kind and kind[0] for kind in kinds] == [Secret.LINK, Secret.KEY]


@pytest.mark.parametrize(
    ("name", "type", "kind"),
    [
        ("wage", "float", Private.PAY),
        ("wage", "char", None),
        ("date_of_birth", "date", Private.PERSON),
        ("margin_percent", "float", Private.COST),
        ("marginal", "float", None),
        ("cost_method", "selection", None),
        ("internal_note", "html", Private.NOTE),
        ("note", "html", None),
    ],
)
def test_what_names_and_types_tell(name: str, type: str, kind: Private | None) -> None:
    assert private_of(Policy(odoo="18.0"), _model(name), _field(name, type)) is kind


def test_a_group_that_a_setting_switches_is_no_role(tmp_path: Path) -> None:
    setting = (
        "\n\nclass Settings(models.TransientModel):\n    _inherit = 'res.config.settings'\n"
        "    group_costs = fields.Boolean(implied_group='club.group_boss')\n"
    )
    assert is_role(read(tmp_path / "plain", MARGIN), "club.group_boss")
    assert not is_role(read(tmp_path / "switched", MARGIN + setting), "club.group_boss")
