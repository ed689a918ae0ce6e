"""Rules that are bound to the wrong users, about the wrong modes, or undone by another rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding
from ostiary.audit.asking.proofs import proving
from ostiary.audit.checks.access_right_without_group import access_right_without_group
from ostiary.audit.checks.rule_always_true import rule_always_true
from ostiary.audit.checks.rule_or_widened import rule_or_widened
from ostiary.audit.checks.rule_wrong_group import rule_wrong_group
from ostiary.audit.checks.rule_wrong_modes import rule_wrong_modes
from ostiary.audit.checks.share_can_write import share_can_write
from ostiary.audit.checks.share_model_without_rule import share_model_without_rule
from ostiary.audit.registry import Check
from ostiary.policy import Policy
from ostiary.sources import open_policy

OWN = "[('partner_id', '=', user.partner_id.id)]"
MINE = "[('user_id', '=', user.id)]"
ALL = "[(1, '=', 1)]"
PORTAL, PUBLIC, USER = "base.group_portal", "base.group_public", "base.group_user"
GROUPS = """
<record id="group_desk" model="res.groups">
    <field name="name">Desk</field>
    <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
</record>
<record id="group_head" model="res.groups">
    <field name="name">Head</field>
    <field name="implied_ids" eval="[(4, ref('group_desk'))]"/>
</record>
<record id="group_sailor" model="res.groups">
    <field name="name">Sailor</field>
    <field name="implied_ids" eval="[(4, ref('base.group_portal'))]"/>
</record>
"""


def rule(name: str, domain: str, *groups: str, off: str = "", model: str = "model_harbour_berth") -> str:
    bound = ", ".join(f"(4, ref('{group}'))" for group in groups)
    return (
        f'<record id="{name}" model="ir.rule"><field name="name">{name}</field>'
        f'<field name="model_id" ref="{model}"/><field name="domain_force">{domain}</field>'
        + (f'<field name="groups" eval="[{bound}]"/>' if groups else "")
        + "".join(f'<field name="perm_{mode}" eval="False"/>' for mode in off.split())
        + "</record>"
    )


def addon(
    folder: Path,
    name: str,
    *data: str,
    rights: str = "",
    depends: str = "'portal'",
    code: str = "",
    model: str = "harbour.berth",
    fields: str = "partner_id user_id company_id",
    hook: str = "",
) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    hooks = "'post_init_hook': 'post_init_hook', " if hook else ""
    (place / "__manifest__.py").write_text(
        f"{{'name': '{name}', 'depends': [{depends}], {hooks}'data': ['rules.xml', 'ir.model.access.csv']}}"
    )
    comodels = {"partner_id": "res.partner", "user_id": "res.users", "company_id": "res.company"}
    links = "".join(f"    {field} = fields.Many2one('{comodels[field]}')\n" for field in fields.split())
    cls = (
        f"class Model(models.Model):\n    _name = '{model}'\n    name = fields.Char()\n{links}"
        if model
        else ""
    )
    (place / "__init__.py").write_text(f"from odoo import fields, models\n{hook}\n{cls}{code}")
    (place / "rules.xml").write_text(f"<odoo>{''.join(data)}</odoo>")
    rows = "".join(
        f"access_{number},right,{row}\n" for number, row in enumerate(rights.split()) if row.count(",") == 5
    )
    (place / "ir.model.access.csv").write_text(
        f"id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n{rows}"
    )
    return place


def right(group: str, modes: str = "1,0,0,0", model: str = "model_harbour_berth") -> str:
    return f" {model},{group},{modes}"


def said(policy: Policy, *checks: Check) -> list[Finding]:
    with proving(policy):
        return [finding for check in checks for finding in check(policy)]


def found(
    folder: Path, check: Check, *rules: str, rights: str, fields: str = "partner_id user_id company_id"
) -> list[Finding]:
    addon(folder, "harbour", GROUPS, *rules, rights=rights, fields=fields)
    return said(open_policy([folder], odoo="18.0", cache=False), check)


def short(findings: list[Finding]) -> list[tuple[str, tuple[str, ...], str]]:
    return [(one.subject.partition(".")[2], one.audience, str(one.severity)) for one in findings]


# -- rule-or-widened


def test_an_install_hook_that_changes_rules_makes_it_uncertain(tmp_path: Path) -> None:
    hook = "def post_init_hook(env):\n    env.ref('harbour.wide').active = False  # ir.rule\n"
    addon(tmp_path, "harbour", GROUPS, rule("own", MINE, "group_desk"), rule("wide", ALL, USER),
          rights=right("group_desk"), hook=hook)  # fmt: skip
    (finding,) = said(open_policy([tmp_path], odoo="18.0", cache=False), rule_or_widened)
    assert str(finding.confidence) == "low"
    assert any("hook" in step.text for step in finding.evidence)


def test_a_later_module_may_open_what_staff_see(tmp_path: Path) -> None:
    addon(tmp_path, "harbour", GROUPS, rule("own", MINE, "group_desk"), rights=right("group_desk"))
    addon(tmp_path, "open", rule("wide", ALL, "harbour.group_desk", model="harbour.model_harbour_berth"),
          depends="'harbour'", model="")  # fmt: skip
    assert said(open_policy([tmp_path], odoo="18.0", cache=False), rule_or_widened) == []


def test_a_later_module_that_opens_what_customers_see_is_to_blame(tmp_path: Path) -> None:
    addon(tmp_path, "harbour", rule("own", OWN, PORTAL), rights=right(PORTAL))
    addon(tmp_path, "open", GROUPS, rule("wide", "[('partner_id', '!=', False)]", PORTAL,
          model="harbour.model_harbour_berth"), depends="'harbour'", model="")  # fmt: skip
    policy = open_policy([tmp_path], odoo="18.0", cache=False)
    (finding,) = said(policy, rule_or_widened)
    assert (finding.subject, finding.module) == ("harbour.own", "open")
    assert str(finding.severity) == "medium"


def test_a_rule_of_a_module_that_need_not_be_there_undoes_nothing(tmp_path: Path) -> None:
    base = addon(tmp_path / "base", "harbour", rights=right(PORTAL)).parent
    wide = rule("wide", ALL, PORTAL, model="harbour.model_harbour_berth")
    addon(base, "elsewhere", wide, depends="'harbour'", model="")
    narrow = rule("narrow", OWN, PORTAL, model="harbour.model_harbour_berth")
    mine = addon(tmp_path / "mine", "shore", narrow, depends="'harbour'", model="")
    policy = open_policy([mine], addons_path=[base], odoo="18.0", cache=False)
    assert said(policy, rule_or_widened) == []
    whole = open_policy([tmp_path / "base", tmp_path / "mine"], odoo="18.0", cache=False)
    assert [one.check for one in said(whole, rule_or_widened, rule_always_true)] == ["rule-always-true"]


def test_what_a_setting_switches_on_is_no_mistake(tmp_path: Path) -> None:
    setting = (
        "\n\nclass Settings(models.TransientModel):\n    _inherit = 'res.config.settings'\n"
        "    group_open = fields.Boolean(group='base.group_user', implied_group='harbour.group_open')\n"
    )
    more = '<record id="group_open" model="res.groups"><field name="name">Open</field></record>'
    link = (
        '<record id="base.group_user" model="res.groups">'
        '<field name="implied_ids" eval="[(4, ref(\'group_open\'))]"/></record>'
    )
    rules = (rule("own", MINE, USER), rule("wide", ALL, "group_open"))
    addon(tmp_path / "a", "harbour", more, link, *rules, rights=right(USER), code=setting)
    addon(tmp_path / "b", "harbour", more, link, *rules, rights=right(USER))
    assert said(open_policy([tmp_path / "a"], odoo="18.0", cache=False), rule_or_widened) == []
    assert len(said(open_policy([tmp_path / "b"], odoo="18.0", cache=False), rule_or_widened)) == 1


def test_two_rules_that_accept_the_same_undo_neither(tmp_path: Path) -> None:
    rules = (rule("one", OWN, PORTAL), rule("two", OWN, PORTAL))
    assert found(tmp_path, rule_or_widened, *rules, rights=right(PORTAL)) == []


def test_a_rule_of_their_own_that_accepts_all_is_told_once(tmp_path: Path) -> None:
    addon(tmp_path, "harbour", rule("own", OWN, PORTAL), rule("wide", ALL, PORTAL), rights=right(PORTAL))
    findings = said(open_policy([tmp_path], odoo="18.0", cache=False), rule_or_widened, rule_always_true)
    assert [one.check for one in findings] == ["rule-always-true"]


def test_a_rule_of_an_implied_group_is_told_once(tmp_path: Path) -> None:
    rules = (rule("own", OWN, "group_sailor"), rule("wide", ALL, PORTAL))
    addon(tmp_path, "harbour", GROUPS, *rules, rights=right("group_sailor"))
    findings = said(open_policy([tmp_path], odoo="18.0", cache=False), rule_or_widened, rule_always_true)
    assert [(one.check, one.audience) for one in findings] == [("rule-or-widened", ("harbour.group_sailor",))]


def test_a_later_module_may_add_to_what_is_their_own(tmp_path: Path) -> None:
    addon(tmp_path, "harbour", rule("own", OWN, PORTAL), rights=right(PORTAL))
    wide = f"['|', {OWN[1:-1]}, {MINE[1:-1]}]"
    addon(tmp_path, "more", rule("wide", wide, PORTAL, model="harbour.model_harbour_berth"),
          depends="'harbour'", model="")  # fmt: skip
    assert said(open_policy([tmp_path], odoo="18.0", cache=False), rule_or_widened) == []
    rules = (rule("own", OWN, PORTAL, model="model_pier"), rule("wide", wide, PORTAL, model="model_pier"))
    addon(tmp_path / "one", "pier", *rules, rights=right(PORTAL, model="model_pier"), model="pier")
    (finding,) = said(open_policy([tmp_path / "one"], odoo="18.0", cache=False), rule_or_widened)
    assert short([finding]) == [("own", ("portal",), "low")]


# -- rule-wrong-modes


def test_staff_above_a_group_are_limited_by_its_rule_and_no_other(tmp_path: Path) -> None:
    rules = (rule("own", MINE, "group_desk", off="write create unlink"),)
    rights = right("group_desk") + right("group_head", "1,1,0,0")
    (finding,) = found(tmp_path, rule_wrong_modes, *rules, rights=rights)
    assert short([finding]) == [("own", ("harbour.group_head",), "medium")]
    assert "change any record" in finding.message


def test_what_administrators_may_change_is_left_out(tmp_path: Path) -> None:
    rules = (rule("own", MINE, USER, off="write create unlink"),)
    rights = right(USER) + right("base.group_system", "1,1,1,1")
    assert found(tmp_path, rule_wrong_modes, *rules, rights=rights) == []


def test_a_company_rule_that_leaves_changing_out(tmp_path: Path) -> None:
    rules = (rule("company", "[('company_id', 'in', company_ids)]", off="write"),)
    (finding,) = found(tmp_path, rule_wrong_modes, *rules, rights=right("group_desk", "1,1,1,1"))
    assert short([finding]) == [("company", ("harbour.group_desk",), "medium")]
    assert "change any record" in finding.message
    assert "delete" not in finding.message.partition(":")[0]


def test_a_rule_that_accepts_all_is_meant(tmp_path: Path) -> None:
    rules = (
        rule("own", MINE, "group_desk", off="write create unlink"),
        rule("any", ALL, "group_desk", off="read"),
    )
    assert found(tmp_path, rule_wrong_modes, *rules, rights=right("group_desk", "1,1,1,1")) == []


def test_reading_all_is_as_grave_as_what_is_read(tmp_path: Path) -> None:
    rules = (rule("own", MINE, PORTAL, off="read"),)
    rights = right(PORTAL, "1,1,0,0")
    assert short(found(tmp_path / "a", rule_wrong_modes, *rules, rights=rights)) == [
        ("own", ("portal",), "high")
    ]
    staff = found(tmp_path / "b", rule_wrong_modes, *rules, rights=rights, fields="user_id")
    assert short(staff) == [("own", ("portal",), "medium")]


# -- rule-wrong-group


def test_the_name_of_a_share_group_tells_for_whom_a_rule_is(tmp_path: Path) -> None:
    (finding,) = found(
        tmp_path, rule_wrong_group, rule("sailors_own", OWN, "group_desk"), rights=right("group_sailor")
    )
    assert short([finding]) == [("sailors_own", ("harbour.group_sailor",), "high")]
    assert str(finding.confidence) == "medium"
    assert "ref('harbour.group_sailor')" in finding.fix


@pytest.mark.parametrize(
    ("name", "domain", "group"),
    [
        ("own", OWN, "group_desk"),  # nothing says that it is for customers
        ("customer_mine", MINE, "group_desk"),  # of customers, but compared with staff
        ("customer_done", "[('name', '=', 'done')]", "group_desk"),  # it ties nothing to them
        ("desk_customer", "[('user_id', 'in', user.search([]).ids)]", "group_desk"),  # it can't be read
    ],
)
def test_rules_of_staff_that_are_no_rules_of_customers(
    tmp_path: Path, name: str, domain: str, group: str
) -> None:
    assert found(tmp_path, rule_wrong_group, rule(name, domain, group), rights=right(PORTAL)) == []


def test_customers_without_a_right_need_no_rule(tmp_path: Path) -> None:
    rules = (rule("customer_own", OWN, "group_desk"),)
    assert found(tmp_path / "a", rule_wrong_group, *rules, rights=right("group_desk")) == []
    assert len(found(tmp_path / "b", rule_wrong_group, *rules, rights=right(PORTAL))) == 1


def test_the_right_is_reported_too_and_names_the_rule(tmp_path: Path) -> None:
    addon(
        tmp_path, "harbour", GROUPS, rule("customer_own", OWN, "group_desk"), rights=right(PORTAL, "1,1,0,0")
    )
    findings = said(
        open_policy([tmp_path], odoo="18.0", cache=False), share_model_without_rule, share_can_write
    )
    assert [one.subject for one in findings] == ["harbour.access_0"] * 2
    for finding in findings:
        assert any("looks meant for them" in step.text for step in finding.evidence)


# -- gravity


def test_visitors_are_graver_than_customers_and_people_than_things(tmp_path: Path) -> None:
    rated = {
        (group, fields): str(
            found(tmp_path / f"{number}", share_model_without_rule, rights=right(group), fields=fields)[
                0
            ].severity
        )
        for number, (group, fields) in enumerate(
            (group, fields) for group in (PUBLIC, PORTAL) for fields in ("partner_id", "user_id", "")
        )
    }
    assert rated == {
        (PUBLIC, "partner_id"): "critical", (PORTAL, "partner_id"): "high",
        (PUBLIC, "user_id"): "medium", (PORTAL, "user_id"): "medium",
        (PUBLIC, ""): "info", (PORTAL, ""): "info",
    }  # fmt: skip


def test_changing_is_graver_than_reading(tmp_path: Path) -> None:
    (reads,) = found(tmp_path / "a", access_right_without_group, rights=right(""), fields="user_id")
    (writes,) = found(
        tmp_path / "b", access_right_without_group, rights=right("", "1,1,0,0"), fields="user_id"
    )
    assert (str(reads.severity), str(writes.severity)) == ("high", "critical")


def test_whom_a_kind_of_thing_names_is_no_customer(tmp_path: Path) -> None:
    addon(tmp_path, "harbour", rights=right("", model="model_harbour_berth_type"), model="harbour.berth.type")
    assert list(said(open_policy([tmp_path], odoo="18.0", cache=False), access_right_without_group)) == []
