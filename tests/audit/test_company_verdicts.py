"""What keeps companies apart and what only looks as if it did: small addons, written anew for each case."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from ostiary.audit import Finding, Severity, audit
from ostiary.audit.finding import Confidence
from ostiary.audit.rules.companies import compares_in_every_case
from ostiary.domain import parse
from ostiary.sources import open_policy

HEAD = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink"
COMPANY = "('company_id', 'in', company_ids)"
OWN = "('user_id', '=', user.id)"
MODEL = """from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    state = fields.Char()
    amount = fields.Monetary()
    currency_id = fields.Many2one("res.currency")
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company")
"""
GROUPS = """
    <record id="group_agent" model="res.groups">
        <field name="name">Agent</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
    </record>
    <record id="group_manager" model="res.groups">
        <field name="name">Manager</field>
        <field name="implied_ids" eval="[(4, ref('group_agent'))]"/>
    </record>
    <record id="group_auditor" model="res.groups">
        <field name="name">Auditor</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
    </record>
"""


def rule(name: str, domain: str, group: str | None = None, modes: str = "") -> str:
    groups = f'<field name="groups" eval="[(4, ref(\'{group}\'))]"/>' if group else ""
    left = "".join(
        f'<field name="perm_{mode}" eval="{mode in modes.split()}"/>'
        for mode in ("read", "write", "create", "unlink")
        if modes
    )
    return (
        f'<record id="rule_{name}" model="ir.rule"><field name="name">{name}</field>'
        f'<field name="model_id" ref="model_library_loan"/>{groups}{left}'
        f'<field name="domain_force">{escape(domain)}</field></record>'
    )


def findings(
    tmp_path: Path, *rules: str, rights: tuple[str, ...] = ("base.group_user",), model: str = MODEL
) -> list[Finding]:
    addon = tmp_path / "library"
    (addon / "security").mkdir(parents=True)
    files = ["security/groups.xml", "security/ir.model.access.csv", "security/rules.xml"]
    (addon / "__manifest__.py").write_text(repr({"name": "Library", "depends": ["base"], "data": files}))
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "models.py").write_text(model)
    (addon / files[0]).write_text(f"<odoo>{GROUPS}</odoo>")
    rows = [f"a{n},a,model_library_loan,{group},1,1,1,0" for n, group in enumerate(rights)]
    (addon / files[1]).write_text("\n".join([HEAD, *rows, ""]))
    (addon / files[2]).write_text(f"<odoo>{''.join(rules)}</odoo>")
    result = audit(open_policy([str(tmp_path)], odoo="18.0", cache=False))
    assert not result.errors
    return [one for one in result.findings if "company" in one.check and one.check != "rule-company-only"]


def one(found: list[Finding], check: str = "missing-company-rule") -> Finding:
    assert [finding.check for finding in found] == [check]
    return found[0]


@pytest.mark.parametrize(
    "domain",
    [
        f"['|', (1, '=', 1), {COMPANY}]",
        "[('company_id', '!=', False)]",
        "[('company_id', 'not in', company_ids)]",
        "[(1, '=', 1)]",
    ],
)
def test_a_mention_is_not_enough(tmp_path: Path, domain: str) -> None:
    finding = one(findings(tmp_path, rule("all", domain)))
    assert finding.severity is Severity.MEDIUM
    assert finding.audience == ("internal",)


@pytest.mark.parametrize(
    "domain",
    [
        f"[{COMPANY}]",
        f"['|', ('company_id', '=', False), {COMPANY}]",
        "[('company_id', 'in', company_ids + [False])]",
        "[('company_id', 'in', user.company_ids.ids)]",
        "[('user_id.company_id', 'in', company_ids)]",
        "['!', ('company_id', 'not in', company_ids)]",
        f"['&', ('state', '=', 'done'), {COMPANY}]",
        f"['|', {OWN}, {COMPANY}]",
    ],
)
def test_companies_are_kept_apart(tmp_path: Path, domain: str) -> None:
    assert findings(tmp_path, rule("company", domain)) == []


def test_a_rule_for_writing_leaves_reading_open(tmp_path: Path) -> None:
    one(findings(tmp_path, rule("company", f"[{COMPANY}]", modes="write unlink")))


def test_a_rule_of_the_portal_says_nothing_about_internal_users(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        rule("portal", f"[{COMPANY}]", "base.group_portal"),
        rights=("base.group_user", "base.group_portal"),
    )
    assert one(found).audience == ("internal",)


def test_a_manager_who_sees_all_is_named(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        rule("agent", f"[{COMPANY}, {OWN}]", "group_agent"),
        rule("manager", "[(1, '=', 1)]", "group_manager"),
        rights=("group_agent",),
    )
    finding = one(found)
    assert finding.audience == ("library.group_manager",)
    assert finding.severity is Severity.MEDIUM
    assert "rule_manager" in finding.message


def test_a_manager_is_bound_by_the_global_rule(tmp_path: Path) -> None:
    rules = (
        rule("company", f"[{COMPANY}]"),
        rule("agent", f"[{OWN}]", "group_agent"),
        rule("manager", "[(1, '=', 1)]", "group_manager"),
    )
    assert findings(tmp_path, *rules, rights=("group_agent",)) == []


def test_a_condition_beside_the_company_is_low(tmp_path: Path) -> None:
    found = findings(tmp_path, rule("some", f"['|', ('state', '=', 'done'), {COMPANY}]"))
    assert one(found).severity is Severity.LOW


def test_a_record_whose_company_is_read_through_nobody_is_shown_to_all(tmp_path: Path) -> None:
    found = findings(
        tmp_path, rule("owner", "['|', ('user_id', '=', False), ('user_id.company_id', 'in', company_ids)]")
    )
    finding = one(found)
    assert finding.severity is Severity.LOW
    assert finding.proof is not None
    assert finding.proof.condition.startswith("user_id is not set")


def test_own_records_of_all_companies_are_low(tmp_path: Path) -> None:
    found = findings(tmp_path, rule("own", f"[{OWN}]"))
    assert one(found).severity is Severity.LOW
    assert "their own records" in found[0].message


def test_what_cannot_be_read_is_uncertain(tmp_path: Path) -> None:
    finding = one(findings(tmp_path, rule("opaque", "user._loan_domain(1)[0]")))
    assert finding.confidence is Confidence.LOW


def test_an_sql_view_is_low(tmp_path: Path) -> None:
    view = MODEL.replace("    name = fields", "    _auto = False\n    name = fields")
    finding = one(findings(tmp_path, model=view))
    assert (finding.severity, finding.confidence) == (Severity.LOW, Confidence.MEDIUM)
    assert any("SQL view" in step.text for step in finding.evidence)


def test_internal_users_and_the_widest_right_are_named(tmp_path: Path) -> None:
    found = findings(tmp_path, rights=("base.group_portal", "group_manager", "base.group_user"))
    finding = one(found)
    assert finding.audience == ("internal", "portal")
    assert any("gives base.group_user" in step.text for step in finding.evidence)


def test_everybody_is_named(tmp_path: Path) -> None:
    assert one(findings(tmp_path, rights=("",))).audience == ("everyone",)


def test_a_company_rule_bound_to_groups_is_reported_once(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        rule("agent", f"[{COMPANY}]", "group_agent"),
        rule("manager", "[(1, '=', 1)]", "group_manager"),
        rights=("group_agent",),
    )
    assert one(found, "company-rule-not-global").severity is Severity.MEDIUM


def test_a_combined_rule_that_another_group_gets_around(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        rule("agent", f"[{COMPANY}, {OWN}]", "group_agent"),
        rule("auditor", "[(1, '=', 1)]", "group_auditor"),
        rights=("group_agent",),
    )
    finding = one(found, "company-rule-not-global")
    assert finding.subject == "library.rule_agent"
    assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize("modes", ["write", "read write create unlink"])
def test_a_global_rule_counts_only_where_it_limits(tmp_path: Path, modes: str) -> None:
    domain = f"[{COMPANY}]" if modes == "write" else f"['|', (1, '=', 1), {COMPANY}]"
    found = findings(
        tmp_path,
        rule("all", domain, modes=modes),
        rule("agent", f"[{COMPANY}]", "group_agent"),
        rule("manager", "[(1, '=', 1)]", "group_manager"),
        rights=("group_agent",),
    )
    one(found, "company-rule-not-global")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[('order_id', 'any', [('company_id', 'in', company_ids)])]", True),
        ("[('order_id', 'not any', [('company_id', 'in', company_ids)])]", False),
        ("[('order_id', 'not any', [('company_id', 'not in', company_ids)])]", True),
        ("[('company_id', '=', 1)]", False),
        ("[('country_id', '=', company_id.country_id.id)]", False),
        ("[('company_id', 'in', something())]", False),
        ("[(0, '=', 1)]", True),
    ],
)
def test_what_needs_no_proof(text: str, kept: bool) -> None:
    assert compares_in_every_case(parse(text)) is kept


@pytest.mark.parametrize("kept", [True, False])
def test_the_rule_of_a_delegated_parent_counts(tmp_path: Path, kept: bool) -> None:
    child = (
        MODEL
        + """

class Copy(models.Model):
    _name = "library.copy"
    _inherits = {"library.loan": "loan_id"}

    loan_id = fields.Many2one("library.loan", required=True)
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company")
"""
    )
    domain = f"[{COMPANY}]" if kept else "[(1, '=', 1)]"
    right = '<record id="a_copy" model="ir.model.access"><field name="name">c</field>'
    right += '<field name="model_id" ref="model_library_copy"/><field name="perm_read" eval="1"/></record>'
    found = findings(tmp_path, rule("company", domain), right, model=child)
    assert [finding.model for finding in found] == ([] if kept else ["library.loan", "library.copy"])
