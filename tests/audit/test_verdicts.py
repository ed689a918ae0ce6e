"""Verdicts that were once wrong, each on a fresh addon."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding, audit
from ostiary.sources import open_policy

FIELDS = """
    name = fields.Char()
    state = fields.Selection([("a", "A"), ("b", "B")])
    active = fields.Boolean()
    website_published = fields.Boolean()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company")
    mine = fields.Boolean(compute="_compute_mine", search="_search_mine")
    tag_ids = fields.Many2many("shop.tag")
"""
GROUPS = """
<record id="group_agent" model="res.groups">
    <field name="name">Agent</field>
    <field name="implied_ids" eval="[(4, ref('base.group_portal'))]"/>
</record>
"""
OWN = "[('partner_id', '=', user.partner_id.id)]"


def rule(
    name: str, domain: str, group: str | None = "base.group_portal", model: str = "model_shop_order"
) -> str:
    groups = f'<field name="groups" eval="[(4, ref(\'{group}\'))]"/>' if group else ""
    domain = domain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f'<record id="{name}" model="ir.rule"><field name="name">{name}</field>'
        f'<field name="model_id" ref="{model}"/><field name="domain_force">{domain}</field>{groups}</record>'
    )


def found(
    tmp_path: Path,
    *rules: str,
    modes: str = "1,0,0,0",
    group: str = "base.group_portal",
    model: str = "model_shop_order",
    code: str = "",
    odoo: str = "18.0",
) -> list[Finding]:
    """The findings on an addon with one model and one access right."""
    addon = tmp_path / "shop"
    (addon / "security").mkdir(parents=True)
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "__manifest__.py").write_text(
        "{'name': 'Shop', 'depends': ['base', 'portal'], "
        "'data': ['security/rules.xml', 'security/ir.model.access.csv']}"
    )
    (addon / "models.py").write_text(
        "from odoo import fields, models\n\n\nclass Tag(models.Model):\n    _name = 'shop.tag'\n"
        "    name = fields.Char()\n\n\nclass Order(models.Model):\n    _name = 'shop.order'\n"
        f"    _description = 'Order'\n{FIELDS}\n{code}"
    )
    (addon / "security" / "rules.xml").write_text(f"<odoo>{GROUPS}{''.join(rules)}</odoo>")
    (addon / "security" / "ir.model.access.csv").write_text(
        "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
        f"access_order,order,{model},{group},{modes}\n"
        "access_tag,tag,model_shop_tag,base.group_user,1,1,1,1\n"
    )
    result = audit(open_policy([tmp_path], odoo=odoo, cache=False))
    ours = ("portal-group-gains-rights", "missing-company-rule", "company-rule-not-global")
    assert [error for error in result.errors if error.check not in ours] == []
    return [finding for finding in result.findings if finding.check not in ours]


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, str(finding.severity)) for finding in findings]


def method(name: str) -> str:
    return f"    def {name}(self, *args, **kw):\n        return super().{name}(*args, **kw)\n"


def test_an_override_lowers_a_finding_by_one_step(tmp_path: Path) -> None:
    findings = found(tmp_path, code=method("_check_access"), modes="1,1,0,0")
    assert said(findings) == [("share-can-write", "high"), ("share-model-without-rule", "medium")]
    assert {str(finding.confidence) for finding in findings} == {"low"}


@pytest.mark.parametrize("name", ["fields_get", "read_group", "search_read"])
def test_overrides_that_limit_nothing_change_nothing(tmp_path: Path, name: str) -> None:
    (finding,) = found(tmp_path, code=method(name))
    assert (str(finding.severity), str(finding.confidence)) == ("high", "high")


def test_reading_overrides_do_not_limit_writing(tmp_path: Path) -> None:
    findings = found(tmp_path, code=method("_search"), modes="1,1,0,0")
    assert said(findings) == [("share-can-write", "critical"), ("share-model-without-rule", "medium")]


def test_what_every_model_has_says_nothing_about_one(tmp_path: Path) -> None:
    base = "\n\nclass Base(models.AbstractModel):\n    _inherit = 'base'\n" + method("_search")
    (finding,) = found(tmp_path, code=base)
    assert (str(finding.severity), str(finding.confidence)) == ("high", "high")


@pytest.mark.parametrize("model", ["base.model_ir_rule", "base.model_ir_cron", "base.model_res_groups"])
def test_changing_what_gives_privileges_is_critical(tmp_path: Path, model: str) -> None:
    assert ("share-can-write", "critical") in said(found(tmp_path, model=model, modes="0,1,0,0"))


def test_reading_settings_is_high(tmp_path: Path) -> None:
    assert ("share-model-without-rule", "high") in said(
        found(tmp_path, model="base.model_ir_config_parameter")
    )


def test_a_rule_that_asks_for_groups_is_folded(tmp_path: Path) -> None:
    domain = f"{OWN} if user.has_group('base.group_user') else [(1, '=', 1)]"
    assert said(found(tmp_path, rule("r", domain))) == [("rule-always-true", "high")]


def test_a_global_rule_that_spares_the_portal(tmp_path: Path) -> None:
    domain = f"{OWN} if user.has_group('base.group_user') else [(1, '=', 1)]"
    assert said(found(tmp_path, rule("r", domain, None))) == [("share-model-without-rule", "high")]


def test_a_rule_that_accepts_all_is_no_better_than_none(tmp_path: Path) -> None:
    assert said(found(tmp_path, rule("r", "[(1, '=', 1)]"))) == [("rule-always-true", "high")]


@pytest.mark.parametrize(
    "domain",
    [
        "[('id', '>', 0)]",
        "[('create_uid', '!=', False)]",
        "[('name', 'ilike', '')]",
        "['|', ('state', '=', 'a'), ('state', '!=', 'a')]",
        "[('user_id', '!=', user.id)]",
        "[('partner_id', 'not in', [user.partner_id.id])]",
    ],
)
def test_terms_that_hold_nothing_back(tmp_path: Path, domain: str) -> None:
    assert said(found(tmp_path, rule("r", domain))) == [("rule-always-true", "high")]


@pytest.mark.parametrize(
    "domain",
    [
        "[('state', '=', 'a')]",
        "[('user_id.groups_id', 'in', user.groups_id.ids)]",
    ],
)
def test_conditions_that_tie_nothing_to_the_user(tmp_path: Path, domain: str) -> None:
    (finding,) = found(tmp_path, rule("r", domain))
    assert (finding.check, str(finding.severity)) == ("share-model-without-rule", "low")
    assert "only where" in finding.message
    assert "whoever they belong to" in finding.message


@pytest.mark.parametrize("domain", ["[('website_published', '=', True)]", OWN])
def test_published_and_own_records_are_in_order(tmp_path: Path, domain: str) -> None:
    assert found(tmp_path, rule("r", domain)) == []


def test_visitors_are_all_one_user(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, rule("r", OWN, "base.group_public"), group="base.group_public")
    assert (finding.check, str(finding.severity)) == ("share-model-without-rule", "low")


def test_a_search_method_cannot_be_decided(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, rule("r", "[('mine', '=', user.id)]"))
    assert (str(finding.severity), str(finding.confidence)) == ("low", "low")
    assert "mine" in finding.message


def test_another_term_does_not_hide_that_companies_alone_are_compared(tmp_path: Path) -> None:
    domain = "[('company_id', 'in', company_ids), ('active', '=', True)]"
    assert said(found(tmp_path, rule("r", domain))) == [("rule-company-only", "high")]


def test_a_share_group_behind_the_portal_is_judged_too(tmp_path: Path) -> None:
    (finding,) = found(
        tmp_path, rule("own", OWN), rule("firm", "[('company_id', 'in', company_ids)]", "group_agent")
    )
    assert (finding.check, finding.audience) == ("rule-company-only", ("shop.group_agent",))
    (tmp_path / "two").mkdir()
    (finding,) = found(tmp_path / "two", rule("own", OWN), rule("all", "[(1, '=', 1)]", "group_agent"))
    assert (finding.check, finding.audience) == ("rule-always-true", ("shop.group_agent",))


def test_a_rule_that_is_there_is_to_be_changed(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, rule("r", "[('state', '=', 'a')]"))
    assert finding.check == "share-model-without-rule"
    assert "In shop.r:" in finding.fix
    assert "<record" not in finding.fix


def test_a_proposed_rule_has_a_name_of_its_own(tmp_path: Path) -> None:
    taken = rule("shop_order_rule_portal", OWN, "base.group_user")
    finding = found(tmp_path, taken, modes="1,1,0,0")[0]
    assert '<record id="shop_order_rule_portal_own"' in finding.fix


def test_visitors_are_told_one_thing(tmp_path: Path) -> None:
    finding = found(tmp_path, group="base.group_public", modes="1,1,0,0", model="model_shop_tag")[0]
    assert "or limit the records" not in finding.fix


@pytest.mark.parametrize(
    ("domain", "odoo", "reported"),
    [
        ("[('user_id', '=', user.no_such_field.id)]", "18.0", False),
        ("[('user_id', 'in', 5)]", "18.0", True),
        ("[('user_id', 'in', [5])]", "18.0", False),
        ("[('tag_ids', 'in', 5)]", "18.0", False),
        ("[('user_id', 'in', user.id)]", "17.0", True),
        ("[('user_id', 'in', user.ids)]", "17.0", False),
        ("[('user_id', 'in', 5)]", "19.0", False),
    ],
)
def test_in_with_what_is_no_list(tmp_path: Path, domain: str, odoo: str, reported: bool) -> None:
    findings = found(tmp_path, rule("r", domain), odoo=odoo)
    assert any(finding.check == "rule-invalid" for finding in findings) is reported


def test_a_misspelt_field_of_the_user(tmp_path: Path) -> None:
    findings = found(tmp_path, rule("r", "[('user_id', '=', user.partnr_id.id)]"))
    (finding,) = [finding for finding in findings if finding.check == "rule-invalid"]
    assert "user.partnr_id.id" in finding.message
