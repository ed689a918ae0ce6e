"""The summaries of Odoo's modules stand in for the real ones without a problem of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ostiary.domain import Term, nodes
from ostiary.policy import Policy, closure
from ostiary.policy.paths import field_of
from ostiary.sources.addons import facts
from sources.build import MODELS, MakeAddon, ReadAddon, data, problems, rule

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
        <record id="desk" model="res.groups"><field name="name">D</field></record>
        <record id="base.group_user" model="res.groups">
            <field name="implied_ids" eval="[(4, ref('desk'))]"/></record>"""
    ),
}


@pytest.mark.parametrize("series", SERIES)
def test_a_lone_module_has_no_problem(addon: MakeAddon, read: ReadAddon, series: str) -> None:
    addon("desk", python=PYTHON, files=FILES, manifest={"depends": ["base", "mail", "portal"]})
    policy = read(odoo=series)
    assert problems(policy) == [] and policy.odoo == series
    assert {(item.kind, item.name) for item in policy.unresolved} <= {("record", "base.not_in_the_summary")}
    summaries = {name for name, module in policy.modules.items() if module.facts}
    assert {"base", "mail", "portal"} < summaries and not {"account", "sale", "website"} & summaries
    assert "desk.desk" in closure(policy, ["base.group_system"])
    ticket, partner = policy.models["desk.ticket"], policy.models["res.partner"]
    assert not ticket.unresolved and {"message_ids", "access_token"} <= ticket.fields.keys()
    assert partner.partial and partner.modules[-1] == "desk" and not partner.unresolved


@pytest.mark.parametrize("series", SERIES)
def test_what_the_summaries_say_is_whole(addon: MakeAddon, read: ReadAddon, series: str) -> None:
    known = facts.manifests(series)
    assert all(need in known for manifest in known.values() for need in manifest.depends)
    addon("desk", manifest={"depends": list(known)})
    policy = read(odoo=series)
    assert (policy.problems, policy.unresolved) == ([], [])
    assert set(policy.modules) == {"desk", *known}
    assert not [model.name for model in policy.models.values() if model.unresolved]
    assert {"base.group_user", "base.group_portal", "base.group_public"} <= policy.groups.keys()
    named = {item.model for item in (*policy.rights, *policy.rules)}
    assert named <= policy.models.keys()
    for item in (*policy.rights, *policy.rules, *policy.groups.values(), *policy.models.values()):
        assert item.origin.module in known and item.origin.path.startswith("ostiary:facts/"), item
        assert item.origin.line > 1, item
    assert {user.xmlid for user in policy.users} >= {"base.user_root", "base.user_admin"}
    assert all(right.modes for right in policy.rights)


@pytest.mark.parametrize("series", SERIES)
def test_every_domain_and_related_path_of_a_summary_leads_through_known_fields(
    addon: MakeAddon, read: ReadAddon, series: str
) -> None:
    addon("desk", manifest={"depends": list(facts.manifests(series))})
    policy = read(odoo=series)
    paths = [
        (rule.xmlid, rule.model, term.path)
        for rule in policy.rules
        for term in nodes(rule.domain)
        if isinstance(term, Term) and "'any'" not in rule.domain_force
    ]
    paths += [
        (f"{model.name}.{field.name}", model.name, field.related)
        for model in policy.models.values()
        for field in model.fields.values()
        if field.related and not model.abstract
    ]
    assert len(paths) > 400
    assert [item for item in paths if not leads_somewhere(policy, *item[1:])] == []


def leads_somewhere(policy: Policy, model: str, path: str) -> bool:
    here: str | None = model
    for name in path.split("."):
        field = field_of(policy, here, name) if here else None
        if name == "id" and here:
            continue
        if field is None:
            return False
        here = field.comodel
    return True


def test_only_the_summaries_that_are_needed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    content = facts._content

    def noted(name: str) -> Mapping[str, Any]:
        asked.append(name)
        return content(name)

    monkeypatch.setattr(facts, "_content", noted)
    found = facts.load("18.0", ["base", "sale_crm", "nobody_knows", "../base"])
    assert asked == ["base", "sale_crm"] == list(found)


def test_what_installs_itself_is_there_as_in_odoo(addon: MakeAddon, read: ReadAddon) -> None:
    addon("desk", manifest={"depends": ["stock", "sale"]})
    modules = read(odoo="18.0").modules
    assert {"sale_stock", "stock_account", "account_payment"} <= modules.keys()
    assert not {"purchase_stock", "website_sale"} & modules.keys()


def test_what_an_unread_dependency_may_bring_is_told_from_what_is_named(
    addon: MakeAddon, read: ReadAddon
) -> None:
    rights = {
        "ir.model.access.csv": "id,model_id:id,group_id:id,perm_read\nr,model_desk_desk,crm.group_use_lead,1\n"
    }
    python = MODELS + (
        "class Desk(models.Model):\n    _name = 'desk.desk'\n    order_id = fields.Many2one('sale.order')\n"
        "    note = fields.Char('stock.picking')\n"
    )
    addon("desk", python=python, files=rights, manifest={"depends": ["nobody_has_this"]})
    policy = read(odoo="18.0")
    assert {"crm", "sale"} < policy.modules.keys() and "stock" not in policy.modules
    order = list(policy.modules)
    assert order.index("desk") > max(order.index("crm"), order.index("sale")) and problems(policy) == []
    assert [item.name for item in policy.unresolved] == ["nobody_has_this"]
    addon("nobody_has_this", manifest={"depends": ["base"]})
    assert not {"crm", "sale"} & read(odoo="18.0").modules.keys()


def test_a_switched_off_rule_is_off(addon: MakeAddon, read: ReadAddon) -> None:
    addon("desk", manifest={"depends": ["website_sale"]})
    policy = read(odoo="18.0")
    off, on = rule(policy, "product.product_pricelist_comp_rule"), "website_sale.product_pricelist_comp_rule"
    assert not off.active and "parent_of" in off.domain_force and rule(policy, on).active


def test_one_series_differs_from_another(addon: MakeAddon, read: ReadAddon) -> None:
    addon("desk", manifest={"depends": ["hr_expense", "stock"]})
    old, new = read(odoo="17.0"), read(odoo="19.0")
    assert {"hr.expense.sheet", "stock.quant.package"} <= old.models.keys() - new.models.keys()
    assert "groups_id" in old.models["res.users"].fields and "group_ids" in new.models["res.users"].fields
    assert "account.move" in old.models["account.payment"].inherits
    assert "account.move" not in new.models["account.payment"].inherits


def test_what_else_is_missing_is_listed_once(addon: MakeAddon, read: ReadAddon) -> None:
    rows = "".join(f"r{n},rental.model_rental_order,rental.group_clerk,1\n" for n in range(3))
    for name in ("one", "two"):
        addon(
            name,
            manifest={"depends": ["rental"]},
            python=MODELS + "class S(models.Model):\n    _inherit = 'rental.order'\n",
            files={"ir.model.access.csv": "id,model_id:id,group_id:id,perm_read\n" + rows},
        )
    policy = read()
    assert problems(policy) == []
    found = {(item.kind, item.name): item.needed_by for item in policy.unresolved}
    assert len(found) == len(policy.unresolved)
    assert {("module", "rental"), ("group", "rental.group_clerk")} <= found.keys()
    assert found["module", "rental"] == ("one", "two") == found["group", "rental.group_clerk"]
    assert policy.groups["rental.group_clerk"].unresolved and policy.models["rental.order"].unresolved


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
