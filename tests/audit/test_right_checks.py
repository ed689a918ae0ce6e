"""Verdicts about rights, overwritten definitions and modules, each on fresh addons."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding, Severity, audit
from ostiary.audit.asking.dependencies import installed_with, only
from ostiary.audit.weighing.private_facts import private_fact
from ostiary.policy import Field, Origin, Policy
from ostiary.sources import open_policy

HEADER = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
MODEL = """
from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("open", "Open")])
    mine = fields.Boolean(compute="_compute_mine", search="_search_mine")
"""
PORTAL = "access_portal,portal,library.model_library_loan,base.group_portal,1,0,0,0\n"
OWN = "[('partner_id', '=', user.partner_id.id)]"


def addon(
    root: Path,
    name: str,
    *,
    depends: str = "'portal'",
    rows: str = "",
    xml: str = "",
    code: str = "",
    manifest: str = "",
) -> None:
    """One addon with a CSV of access rights and one data file."""
    folder = root / name
    (folder / "security").mkdir(parents=True)
    (folder / "__init__.py").write_text("from . import models\n")
    (folder / "models.py").write_text(code)
    (folder / "__manifest__.py").write_text(
        f"{{'name': {name!r}, 'depends': [{depends}], {manifest}"
        "'data': ['security/ir.model.access.csv', 'security/data.xml']}"
    )
    (folder / "security" / "ir.model.access.csv").write_text(HEADER + rows)
    (folder / "security" / "data.xml").write_text(f"<odoo>{xml}</odoo>")


def rule(name: str, domain: str, group: str = "base.group_portal") -> str:
    return (
        f'<record id="{name}" model="ir.rule"><field name="name">{name}</field>'
        f'<field name="model_id" ref="library.model_library_loan"/><field name="domain_force">{domain}</field>'
        f'<field name="groups" eval="[(4, ref(\'{group}\'))]"/></record>'
    )


def patch(name: str, field: str) -> str:
    return f'<record id="{name}" model="ir.rule">{field}</record>'


def read(root: Path) -> Policy:
    return open_policy([root], odoo="18.0", cache=False)


def found(root: Path, check: str) -> list[Finding]:
    result = audit(read(root), select=[check], ignore=["unknown-reference", "unreadable-definition"])
    assert not result.errors
    return [finding for finding in result.findings if finding.check == check]


def library(root: Path, *, rows: str = PORTAL, xml: str | None = None) -> None:
    """The module with the model, with a right of the portal and a rule for it."""
    addon(root, "library", code=MODEL, rows=rows, xml=rule("own", OWN) if xml is None else xml)


# -- rule-deactivated-elsewhere --------------------------------------------------------------------------------------


def overwritten(root: Path, field: str) -> list[Finding]:
    library(root)
    addon(root, "kiosk", depends="'library'", xml=patch("library.own", field))
    return found(root, "rule-deactivated-elsewhere")


def test_a_rule_without_its_group_binds_everybody_and_opens_nothing_to_the_portal(tmp_path: Path) -> None:
    assert overwritten(tmp_path, '<field name="groups" eval="[(5,)]"/>') == []


def test_a_rule_given_to_another_group_opens_the_records_to_the_portal(tmp_path: Path) -> None:
    (finding,) = overwritten(tmp_path, '<field name="groups" eval="[(6, 0, [ref(\'base.group_user\')])]"/>')
    assert (finding.severity, finding.audience, finding.module) == (Severity.HIGH, ("portal",), "kiosk")


def test_a_mode_taken_out_of_a_rule_that_nobody_has_a_right_to_is_nothing(tmp_path: Path) -> None:
    assert overwritten(tmp_path, '<field name="perm_write" eval="False"/>') == []


def test_reading_taken_out_of_a_rule_opens_the_records(tmp_path: Path) -> None:
    (finding,) = overwritten(tmp_path, '<field name="perm_read" eval="False"/>')
    assert "takes the mode read out of" in finding.message


def test_records_that_are_still_the_users_own_are_information(tmp_path: Path) -> None:
    wider = "['|', ('partner_id', '=', user.partner_id.id), ('user_id', '=', user.id)]"
    (finding,) = overwritten(tmp_path, f'<field name="domain_force">{wider}</field>')
    assert finding.severity is Severity.INFO


def test_a_domain_that_python_decides_is_low_and_uncertain(tmp_path: Path) -> None:
    (finding,) = overwritten(tmp_path, "<field name=\"domain_force\">[('mine', '=', True)]</field>")
    assert (str(finding.severity), str(finding.confidence)) == ("low", "low")
    assert "can't be decided" in finding.message


def test_what_another_check_says_of_the_same_line_is_said_once(tmp_path: Path) -> None:
    assert overwritten(tmp_path, '<field name="domain_force">[]</field>') == []
    assert [finding.module for finding in found(tmp_path, "rule-always-true")] == ["kiosk"]


def test_what_a_condition_limits_is_medium_at_most(tmp_path: Path) -> None:
    (finding,) = overwritten(tmp_path, "<field name=\"domain_force\">[('state', '=', 'open')]</field>")
    assert finding.severity is Severity.MEDIUM


def test_a_write_by_function_is_a_patch(tmp_path: Path) -> None:
    library(tmp_path)
    write = '<function model="ir.rule" name="write"><value eval="[ref(\'library.own\')]"/>'
    addon(
        tmp_path, "kiosk", depends="'library'", xml=f"{write}<value eval=\"{{'active': False}}\"/></function>"
    )
    (finding,) = found(tmp_path, "rule-deactivated-elsewhere")
    assert finding.message.startswith("The module kiosk switches off the record rule")


def test_a_module_may_patch_its_own_rule(tmp_path: Path) -> None:
    library(tmp_path, xml=rule("own", OWN) + patch("own", '<field name="active" eval="False"/>'))
    assert found(tmp_path, "rule-deactivated-elsewhere") == []


# -- rule-in-optional-module -----------------------------------------------------------------------------------------


def optional(root: Path, *, manifest: str = "", depends: str = "'library'") -> list[Finding]:
    library(root, xml="")
    addon(root, "limits", depends=depends, xml=rule("own", OWN), manifest=manifest)
    return found(root, "rule-in-optional-module")


def test_a_rule_in_a_module_that_need_not_be_there(tmp_path: Path) -> None:
    (finding,) = optional(tmp_path)
    assert (finding.severity, finding.subject) == (Severity.HIGH, "library.access_portal")


def test_what_odoo_installs_by_itself_is_there(tmp_path: Path) -> None:
    assert optional(tmp_path, manifest="'auto_install': True, ") == []


def test_what_odoo_installs_in_some_countries_need_not_be_there(tmp_path: Path) -> None:
    assert len(optional(tmp_path, manifest="'auto_install': True, 'countries': ['be'], ")) == 1


def test_nothing_is_said_where_a_dependency_was_not_read(tmp_path: Path) -> None:
    addon(tmp_path, "library", depends="'portal', 'helpdesk'", code=MODEL, rows=PORTAL)
    addon(tmp_path, "limits", depends="'library'", xml=rule("own", OWN))
    assert found(tmp_path, "rule-in-optional-module") == []
    assert installed_with(read(tmp_path), "library") is None


def test_a_rule_that_an_optional_module_narrows(tmp_path: Path) -> None:
    library(tmp_path, xml=rule("own", "[]"))
    narrowed = patch("library.own", f'<field name="domain_force">{OWN}</field>')
    addon(tmp_path, "limits", depends="'library'", xml=narrowed)
    (finding,) = found(tmp_path, "rule-in-optional-module")
    assert finding.message.endswith("of limits is all that limits it.")


def test_a_rule_that_an_optional_module_adds_to_another_one_widens(tmp_path: Path) -> None:
    library(tmp_path)
    addon(tmp_path, "open_loans", depends="'library'", xml=rule("open", "[('state', '=', 'open')]"))
    assert found(tmp_path, "rule-in-optional-module") == []


def test_the_bare_policy_has_what_the_modules_say_themselves(tmp_path: Path) -> None:
    library(tmp_path)
    addon(
        tmp_path,
        "kiosk",
        depends="'library'",
        xml=patch("library.own", '<field name="active" eval="False"/>'),
    )
    policy = read(tmp_path)
    names = installed_with(policy, "library")
    assert names is not None and "kiosk" not in names
    assert not policy.rules_by_model.get("library.loan")
    (kept,) = only(policy, names).rules_by_model["library.loan"]
    assert (kept.xmlid, kept.active) == ("library.own", True)


# -- duplicate-access-right-id ---------------------------------------------------------------------------------------


def test_a_right_widened_elsewhere_is_low_where_a_rule_leaves_only_ones_own(tmp_path: Path) -> None:
    library(tmp_path)
    rows = "library.access_portal,portal,library.model_library_loan,base.group_portal,1,1,0,0\n"
    addon(tmp_path, "kiosk", depends="'library'", rows=rows)
    (finding,) = found(tmp_path, "duplicate-access-right-id")
    assert (finding.severity, finding.audience) == (Severity.LOW, ("portal",))
    assert "portal users may change records" in finding.message


# -- sensitive-model-readable, right-without-effect, unknown-reference ------------------------------------------------


def test_a_second_right_opens_nothing_that_the_first_had_not_opened(tmp_path: Path) -> None:
    code = MODEL + "    salary = fields.Float()\n"
    row = "access_{0},user,library.model_library_loan,base.group_user,1,0,0,0\n"
    addon(tmp_path, "library", code=code, rows=row.format("one") + row.format("two"))
    (finding,) = found(tmp_path, "sensitive-model-readable")
    assert finding.subject == "library.access_one"


def test_the_settings_of_the_database_are_high(tmp_path: Path) -> None:
    addon(
        tmp_path, "library", rows="access_one,user,base.model_ir_config_parameter,base.group_user,1,0,0,0\n"
    )
    (finding,) = found(tmp_path, "sensitive-model-readable")
    assert (finding.severity, finding.audience) == (Severity.HIGH, ("internal",))


def test_zeros_are_not_contradicted_by_a_module_that_need_not_be_there(tmp_path: Path) -> None:
    rows = "access_zero,portal,library.model_library_loan,base.group_portal,0,0,0,0\n"
    library(tmp_path, rows=rows, xml="")
    addon(tmp_path, "kiosk", depends="'library'", rows=PORTAL)
    assert found(tmp_path, "right-without-effect") == []


def test_zeros_that_another_module_wrote_are_not_reported_where_they_do_not_stand(tmp_path: Path) -> None:
    rows = PORTAL + "access_two,portal,library.model_library_loan,base.group_portal,1,0,0,0\n"
    library(tmp_path, rows=rows)
    zeros = "library.access_two,portal,library.model_library_loan,base.group_portal,0,0,0,0\n"
    addon(tmp_path, "kiosk", depends="'library'", rows=zeros)
    assert found(tmp_path, "right-without-effect") == []


@pytest.mark.parametrize("modes", ["1,0,0,0", "0,1,0,0"])
def test_a_wizard_is_said_once(tmp_path: Path, modes: str) -> None:
    code = MODEL.replace("models.Model", "models.TransientModel")
    addon(tmp_path, "library", code=code, rows=PORTAL.replace("1,0,0,0", modes))
    result = audit(read(tmp_path))
    assert [one.check for one in result.findings if one.audience == ("portal",)] == ["shared-wizard"]


def test_zeros_are_contradicted_by_a_module_that_is_always_there(tmp_path: Path) -> None:
    library(tmp_path)
    rows = "access_zero,portal,library.model_library_loan,base.group_portal,0,0,0,0\n"
    addon(tmp_path, "kiosk", depends="'library'", rows=rows)
    (finding,) = found(tmp_path, "right-without-effect")
    assert (finding.severity, finding.audience) == (Severity.MEDIUM, ("portal",))


@pytest.mark.parametrize(
    ("groups", "severity"),
    [
        ("library.group_gone", Severity.LOW),
        ("group_user", Severity.LOW),
        ("!library.group_gone", Severity.MEDIUM),
        ("base.group_that_a_summary_may_lack", None),
        ("helpdesk.group_of_a_module_not_read", None),
        (".", None),
    ],
)
def test_unknown_groups_of_fields(tmp_path: Path, groups: str, severity: Severity | None) -> None:
    addon(tmp_path, "library", code=MODEL + f"    note = fields.Char(groups={groups!r})\n")
    result = audit(read(tmp_path), select=["unknown-reference"])
    assert [finding.severity for finding in result.findings] == ([severity] if severity else [])


# -- private facts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("salary", "float", "pay"),
        ("monthly_salary", "monetary", "pay"),
        ("iban", "char", "bank details"),
        ("passport_id", "char", "identity papers"),
        ("blood_type", "selection", "health"),
        ("private_street", "char", "private life"),
        ("wages_count", "integer", None),
        ("bank_account_id", "many2one", None),
        ("has_allergies", "boolean", None),
        ("private_note_of_a_repo", "char", None),
        ("passage", "char", None),
    ],
)
def test_private_facts_by_name_and_type(name: str, kind: str, what: str | None) -> None:
    assert private_fact(Field(origin=Origin("models.py", 1), name=name, type=kind)) == what


def test_a_related_field_is_judged_where_it_comes_from() -> None:
    field = Field(origin=Origin("models.py", 1), name="iban", type="char", related="bank_id.iban")
    assert private_fact(field) is None
