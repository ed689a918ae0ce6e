"""Verdicts about groups, default users and passwords that no snapshot holds: a small addon for each case."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding, Severity, all_checks
from ostiary.audit.groups.circles import circles
from ostiary.policy import AccessRight, Group, GroupLink, Implication, Mode, Model, Origin, Policy, User
from ostiary.sources import open_policy

HEAD = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink"
MODEL = """from odoo import fields, models


class Ward(models.Model):
    _name = "clinic.ward"
    partner_id = fields.Many2one("res.partner")
"""
RIGHTS = (
    "a_user,a,model_clinic_ward,group_user,1,0,0,0",
    "a_manager,a,model_clinic_ward,group_manager,1,1,1,1",
)
PLACE = Origin("made up", 1, "clinic")


def findings(
    check: str, tmp_path: Path, xml: str, *rows: str, odoo: str = "18.0", demo: str = "", code: str = MODEL
) -> list[Finding]:
    addon = tmp_path / "clinic"
    addon.mkdir(parents=True)
    manifest = {"name": "Clinic", "depends": ["base"], "data": ["data.xml", "ir.model.access.csv"]}
    if demo:
        manifest["demo"] = ["demo/users.xml"]
        (addon / "demo").mkdir()
        (addon / "demo" / "users.xml").write_text(f"<odoo>{demo}</odoo>")
    (addon / "__manifest__.py").write_text(repr(manifest))
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "models.py").write_text(code)
    (addon / "data.xml").write_text(f"<odoo>{xml}</odoo>")
    (addon / "ir.model.access.csv").write_text("\n".join([HEAD, *rows, ""]))
    return run(check, open_policy([tmp_path], odoo=odoo, demo=bool(demo), cache=False))


def run(check: str, policy: Policy) -> list[Finding]:
    """What one check finds in the modules that are audited."""
    wanted = next(one for one in all_checks() if one.id == check)
    context = {name for name, module in policy.modules.items() if module.context or module.facts}
    return [finding for finding in wanted(policy) if finding.module not in context]


def group(name: str, *implied: str, title: str = "") -> str:
    links = ", ".join(f"(4, ref('{other}'))" for other in implied)
    return (
        f'<record id="{name}" model="res.groups"><field name="name">{title or name}</field>'
        f'<field name="implied_ids" eval="[{links}]"/></record>'
    )


def user(name: str, groups: str, more: str = "", field: str = "groups_id") -> str:
    refs = ", ".join(f"ref('{one}')" for one in groups.split())
    return (
        f'<record id="{name}" model="res.users"><field name="login">{name}</field>'
        f'<field name="{field}" eval="[(6, 0, [{refs}])]"/>{more}</record>'
    )


STEPS = group("group_user", "base.group_user") + group("group_manager", "group_user")


# -- escalating-group --------------------------------------------------------------------------------------------------


def test_internal_users_who_become_administrators_are_one_critical_finding(tmp_path: Path) -> None:
    xml = group("group_it", "base.group_system") + group("base.group_user", "group_it")
    found = findings("escalating-group", tmp_path, xml)
    everybody = [one for one in found if one.audience == ("internal",)]
    assert [(one.severity, one.subject) for one in everybody] == [(Severity.CRITICAL, "base.group_user")]
    assert "clinic.group_it, which implies base.group_system" in everybody[0].message


def test_a_link_is_reported_once_though_it_is_wrong_in_two_ways(tmp_path: Path) -> None:
    found = findings("escalating-group", tmp_path, group("base.group_user", "base.group_erp_manager"))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("title", "severity"), [("Night porter", Severity.HIGH), ("Administrator", Severity.MEDIUM)]
)
def test_what_is_called_an_administrator_is_less_grave(
    tmp_path: Path, title: str, severity: Severity
) -> None:
    found = findings("escalating-group", tmp_path, group("group_x", "base.group_system", title=title))
    assert [one.severity for one in found] == [severity]


def test_a_user_group_that_implies_its_own_manager_is_reported(tmp_path: Path) -> None:
    xml = STEPS + group("group_night", "group_manager")
    found = findings("escalating-group", tmp_path, xml, *RIGHTS)
    assert [(one.subject, one.severity) for one in found] == [("clinic.group_night", Severity.MEDIUM)]
    assert "the same application" in found[0].message


def test_a_manager_who_may_do_nothing_more_is_not_reported(tmp_path: Path) -> None:
    xml = STEPS + group("group_night", "group_manager")
    assert findings("escalating-group", tmp_path, xml) == []


def test_a_manager_who_decides_what_others_may_do_is_graver(tmp_path: Path) -> None:
    xml = STEPS + group("group_night", "group_manager")
    row = "a_rule,a,base.model_ir_rule,group_manager,1,1,0,0"
    assert [one.severity for one in findings("escalating-group", tmp_path, xml, row)] == [Severity.HIGH]


def test_a_portal_group_that_reaches_settings_is_left_to_the_other_check(tmp_path: Path) -> None:
    xml = group("group_x", "base.group_portal", "base.group_system")
    assert findings("escalating-group", tmp_path, xml) == []


RULES = "".join(
    f'<record id="rule_{name}" model="ir.rule"><field name="model_id" ref="model_clinic_ward"/>'
    f'<field name="domain_force">{domain}</field>'
    f'<field name="groups" eval="[(4, ref(\'group_{name}\'))]"/></record>'
    for name, domain in (("user", "[('create_uid', '=', user.id)]"), ("manager", "[(1, '=', 1)]"))
)


def test_a_manager_whose_rule_shows_more_is_reported(tmp_path: Path) -> None:
    xml = STEPS + RULES + group("group_night", "group_user", "base.group_user")
    xml += group("group_night", "group_manager")
    row = "a_night,a,model_clinic_ward,group_night,1,0,0,0"
    found = findings("escalating-group", tmp_path, xml, RIGHTS[0], row)
    assert [one.severity for one in found] == [Severity.MEDIUM]
    assert "reach more records of clinic.ward" in found[0].message


def test_a_circle_whose_rules_differ_is_medium(tmp_path: Path) -> None:
    xml = STEPS + RULES + group("group_user", "group_manager")
    found = findings("group-cycle", tmp_path, xml, RIGHTS[0])
    assert [(one.severity, one.subject) for one in found] == [(Severity.MEDIUM, "clinic.group_user")]


# -- group-cycle -------------------------------------------------------------------------------------------------------


def test_a_circle_of_three_is_reported_once(tmp_path: Path) -> None:
    xml = STEPS + group("group_night", "group_manager") + group("group_user", "group_night")
    found = findings("group-cycle", tmp_path, xml, *RIGHTS)
    assert [one.audience for one in found] == [
        ("clinic.group_manager", "clinic.group_night", "clinic.group_user")
    ]
    assert found[0].subject == "clinic.group_night"  # it implies the manager


def test_two_circles_that_one_link_joins_stay_two() -> None:
    links = {"a": "b", "b": "ca", "c": "d", "d": "cx", "e": "a"}  # x is not defined
    groups = {
        name: Group(origin=PLACE, xmlid=name, implies=tuple(Implication(other, PLACE) for other in implied))
        for name, implied in links.items()
    }
    assert list(circles(Policy(odoo="18.0", groups=groups))) == [("a", "b"), ("c", "d")]


def test_a_group_that_implies_itself_is_no_circle(tmp_path: Path) -> None:
    assert findings("group-cycle", tmp_path, group("group_a", "group_a")) == []


# -- privileged-default-user -------------------------------------------------------------------------------------------


def test_the_default_group_of_19_is_asked(tmp_path: Path) -> None:
    xml = STEPS + group("base.default_user_group", "group_manager")
    found = findings("privileged-default-user", tmp_path, xml, *RIGHTS, odoo="19.0")
    assert [(one.subject, one.severity) for one in found] == [("base.default_user_group", Severity.LOW)]
    assert "Default Access Rights" not in str(found[0].evidence)


def test_18_gives_it_to_the_users_there_are_as_well(tmp_path: Path) -> None:
    xml = STEPS + user("base.default_user", "clinic.group_manager")
    found = findings("privileged-default-user", tmp_path, xml, *RIGHTS)
    assert "Default Access Rights" in str(found[0].evidence)


def test_whoever_registers_as_an_employee_is_critical(tmp_path: Path) -> None:
    found = findings(
        "privileged-default-user", tmp_path, user("base.template_portal_user_id", "base.group_user")
    )
    assert [(one.severity, one.audience) for one in found] == [(Severity.CRITICAL, ("public",))]


def test_a_template_of_two_types_is_left_to_the_other_check(tmp_path: Path) -> None:
    both = "base.group_portal base.group_user"
    assert findings("privileged-default-user", tmp_path, user("base.template_portal_user_id", both)) == []


def test_a_database_with_closed_groups_names_the_topmost_once() -> None:
    names = ("base.group_user", "clinic.group_user", "clinic.group_manager")
    links = {names[2]: (names[1],), names[1]: (names[0],), names[0]: ()}
    policy = Policy(
        odoo="18.0",
        models={"clinic.ward": Model(origin=PLACE, name="clinic.ward")},
        groups={
            name: Group(
                origin=PLACE, xmlid=name, implies=tuple(Implication(other, PLACE) for other in implied)
            )
            for name, implied in links.items()
        },
        rights=[
            AccessRight(
                origin=PLACE, xmlid="clinic.a", model="clinic.ward", group=names[2], modes=(Mode.WRITE,)
            )
        ],
        users=[
            User(
                origin=PLACE,
                login="default",
                xmlid="base.default_user",
                id=3,
                groups=tuple(GroupLink(name, PLACE) for name in names),
                groups_closed=True,
            )
        ],
    )
    found = run("privileged-default-user", policy)
    assert len(found) == 1
    assert [step.text for step in found[0].evidence] == [
        "base.default_user holds clinic.group_manager",
        "access right clinic.a gives clinic.group_manager write on clinic.ward",
    ]


# -- noupdate-security -------------------------------------------------------------------------------------------------


def test_the_mark_of_a_databases_row_is_not_reported() -> None:
    row = Origin("ir_model_access", 4, "clinic")
    right = AccessRight(origin=row, xmlid="clinic.a", model="clinic.ward", modes=(Mode.READ,), noupdate=True)
    assert run("noupdate-security", Policy(odoo="18.0", rights=[right])) == []
    file = Origin("security/rights.xml", 4, "clinic")
    right = AccessRight(origin=file, xmlid="clinic.a", model="clinic.ward", modes=(Mode.READ,), noupdate=True)
    assert len(run("noupdate-security", Policy(odoo="18.0", rights=[right]))) == 1


# -- mixed-user-type ---------------------------------------------------------------------------------------------------


def test_another_modules_group_is_made_for_staff_whoever_holds_it(tmp_path: Path) -> None:
    xml = group("group_guest", "base.group_portal", "base.group_partner_manager")
    row = "a_ward,a,model_clinic_ward,base.group_partner_manager,1,1,0,0"
    found = findings("mixed-user-type", tmp_path, xml, row)
    assert [one.subject for one in found] == ["clinic.group_guest"]


def test_a_user_of_both_types_is_left_to_the_other_check(tmp_path: Path) -> None:
    xml = group("group_user", "base.group_user") + user("u", "base.group_portal clinic.group_user")
    assert findings("mixed-user-type", tmp_path, xml, RIGHTS[0]) == []


# -- default-credentials -----------------------------------------------------------------------------------------------

PASSWORD = '<field name="password">odoo</field>'


def test_a_password_in_demo_data_counts_less(tmp_path: Path) -> None:
    found = findings("default-credentials", tmp_path, "", demo=user("u", "base.group_system", PASSWORD))
    assert [one.severity for one in found] == [Severity.LOW]


def test_a_customers_password_that_is_guessed_is_high(tmp_path: Path) -> None:
    found = findings("default-credentials", tmp_path, user("u", "base.group_portal", PASSWORD))
    assert [one.severity for one in found] == [Severity.HIGH]
    assert "odoo" not in found[0].message


# -- sql-view-without-rule ---------------------------------------------------------------------------------------------

VIEW = """

class Report(models.Model):
    _name = "clinic.ward.report"
    _auto = False
    ward_id = fields.Many2one("clinic.ward")
"""
OWN = (
    '<record id="own" model="ir.rule"><field name="model_id" ref="model_clinic_ward"/>'
    "<field name=\"domain_force\">[('create_uid', '=', user.id)]</field>"
    '<field name="groups" eval="[(4, ref(\'group_user\'))]"/></record>'
)
READER = "a_report,a,model_clinic_ward_report,group_user,1,0,0,0"


def test_a_table_of_its_own_is_no_view(tmp_path: Path) -> None:
    code = MODEL + VIEW.replace("    _auto = False\n", "")
    assert findings("sql-view-without-rule", tmp_path, STEPS + OWN, *RIGHTS, READER, code=code) == []


def test_a_view_is_reported_where_its_records_are_limited(tmp_path: Path) -> None:
    found = findings("sql-view-without-rule", tmp_path, STEPS + OWN, *RIGHTS, READER, code=MODEL + VIEW)
    assert [(one.severity, one.model) for one in found] == [(Severity.LOW, "clinic.ward.report")]


def test_a_view_is_not_reported_where_nothing_is_limited(tmp_path: Path) -> None:
    assert findings("sql-view-without-rule", tmp_path, STEPS, *RIGHTS, READER, code=MODEL + VIEW) == []
