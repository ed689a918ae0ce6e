"""The summaries of base, mail and portal stand in for the real ones without a problem of their own."""

from __future__ import annotations

import pytest

from ostiary.policy import MODES, closure
from sources.build import MODELS, MakeAddon, ReadAddon, data, problems

SERIES = ["17.0", "18.0", "19.0", "next"]
PYTHON = (
    MODELS
    + """class Desk(models.Model):
    _name = 'desk.ticket'
    _inherit = ['mail.thread', 'mail.activity.mixin', 'portal.mixin']

    partner_id = fields.Many2one('res.partner')


class Partner(models.Model):
    _inherit = 'res.partner'

    desk = fields.Char(groups='base.group_user')
"""
)
FILES = {
    "ir.model.access.csv": "id,model_id:id,group_id:id,perm_read\n"
    "user,model_desk_ticket,base.group_user,1\nportal,model_desk_ticket,base.group_portal,1\n"
    "message,mail.model_mail_message,base.group_portal,1\npartner,model_res_partner,,0\n",
    "rules.xml": data(
        """<record id="rule" model="ir.rule"><field name="model_id" ref="model_desk_ticket"/>
        <field name="domain_force">[('partner_id', '=', user.partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/></record>
        <record id="base.not_in_the_summary" model="ir.rule"><field name="active" eval="False"/></record>
        <record id="base.group_user" model="res.groups"><field name="implied_ids" eval="[(4, ref('desk'))]"/></record>
        <record id="desk" model="res.groups"><field name="name">D</field></record>"""
    ),
}


@pytest.mark.parametrize("series", SERIES)
def test_a_lone_module_has_no_problem(addon: MakeAddon, read: ReadAddon, series: str) -> None:
    addon("desk", python=PYTHON, files=FILES, manifest={"depends": ["base", "mail", "portal"]})
    policy = read(odoo=series)
    assert problems(policy) == [] and policy.odoo == series
    assert {(item.kind, item.name) for item in policy.unresolved} <= {("record", "base.not_in_the_summary")}
    assert {name for name, module in policy.modules.items() if module.facts} == {"base", "mail", "portal"}
    assert "desk.desk" in closure(policy, ["base.group_system"])
    ticket, partner = policy.models["desk.ticket"], policy.models["res.partner"]
    assert not ticket.unresolved and {"message_ids", "access_token"} <= ticket.fields.keys()
    assert partner.partial and partner.modules[-1] == "desk" and not partner.unresolved


@pytest.mark.parametrize("series", SERIES)
def test_what_a_summary_says_is_whole(addon: MakeAddon, read: ReadAddon, series: str) -> None:
    addon("desk", manifest={"depends": ["mail", "portal"]})
    policy = read(odoo=series)
    assert (policy.problems, policy.unresolved) == ([], [])
    assert {"base.group_user", "base.group_portal", "base.group_public"} <= policy.groups.keys()
    assert {item.model for item in policy.rights} | {
        item.model for item in policy.rules
    } <= policy.models.keys()
    assert all(item.origin.path.startswith("ostiary:facts/") and item.origin.line for item in policy.rights)
    assert {user.xmlid for user in policy.users} >= {"base.user_root", "base.user_admin"}
    assert all(set(item.modes) <= set(MODES) for item in policy.rights)


def test_what_else_is_missing_is_listed_once(addon: MakeAddon, read: ReadAddon) -> None:
    rows = "".join(f"r{n},sale.model_sale_order,sales_team.group_sale,1\n" for n in range(3))
    for name in ("one", "two"):
        addon(
            name,
            manifest={"depends": ["sale"]},
            python=MODELS + "class S(models.Model):\n    _inherit = 'sale.order'\n",
            files={"ir.model.access.csv": "id,model_id:id,group_id:id,perm_read\n" + rows},
        )
    policy = read()
    assert problems(policy) == []
    found = {(item.kind, item.name): item.needed_by for item in policy.unresolved}
    assert len(found) == len(policy.unresolved)
    assert {("module", "sale"), ("group", "sales_team.group_sale")} <= found.keys()
    assert found["module", "sale"] == ("one", "two") == found["group", "sales_team.group_sale"]
    assert policy.groups["sales_team.group_sale"].unresolved and policy.models["sale.order"].unresolved


def test_a_group_that_does_not_exist_in_a_module_that_was_read(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", files={"m.xml": data('<menuitem id="x" name="x" groups="nope,base.nope"/>')})
    policy = read()
    assert [(item.kind, item.fatal) for item in problems(policy)] == [("unknown-reference", True)]
    assert [item.name for item in policy.unresolved] == ["base.nope"]


def test_a_real_base_takes_the_place_of_the_summaries(addon: MakeAddon, read: ReadAddon) -> None:
    addon("base", manifest={"depends": []})
    addon("lib")
    policy = read()
    assert not any(module.facts for module in policy.modules.values())
    assert [user.login for user in policy.users] == ["__system__"]
