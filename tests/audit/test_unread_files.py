"""What an audit says of a module with a file that could not be parsed, and of names that exist nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding, audit
from ostiary.audit.finding import Confidence, Severity
from ostiary.sources import open_policy
from ostiary.sources.addons import python_files

MODEL = """
from odoo import fields, models


class Boat(models.Model):
    _name = "boat.boat"
    _description = "Boat"

    name = fields.Char()
    state = fields.Selection([("moored", "Moored"), ("sold", "Sold")])
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    agent_user_id = fields.Many2one("res.users")
"""
HEADER = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
BROKEN = "<odoo><record"


def rule(domain: str, group: str = "base.group_portal") -> str:
    return (
        '<odoo><record id="rule" model="ir.rule"><field name="name">Boats</field>'
        f'<field name="model_id" ref="model_boat_boat"/><field name="domain_force">{domain}</field>'
        f'<field name="groups" eval="[(4, ref(\'{group}\'))]"/></record></odoo>'
    )


def found(tmp_path: Path, rights: str, code: str = MODEL, **files: str) -> list[Finding]:
    """The findings on an addon with a model, access rights and the XML files that are given by name."""
    addon = tmp_path / "boat"
    addon.mkdir()
    (addon / "__init__.py").write_text("from . import models\n")
    data = [*(f"{name}.xml" for name in files), "ir.model.access.csv"]
    (addon / "__manifest__.py").write_text(
        repr({"name": "Boat", "version": "18.0.1.0.0", "depends": ["portal"], "data": data})
    )
    (addon / "models.py").write_text(code)
    (addon / "ir.model.access.csv").write_text(HEADER + rights)
    for name, text in files.items():
        (addon / f"{name}.xml").write_text(text)
    result = audit(open_policy([tmp_path], odoo="18.0", cache=False))
    assert not result.errors
    return list(result.findings)


def of(findings: list[Finding], check: str) -> list[Finding]:
    return [one for one in findings if one.check == check]


PORTAL = "access_boat,boat,model_boat_boat,base.group_portal,1,0,0,0\n"
USER = "access_boat_user,boat,model_boat_boat,base.group_user,1,0,0,0\n"


def test_no_model_of_a_module_with_malformed_python_is_called_unknown(tmp_path: Path) -> None:
    code = f"{MODEL}    length = fields.Float(  # ostiary: ignore[rule-always-true] known to all\n    crew = = 3\n"
    findings = found(tmp_path, PORTAL, code, rules=rule("[('partner_id', '=', user.partner_id.id)]"))
    assert of(findings, "unknown-reference") == []
    assert of(findings, "unused-suppression") == []
    assert len(of(findings, "unreadable-definition")) == 1


def test_a_model_that_readable_python_lacks_is_unknown(tmp_path: Path) -> None:
    findings = found(tmp_path, PORTAL.replace("model_boat_boat", "model_boat_mast"))
    assert len(of(findings, "unknown-reference")) == 1


def test_no_group_of_a_module_with_a_malformed_file_is_called_unknown(tmp_path: Path) -> None:
    rights = PORTAL.replace("base.group_portal", "boat.group_crew")
    assert of(found(tmp_path, rights, groups=BROKEN), "unknown-reference") == []


def test_a_malformed_data_file_may_hold_the_rule_that_is_missed(tmp_path: Path) -> None:
    findings = found(tmp_path, PORTAL + USER, rules=BROKEN)
    for check in ("share-model-without-rule", "missing-company-rule"):
        (one,) = of(findings, check)
        assert one.confidence is Confidence.LOW
        assert sum("rules.xml could not be read" in step.text for step in one.evidence) == 1


def test_without_a_malformed_file_the_missing_rule_is_certain(tmp_path: Path) -> None:
    findings = found(tmp_path, PORTAL + USER)
    for check in ("share-model-without-rule", "missing-company-rule"):
        assert [one.confidence for one in of(findings, check)] == [Confidence.HIGH]


def test_how_portal_users_get_at_other_companies_is_shown(tmp_path: Path) -> None:
    (one,) = of(found(tmp_path, PORTAL + USER), "missing-company-rule")
    assert set(one.audience) == {"internal", "portal"}
    said = "\n".join(step.text for step in one.evidence)
    assert "access_boat_user gives base.group_user" in said
    assert "access_boat gives base.group_portal" in said


def test_what_keeps_from_certainty_is_said_once(tmp_path: Path) -> None:
    findings = found(tmp_path, USER, rules=rule("[('company_id', 'in', allowed())]", "base.group_user"))
    for one in of(findings, "missing-company-rule"):
        texts = [
            step.text.removeprefix("not certain: ").removeprefix("not proved: ") for step in one.evidence
        ]
        assert len(texts) == len(set(texts))
    assert of(findings, "missing-company-rule")


def test_a_field_that_does_not_exist_comes_with_the_nearest(tmp_path: Path) -> None:
    (one,) = of(
        found(tmp_path, PORTAL, rules=rule("[('agent_userid', '=', user.id)]")),
        "rule-invalid",
    )
    assert one.severity is Severity.HIGH
    assert "there is no field agent_userid on boat.boat" in one.message
    assert one.message.endswith("did you mean agent_user_id?")


def test_a_group_that_does_not_exist_is_reported_once(tmp_path: Path) -> None:
    rights = USER + "access_none,none,model_boat_boat,boat.group_none,1,0,0,0\n"
    rights += "access_none_again,none,model_boat_boat,boat.group_none,1,0,0,0\n"
    findings = found(tmp_path, rights)
    assert of(findings, "right-without-effect") == []
    assert of(findings, "unknown-reference")


def test_what_may_be_changed_is_said_with_its_condition(tmp_path: Path) -> None:
    rights = PORTAL.replace("1,0,0,0", "1,1,0,0")
    (one,) = of(found(tmp_path, rights, rules=rule("[('state', '=', 'sold')]")), "share-can-write")
    assert "where state is 'sold'" in one.message


def test_a_bound_of_ours_is_not_said_to_be_odoos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_files, "MAX_BYTES", 100)
    one = next(each for each in found(tmp_path, "") if each.check == "unreadable-definition")
    assert one.severity is Severity.HIGH
    assert "was not audited" in one.message
    assert "Odoo" not in one.message


def test_code_that_nothing_imports_is_less_certain(tmp_path: Path) -> None:
    code = """
from odoo import http
from odoo.http import request


class Boats(http.Controller):
    @http.route("/boat/<int:boat_id>", auth="public")
    def boat(self, boat_id):
        return request.env["boat.boat"].sudo().browse(boat_id).name
"""
    by_init = {}
    for init in (True, False):
        addon = tmp_path / str(init) / "boat"
        addon.mkdir(parents=True)
        (addon / "__manifest__.py").write_text("{'version': '18.0.1.0.0', 'depends': ['portal']}")
        (addon / "models.py").write_text(MODEL + code)
        if init:
            (addon / "__init__.py").write_text("from . import models")
        result = audit(open_policy([addon], cache=False, code=True))
        by_init[init] = next(each.confidence for each in result.findings if each.check == "public-route-sudo")
    assert by_init == {True: Confidence.HIGH, False: Confidence.MEDIUM}
