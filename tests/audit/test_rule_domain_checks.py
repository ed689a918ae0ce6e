"""Checks of what a rule's domain compares: attributes, editable texts, empty and frozen values, delegated models."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ostiary.audit import Confidence, Finding, Severity, audit
from ostiary.audit.rules.attributes import Attribute, edited
from ostiary.domain import Literal, Symbol, Term
from ostiary.policy import Mode, Policy
from ostiary.policy.origin import Origin
from ostiary.sources import open_policy

OURS = (
    "rule-shared-attribute",
    "rule-editable-identity",
    "rule-on-empty-value",
    "rule-frozen-value",
    "inherits-parent-open",
    "rule-company-only",
    "rule-always-true",
    "rule-invalid",
    "share-model-without-rule",
    "share-can-write",
)
OWN = "('partner_id', '=', user.partner_id.id)"
FIELDS = """
    name = fields.Char()
    state = fields.Selection([("a", "A"), ("b", "B")])
    date = fields.Date()
    partner_id = fields.Many2one("res.partner")
    country_id = fields.Many2one("res.country")
    category_id = fields.Many2one("school.category")
    company_id = fields.Many2one("res.company")
    phone = fields.Char()
"""
CATEGORY = """

class Category(models.Model):
    _name = "school.category"

    name = fields.Char()
"""
GROUPS = (
    '<record id="group_pupil" model="res.groups"><field name="name">Pupil</field>'
    '<field name="implied_ids" eval="[(4, ref(\'base.group_portal\'))]"/></record>'
)


def rule(
    name: str,
    domain: str = "",
    *,
    model: str = "model_school_report",
    group: str = "base.group_portal",
    code: str = "",
) -> str:
    """A rule with a domain as text, or (`code`) as `eval`."""
    text = (code or domain).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if code:
        written = f'<field name="domain_force" eval="{text.replace(chr(34), "&quot;")}"/>'
    else:
        written = f'<field name="domain_force">{text}</field>'
    groups = f'<field name="groups" eval="[(4, ref(\'{group}\'))]"/>' if group else ""
    return (
        f'<record id="{name}" model="ir.rule"><field name="name">{name}</field>'
        f'<field name="model_id" ref="{model}"/>{written}{groups}</record>'
    )


def policy_of(
    tmp_path: Path,
    *rules: str,
    modes: str = "1,0,0,0",
    group: str = "base.group_portal",
    kind: str = "Model",
    depends: str = "portal",
    odoo: str = "18.0",
    code: str = "",
    rights: str = "",
) -> Policy:
    """An addon with one model of reports, one access right on it, and these rules."""
    addon = tmp_path / "school"
    (addon / "security").mkdir(parents=True)
    (addon / "__init__.py").write_text("from . import models\n")
    files = ["security/rules.xml", "security/ir.model.access.csv"]
    (addon / "__manifest__.py").write_text(repr({"name": "School", "depends": [depends], "data": files}))
    (addon / "models.py").write_text(
        f"from odoo import fields, models\n{CATEGORY}\n\nclass Report(models.{kind}):\n"
        f'    _name = "school.report"\n    _description = "Report"\n{FIELDS}{code}'
    )
    (addon / files[0]).write_text(f"<odoo>{GROUPS}{''.join(rules)}</odoo>")
    (addon / files[1]).write_text(
        "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
        f"access_report,report,model_school_report,{group},{modes}\n"
        f"access_category,category,model_school_category,base.group_user,1,0,0,0\n{rights}"
    )
    return open_policy([tmp_path], odoo=odoo, cache=False)


def found(policy: Policy) -> list[Finding]:
    result = audit(policy, select=OURS)
    assert not result.errors
    return [finding for finding in result.findings if finding.severity > Severity.INFO]


def said(policy: Policy) -> list[tuple[str, str]]:
    return [(finding.check, str(finding.severity)) for finding in found(policy)]


@pytest.mark.parametrize(
    ("domain", "check", "severity"),
    [
        ("[('partner_id.lang', '=', user.lang)]", "rule-shared-attribute", "high"),
        ("[('country_id', 'in', user.partner_id.country_id.ids)]", "rule-shared-attribute", "high"),
        ("[('partner_id.ref', '=', user.partner_id.ref)]", "rule-shared-attribute", "high"),
        (
            "[('name', '=', user.email), ('country_id', '=', user.country_id.id)]",
            "rule-shared-attribute",
            "high",
        ),
        ("[('name', '=', user.email), ('state', '=', 'a')]", "rule-editable-identity", "high"),
        ("[('partner_id.email', '=', user.partner_id.email)]", "rule-editable-identity", "high"),
        ("[('phone', '=', user.phone)]", "rule-editable-identity", "high"),
        ("[('name', '=', user.login)]", "rule-editable-identity", "medium"),
        ("[('partner_id', '=', user.partner_id.parent_id.id)]", "rule-on-empty-value", "medium"),
        ("[('partner_id', '=?', user.partner_id.parent_id.id)]", "rule-on-empty-value", "medium"),
    ],
)
def test_what_is_compared_decides_who_says_it(tmp_path: Path, domain: str, check: str, severity: str) -> None:
    assert said(policy_of(tmp_path, rule("r", domain))) == [(check, severity)]


@pytest.mark.parametrize(
    "domain",
    [
        f"[{OWN}, ('name', '=', user.email)]",
        f"[{OWN}, ('country_id', '=', user.partner_id.country_id.id)]",
        "[('partner_id', 'in', user.partner_id.parent_id.ids)]",
        "[('partner_id', 'child_of', user.partner_id.parent_id.id)]",
        "[('partner_id', 'in', [user.partner_id.parent_id.id]), ('partner_id', '!=', False)]",
        "[('partner_id.country_id', '=', user.partner_id.country_id.id), "
        "('partner_id', 'child_of', user.commercial_partner_id.id)]",
        f"[{OWN}] if user.partner_id.country_id.code == 'BE' else [('partner_id', '=', user.commercial_partner_id.id)]",
    ],
)
def test_what_is_tied_to_the_user_as_well_is_in_order(tmp_path: Path, domain: str) -> None:
    assert said(policy_of(tmp_path, rule("r", domain))) == []


def test_a_rule_with_two_faults_has_two_findings(tmp_path: Path) -> None:
    domain = "['|', ('partner_id', '=', user.partner_id.parent_id.id), ('name', '=', user.email)]"
    findings = found(policy_of(tmp_path, rule("r", domain)))
    assert {finding.check for finding in findings} == {"rule-editable-identity", "rule-on-empty-value"}


def test_what_may_be_changed_is_critical_and_told_once(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('name', '=', user.email)]"), modes="1,1,0,1")
    (finding,) = found(policy)
    assert (finding.check, finding.severity) == ("rule-editable-identity", Severity.CRITICAL)
    assert "read, change and delete" in finding.message


def test_a_wizard_is_low(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('name', '=', user.email)]"), kind="TransientModel")
    assert ("rule-editable-identity", "low") in said(policy)


def test_a_phone_is_staffs_without_the_form_of_the_portal(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('phone', '=', user.phone)]"), depends="base")
    assert said(policy) == [("rule-shared-attribute", "high")]


def test_what_others_edit_is_not_the_users_to_edit(tmp_path: Path) -> None:
    policy = policy_of(tmp_path)
    for path, where in (("email", True), ("parent_id.email", False), ("country_id.name", False)):
        symbol = Symbol("user", ("partner_id", *path.split(".")))
        attribute = Attribute(Term("name", "=", symbol), symbol, None)
        assert (edited(policy, attribute) is not None) is where
    assert (
        edited(policy, Attribute(Term("a", "=", Literal(1)), Symbol("user", ("partner_id", "ref")), None))
        is None
    )


def test_visitors_are_all_one_user(tmp_path: Path) -> None:
    domain = "[('country_id', '=', user.partner_id.country_id.id)]"
    policy = policy_of(tmp_path, rule("r", domain, group="base.group_public"), group="base.group_public")
    assert {check for check, _ in said(policy)} == {"share-model-without-rule"}


def test_a_group_above_the_portal_is_named_with_how_it_gets_in(tmp_path: Path) -> None:
    domain = "[('country_id', '=', user.partner_id.country_id.id)]"
    policy = policy_of(tmp_path, rule("r", domain), group="base.group_portal", modes="1,0,0,0")
    right = msgspec.structs.replace(policy.rights[-2], group="school.group_pupil")
    changed = msgspec.structs.replace(
        policy, rights=[one for one in policy.rights if one.xmlid != right.xmlid] + [right]
    )
    (finding,) = found(changed)
    assert finding.audience == ("school.group_pupil",)


def test_the_rule_that_compares_is_pointed_at(tmp_path: Path) -> None:
    tied = rule("a", f"[{OWN}, ('country_id', '=', user.partner_id.country_id.id)]")
    loose = rule("b", "[('state', '=', 'a'), ('country_id', '=', user.partner_id.country_id.id)]")
    (finding,) = found(policy_of(tmp_path, tied, loose))
    assert finding.subject == "school.b"


@pytest.mark.parametrize(
    ("domain", "reported"),
    [
        (
            "['|', ('driver_id', '=', user.partner_id.id), ('driver_id', 'in', [user.partner_id.parent_id.id])]",
            True,
        ),
        ("['|', ('driver_id', '=', False), ('driver_id', '=', user.partner_id.id)]", False),
        ("[('driver_id', 'in', user.partner_id.parent_id.ids)]", False),
        ("[('driver_id', '=', user.partner_id.id), ('depot', '=', user.partner_id.parent_id.id)]", False),
    ],
)
def test_a_rule_on_a_model_that_was_not_read_is_judged_by_its_text(
    tmp_path: Path, domain: str, reported: bool
) -> None:
    findings = found(
        policy_of(tmp_path, rule("r", domain, model="garage.model_garage_car"), rule("own", f"[{OWN}]"))
    )
    assert [(one.check, one.confidence) for one in findings if one.model == "garage.car"] == (
        [("rule-on-empty-value", Confidence.LOW)] if reported else []
    )


@pytest.mark.parametrize(
    ("domain", "reported"),
    [
        ("('category_id', '=', 4)", True),
        ("('category_id.id', 'in', (4, 5))", True),
        ("('category_id', 'any', [('id', '=', 4)])", True),
        ("('id', 'in', [4])", True),
        ("('partner_id', '=', 3) if user.company_id.id == 2 else ('name', '=', 'x')", True),
        ("('category_id.name', '=', '4')", False),
        ("('create_uid', '=', 1)", False),
        ("('category_id', '=', False)", False),
        ("('category_id', '!=', True)", False),
        ("('id', '>', 4)", False),
        ("('id', '=', 0)", False),
        ("('id', 'in', [-1])", False),
        ("(1, '=', 1)", False),
    ],
)
def test_a_number_is_frozen_where_it_is_a_records(tmp_path: Path, domain: str, reported: bool) -> None:
    policy = policy_of(tmp_path, rule("r", f"[{OWN}, {domain}]"))
    assert any(one.check == "rule-frozen-value" for one in found(policy)) is reported


def test_a_number_on_a_field_that_was_not_read_is_a_guess(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        rule("r", "[('depot_id', '=', 4), ('seats', '=', 4)]", model="garage.model_garage_car"),
        rule("own", f"[{OWN}]"),
    )
    (finding,) = [one for one in found(policy) if one.check == "rule-frozen-value"]
    assert finding.confidence is Confidence.LOW
    assert "seats" not in finding.message


def test_the_rule_of_a_database_may_name_its_records(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", f"[{OWN}, ('category_id', '=', 4)]"))
    rules = [
        msgspec.structs.replace(one, origin=Origin("ir_rule", 7, "school"), domain_origin=None)
        for one in policy.rules
    ]
    assert all(
        one.check != "rule-frozen-value" for one in found(msgspec.structs.replace(policy, rules=rules))
    )


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("[('date', '>=', time.strftime('%Y'))]", "clock"),
        ("[('date', '>=', (datetime.now() - timedelta(days=3)).date())]", "clock"),
        ("str([('date', '=', time.strftime('%Y'))])", "clock"),
        ("\"[('date', '=', '{}')]\".format(time.strftime('%Y'))", "clock"),
        ("[('category_id', 'in', obj().search([]).ids)]", "looks for records"),
        ("[('category_id', '=', ref('base.main_company'))]", ""),
        ("[('name', '=', version)]", ""),
        ("[('name', '=', 'a' * 3)]", ""),
    ],
)
def test_what_eval_asks_stands_still(tmp_path: Path, code: str, word: str) -> None:
    findings = [
        one for one in found(policy_of(tmp_path, rule("r", code=code))) if one.check == "rule-frozen-value"
    ]
    assert [word in one.message for one in findings] == ([True] if word else [])


def test_a_clock_in_the_text_is_read_from_a_cache_or_refused(tmp_path: Path) -> None:
    domain = f"[{OWN}, ('date', '<=', time.strftime('%Y-%m-%d'))]"
    assert said(policy_of(tmp_path / "a", rule("r", domain))) == [("rule-frozen-value", "low")]
    late = said(policy_of(tmp_path / "b", rule("r", domain), odoo="19.0"))
    assert ("rule-invalid", "high") in late
    assert "rule-frozen-value" not in [check for check, _ in late]


@pytest.mark.parametrize(
    "code", ["(" * 5000, "time" + ".a" * 20000, "[" + "-" * 3000 + "1]", "'%s' % " * 2000 + "1"]
)
def test_hostile_code_stops_nothing(tmp_path: Path, code: str) -> None:
    findings = found(policy_of(tmp_path, rule("r", code=code)))
    assert all(one.check != "rule-frozen-value" or one.severity < Severity.HIGH for one in findings)


SEATED = """
    seat_ids = fields.One2many("school.seat", "report_id")


class Partner(models.Model):
    _inherit = "res.partner"

    seat_ids = fields.One2many("school.seat", "partner_id")


class Seat(models.Model):
    _name = "school.seat"
    _description = "Seat"

    report_id = fields.Many2one("school.report")
    partner_id = fields.Many2one("res.partner")
    late_id = fields.Many2one("school.report", compute="_compute_late_id", store=True)
"""
SEATS = "access_seat,seat,model_school_seat,base.group_portal,1,0,{create},0\n"


@pytest.mark.parametrize(
    ("domain", "seats", "create", "reported"),
    [
        ("[('seat_ids.partner_id', '=', user.partner_id.id)]", OWN, 1, True),
        ("[('seat_ids', 'any', [('partner_id', '=', user.partner_id.id)])]", OWN, 1, True),
        ("[('id', 'in', user.partner_id.seat_ids.report_id.ids)]", OWN, 1, True),
        ("[('id', 'in', user.partner_id.seat_ids.report_id.ids), ('state', '=', 'a')]", OWN, 1, True),
        ("[('seat_ids.partner_id', '=', user.partner_id.id)]", OWN, 0, False),
        (f"[{OWN}, ('seat_ids.partner_id', '=', user.partner_id.id)]", OWN, 1, False),
        ("[('id', 'in', user.partner_id.seat_ids.late_id.ids)]", OWN, 1, False),
        ("[('id', 'in', user.partner_id.seat_ids.ids)]", OWN, 1, False),
        (
            "[('seat_ids.partner_id', '=', user.partner_id.id)]",
            f"{OWN}, ('report_id.partner_id', '=', user.partner_id.id)",
            1,
            False,
        ),
        ("['!', ('seat_ids.partner_id', '!=', user.partner_id.id)]", OWN, 1, False),
    ],
)
def test_a_tie_that_they_make_for_themselves(
    tmp_path: Path, domain: str, seats: str, create: int, reported: bool
) -> None:
    policy = policy_of(
        tmp_path,
        rule("r", domain),
        rule("s", f"[{seats}]", model="model_school_seat"),
        code=SEATED,
        rights=SEATS.format(create=create),
    )
    findings = [one for one in found(policy) if one.check == "rule-editable-identity"]
    assert [(one.subject, one.confidence) for one in findings] == (
        [("school.r", Confidence.MEDIUM)] if reported else []
    )


DELEGATING = """

class Pupil(models.Model):
    _name = "school.pupil"
    _description = "Pupil"
    _inherits = {"school.report": "report_id"}

    report_id = fields.Many2one("school.report", required=True, ondelete="cascade")
    mine_id = fields.Many2one("res.partner")
"""
PUPILS = "access_pupil,pupil,model_school_pupil,base.group_portal,1,0,0,0\n"


def pupils(tmp_path: Path, *rules: str, rights: str = PUPILS) -> list[tuple[str, str]]:
    return said(policy_of(tmp_path, *rules, code=DELEGATING, rights=rights))


@pytest.mark.parametrize(
    "domain",
    [OWN, "('report_id.partner_id', '=', user.partner_id.id)", "('mine_id', '=', user.partner_id.id)"],
)
def test_a_parent_without_the_rules_of_its_child(tmp_path: Path, domain: str) -> None:
    findings = pupils(tmp_path, rule("r", f"[{domain}]", model="model_school_pupil"))
    assert findings == [("inherits-parent-open", "high")]


def test_the_fix_names_fields_as_the_parent_does(tmp_path: Path) -> None:
    narrow = rule("r", "[('report_id.partner_id', '=', user.partner_id.id)]", model="model_school_pupil")
    (finding,) = found(policy_of(tmp_path, narrow, code=DELEGATING, rights=PUPILS))
    assert "[('partner_id', '=', user.partner_id.id)]" in finding.fix
    assert finding.path.endswith("ir.model.access.csv")


def test_a_parent_with_rules_of_its_own_needs_none_of_its_child(tmp_path: Path) -> None:
    mine = rule("r", f"[{OWN}]")
    assert (
        pupils(
            tmp_path, mine, rule("s", "[('mine_id', '=', user.partner_id.id)]", model="model_school_pupil")
        )
        == []
    )


def test_a_company_rule_alone_is_less_than_what_the_child_asks(tmp_path: Path) -> None:
    company = rule("c", "[('company_id', 'in', company_ids)]", group="")
    findings = pupils(tmp_path, company, rule("r", f"[{OWN}]", model="model_school_pupil"))
    assert findings == [("inherits-parent-open", "high")]


def test_a_child_that_they_may_not_read_says_nothing_of_its_parent(tmp_path: Path) -> None:
    findings = pupils(tmp_path, rule("r", f"[{OWN}]", model="model_school_pupil"), rights="")
    assert findings == [("share-model-without-rule", "high")]


def test_a_rule_of_the_parent_that_accepts_all_is_the_fault(tmp_path: Path) -> None:
    findings = pupils(tmp_path, rule("a", "[]"), rule("r", f"[{OWN}]", model="model_school_pupil"))
    assert findings == [("rule-always-true", "high")]


def test_a_child_without_rules_is_left_to_others(tmp_path: Path) -> None:
    assert {check for check, _ in pupils(tmp_path)} == {"share-model-without-rule"}


def test_a_finding_carries_a_witness_that_was_asked_again(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('country_id', '=', user.partner_id.country_id.id)]"))
    (finding,) = found(policy)
    assert finding.proof is not None
    assert finding.proof.mode is Mode.READ
    assert finding.proof.witness is not None
    assert finding.proof.witness.reproduced
