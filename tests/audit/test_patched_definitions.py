"""Verdicts about definitions that a later place changes, deletes or writes again, each on fresh addons."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.test_right_checks import MODEL, OWN, PORTAL, addon, found, library, patch, rule
from ostiary.audit import Finding, Severity, audit
from ostiary.sources import open_policy

# -- the line to change ----------------------------------------------------------------------------------------------


def patched(root: Path, row: str, check: str, *, code: str = MODEL, rows: str = PORTAL) -> list[Finding]:
    """The findings of a check where another module writes an access right again."""
    addon(root, "library", code=code, rows=rows)
    addon(root, "kiosk", depends="'library'", rows=row)
    return found(root, check)


@pytest.mark.parametrize(
    ("check", "group", "modes"),
    [
        ("share-can-write", "base.group_portal", "1,1,0,0"),
        ("share-model-without-rule", "base.group_public", "1,0,0,0"),
        ("access-right-without-group", "", "1,0,0,0"),
        ("sensitive-model-readable", "base.group_user", "1,0,0,0"),
    ],
)
def test_a_right_widened_elsewhere_is_said_once_and_of_the_line_that_widens_it(
    tmp_path: Path, check: str, group: str, modes: str
) -> None:
    row = f"library.access_portal,x,library.model_library_loan,{group},{modes}\n"
    code = MODEL + ("    salary = fields.Float()\n" if check == "sensitive-model-readable" else "")
    (finding,) = patched(tmp_path, row, check, code=code)
    assert (finding.module, finding.subject) == ("kiosk", "library.access_portal")
    assert finding.path.endswith("kiosk/security/ir.model.access.csv")
    assert any(step.text.startswith("kiosk changed library.access_portal so") for step in finding.evidence)
    assert found(tmp_path, "duplicate-access-right-id") == []


def test_what_a_patch_did_not_give_is_said_of_the_row_that_gives_it(tmp_path: Path) -> None:
    row = "library.access_portal,x,library.model_library_loan,base.group_portal,1,1,0,0\n"
    (finding,) = patched(tmp_path, row, "share-model-without-rule")
    assert (finding.module, finding.line) == ("library", 2)


def test_a_right_of_a_dependency_that_an_audited_module_widens(tmp_path: Path) -> None:
    context, mine = tmp_path / "context", tmp_path / "mine"
    addon(context, "library", code=MODEL, rows=PORTAL)
    row = "library.access_portal,x,library.model_library_loan,base.group_portal,1,0,0,1\n"
    addon(mine, "kiosk", depends="'library'", rows=row)
    policy = open_policy([mine], addons_path=[context], odoo="18.0", cache=False)
    findings = audit(policy, select=["share-can-write", "share-model-without-rule"]).findings
    assert [(one.check, one.module) for one in findings] == [("share-can-write", "kiosk")]


def test_a_rule_widened_elsewhere_is_said_of_the_line_that_widens_it(tmp_path: Path) -> None:
    library(tmp_path)
    wider = "<field name=\"domain_force\">[('company_id', 'in', company_ids)]</field>"
    code = "from odoo import fields, models\n\n\nclass Loan(models.Model):\n    _inherit = 'library.loan'\n\n"
    code += '    company_id = fields.Many2one("res.company")\n'
    addon(tmp_path, "kiosk", depends="'library'", xml=patch("library.own", wider), code=code)
    (finding,) = found(tmp_path, "rule-company-only")
    assert (finding.module, finding.subject) == ("kiosk", "library.own")


# -- rule-deactivated-elsewhere --------------------------------------------------------------------------------------


def test_what_a_deleted_rule_kept_back_is_proved(tmp_path: Path) -> None:
    library(tmp_path)
    addon(tmp_path, "kiosk", depends="'library'", xml='<delete model="ir.rule" id="library.own"/>')
    (finding,) = found(tmp_path, "rule-deactivated-elsewhere")
    assert (finding.severity, finding.audience, finding.module) == (Severity.HIGH, ("portal",), "kiosk")
    assert finding.message.startswith("The module kiosk deletes the record rule")
    assert finding.proof is not None


def test_a_rule_that_is_deleted_and_defined_anew_is_in_order(tmp_path: Path) -> None:
    library(tmp_path)
    again = '<delete model="ir.rule" id="library.own"/>' + rule("own", OWN)
    addon(tmp_path, "kiosk", depends="'library'", xml=again)
    assert found(tmp_path, "rule-deactivated-elsewhere") == []


# -- noupdate-security -----------------------------------------------------------------------------------------------


def unlasting(
    root: Path, record: str, *, owned: str = "", block: str = '<data noupdate="1">'
) -> list[Finding]:
    """What is said of a change that another module makes in a noupdate block."""
    library(root, xml=rule("own", "[]") + owned)
    addon(root, "kiosk", depends="'library'", xml=f"{block}{record}</data>")
    return found(root, "noupdate-security")


def test_a_rule_narrowed_in_a_noupdate_block_is_wide_again_after_an_update(tmp_path: Path) -> None:
    (finding,) = unlasting(tmp_path, patch("library.own", f'<field name="domain_force">{OWN}</field>'))
    assert (finding.severity, finding.audience, finding.module) == (Severity.MEDIUM, ("portal",), "kiosk")
    assert "Portal users may then read records" in finding.message


def test_a_rule_widened_in_a_noupdate_block_opens_nothing_after_an_update(tmp_path: Path) -> None:
    library(tmp_path)
    wider = patch("library.own", '<field name="domain_force">[]</field>')
    addon(tmp_path, "kiosk", depends="'library'", xml=f'<data noupdate="1">{wider}</data>')
    (finding,) = found(tmp_path, "noupdate-security")
    assert (finding.severity, finding.audience) == (Severity.INFO, ())


def test_a_change_that_every_update_carries_out_lasts(tmp_path: Path) -> None:
    narrow = patch("library.own", f'<field name="domain_force">{OWN}</field>')
    assert unlasting(tmp_path, narrow, block="<data>") == []


def test_a_value_that_the_owner_does_not_write_lasts(tmp_path: Path) -> None:
    assert unlasting(tmp_path, patch("library.own", '<field name="perm_read" eval="False"/>')) == []


def test_a_value_that_a_later_place_writes_again_lasts(tmp_path: Path) -> None:
    narrow = patch("library.own", f'<field name="domain_force">{OWN}</field>')
    again = patch("library.own", "<field name=\"domain_force\">[('user_id', '=', user.id)]</field>")
    assert unlasting(tmp_path, f"{narrow}</data><data>{again}") == []


def test_a_right_taken_away_in_a_noupdate_block_is_given_again(tmp_path: Path) -> None:
    right = '<record id="library.access_portal" model="ir.model.access"><field name="perm_read" eval="0"/></record>'
    (finding,) = unlasting(tmp_path, right)
    assert (finding.severity, finding.subject) == (Severity.MEDIUM, "library.access_portal")


def test_a_group_implies_again_what_was_taken_away(tmp_path: Path) -> None:
    group = (
        '<record id="{0}" model="res.groups"><field name="name">Desk</field>'
        '<field name="implied_ids" eval="[({1}, ref(\'base.group_user\'))]"/></record>'
    )
    (finding,) = unlasting(tmp_path, group.format("library.desk", 3), owned=group.format("desk", 4))
    assert (finding.severity, finding.subject) == (Severity.LOW, "library.desk")


# -- privileges-writable, duplicate-rule-id, rule-unread-field --------------------------------------------------------

ROLE = (
    '<record id="group_desk" model="res.groups"><field name="name">{0}</field>'
    '<field name="implied_ids" eval="[(4, ref(\'{1}\'))]"/></record>'
)


@pytest.mark.parametrize(
    ("model", "group", "modes", "severity"),
    [
        ("ir_rule", "base.group_user", "1,0,0,1", Severity.CRITICAL),
        ("res_groups", "base.group_user", "1,0,0,1", Severity.MEDIUM),
        ("ir_ui_view", "base.group_user", "1,1,0,0", Severity.HIGH),
        ("ir_actions_server", "library.group_desk", "1,0,1,0", Severity.HIGH),
        ("ir_rule", "base.group_user", "1,0,0,0", None),
        ("ir_rule", "base.group_erp_manager", "1,1,1,1", None),
        ("mail_template", "base.group_user", "1,1,1,1", None),
    ],
)
def test_how_grave_it_is_that_somebody_may_change_what_decides(
    tmp_path: Path, model: str, group: str, modes: str, severity: Severity | None
) -> None:
    row = f"access_one,x,base.model_{model},{group},{modes}\n"
    addon(tmp_path, "library", depends="'mail'", rows=row, xml=ROLE.format("Desk", "base.group_user"))
    assert [one.severity for one in found(tmp_path, "privileges-writable")] == (
        [severity] if severity else []
    )


def test_a_rule_on_ones_own_keeps_nobody_from_giving_themselves_groups(tmp_path: Path) -> None:
    own = (
        '<record id="own_user" model="ir.rule"><field name="name">Own</field>'
        '<field name="model_id" ref="base.model_res_users"/>'
        "<field name=\"domain_force\">[('id', '=', user.id)]</field>"
        '<field name="groups" eval="[(4, ref(\'base.group_user\'))]"/></record>'
    )
    addon(tmp_path, "library", rows="access_one,x,base.model_res_users,base.group_user,1,1,0,0\n", xml=own)
    (finding,) = found(tmp_path, "privileges-writable")
    assert (finding.severity, finding.audience) == (Severity.CRITICAL, ("internal",))


def test_a_second_right_to_change_rules_is_not_said_again(tmp_path: Path) -> None:
    row = "access_{0},x,base.model_ir_rule,base.group_user,1,1,0,0\n"
    addon(tmp_path, "library", rows=row.format("one") + row.format("two"))
    (finding,) = found(tmp_path, "privileges-writable")
    assert finding.subject == "library.access_one"


def test_a_rule_lost_to_another_of_its_id_that_keeps_as_much_back(tmp_path: Path) -> None:
    wider = "['|', ('partner_id', '=', user.partner_id.id), ('user_id', '=', user.id)]"
    library(tmp_path, xml=rule("own", wider) + rule("own", OWN))
    (finding,) = found(tmp_path, "duplicate-rule-id")
    assert (finding.severity, finding.audience) == (Severity.LOW, ())


def test_a_rule_lost_to_another_that_comes_to_the_same_is_information(tmp_path: Path) -> None:
    same = "[('partner_id', 'in', [user.partner_id.id])]"
    library(tmp_path, xml=rule("own", same) + rule("own", OWN))
    (finding,) = found(tmp_path, "duplicate-rule-id")
    assert finding.severity is Severity.INFO
    assert "both come to the same" in finding.message


def test_a_rule_lost_to_one_on_a_model_that_is_not_known_is_uncertain(tmp_path: Path) -> None:
    other = rule("own", OWN).replace("library.model_library_loan", "unread.model_unread_thing")
    addon(
        tmp_path,
        "library",
        depends="'portal', 'unread'",
        code=MODEL,
        rows=PORTAL,
        xml=other + rule("own", OWN),
    )
    (finding,) = found(tmp_path, "duplicate-rule-id")
    assert (str(finding.severity), str(finding.confidence)) == ("low", "low")


def test_a_field_of_contacts_that_another_module_may_add_is_a_guess(tmp_path: Path) -> None:
    unread = rule("own", "[('partner_id', 'in', user.partner_id.zone_ids.ids)]")
    library(tmp_path, xml=unread)
    (finding,) = found(tmp_path, "rule-unread-field")
    assert "zone_ids of res.partner" in finding.message
