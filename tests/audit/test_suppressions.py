"""Comments and settings that accept findings, and what an audit says of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostiary.audit import (
    Accepted,
    AuditResult,
    Check,
    Confidence,
    Evidence,
    Finding,
    Settings,
    Severity,
    UnknownCheck,
    audit,
    check,
    registry,
    run,
)
from ostiary.audit.checks.unused_suppression import unused_suppression
from ostiary.audit.decided.audiences import no_such_audience
from ostiary.policy import (
    AccessRight,
    Group,
    Implication,
    Mode,
    Module,
    Origin,
    Policy,
    Suppression,
)
from ostiary.sources import open_policy

PATH = "addons/shop/security/rules.xml"


def at(line: int, path: str = PATH, module: str = "shop") -> Origin:
    return Origin(path, line, module)


@check("grave", "A grave thing", Severity.HIGH)
def grave(policy: Policy) -> Iterator[Finding]:
    """Reports the rules at lines 3 and 13, for two audiences each."""
    for line in (3, 13):
        for who in ("portal", "public"):
            yield grave.finding(
                at=at(line), subject=f"shop.rule_{line}", message="M.", fix="F.", audience=(who,)
            )


@check("small", "A small thing", Severity.LOW)
def small(policy: Policy) -> Iterator[Finding]:
    """Reports one line."""
    yield small.finding(at=at(5), subject="shop.thing", message="M.", fix="F.")


@check("stops", "Stops halfway", Severity.LOW)
def stops(policy: Policy) -> Iterator[Finding]:
    """Stops before it reports anything."""
    yield from ()
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def checks(monkeypatch: pytest.MonkeyPatch) -> None:
    found = registry.Catalogue((grave, small, stops, unused_suppression), ())
    monkeypatch.setattr(run, "catalogue", lambda: found)
    monkeypatch.setattr(registry, "catalogue", lambda: found)


def comment(*names: str, line: int = 2, lines: tuple[int, int] = (3, 8), **facts: Any) -> Suppression:
    facts.setdefault("reason", "we looked")
    facts.setdefault("origin", at(line))
    return Suppression(checks=names, first=lines[0], last=lines[1], **facts)


def audited(*comments: Suppression, settings: Settings | None = None, **options: Any) -> AuditResult:
    modules = options.pop("modules", {"shop": Module(origin=at(1), name="shop")})
    policy = Policy(odoo="18.0", modules=modules, suppressions=list(comments), **options.pop("facts", {}))
    return audit(policy, settings=settings or Settings(name="ostiary.toml"), **options)


def told(result: AuditResult) -> list[tuple[str, int]]:
    return [(finding.check, finding.line) for finding in result.findings]


def test_a_comment_accepts_what_is_reported_where_it_stands() -> None:
    result = audited(comment("grave", "small"))
    assert told(result) == [("grave", 13), ("grave", 13)]
    assert [
        (one.finding.check, one.finding.audience, one.reason, one.origin.line) for one in result.suppressed
    ] == [
        ("grave", ("portal",), "we looked", 2),
        ("grave", ("public",), "we looked", 2),
        ("small", (), "we looked", 2),
    ]
    assert all(one.in_source for one in result.suppressed)


@pytest.mark.parametrize(
    "other",
    [
        comment("grave", reason=""),
        comment("grave", lines=(0, 0)),
        comment("grave", lines=(4, 12)),
        comment("grave", origin=at(2, "addons/shop/security/other.xml")),
        comment("grve"),
        comment(),
    ],
)
def test_what_is_not_honoured_accepts_nothing(other: Suppression) -> None:
    result = audited(other, select=["grave"])
    assert not result.suppressed
    assert len([1 for finding in result.findings if finding.check == "grave"]) == 4
    assert [finding.check for finding in result.findings if finding.check != "grave"] == [
        "unused-suppression"
    ]


def test_a_comment_that_accepts_nothing_is_said_once() -> None:
    result = audited(comment("small", "grave", line=14, lines=(15, 16)))
    [said] = [finding for finding in result.findings if finding.check == "unused-suppression"]
    assert (
        said.message
        == "This comment accepts small, grave, of which there is nothing to accept at this place."
    )
    assert (said.severity, said.line) == (Severity.INFO, 14)
    result = audited(comment("small", "grave"))
    assert "unused-suppression" not in [finding.check for finding in result.findings]


@pytest.mark.parametrize(
    "options", [{"select": ["grave"]}, {"ignore": ["small"]}, {"ignore": ["unused-suppression"]}]
)
def test_what_did_not_run_is_not_said_to_be_unused(options: dict[str, Any]) -> None:
    result = audited(comment("small", line=14, lines=(15, 16)), **options)
    assert "unused-suppression" not in [finding.check for finding in result.findings]


def test_a_check_that_stopped_leaves_its_comments_alone() -> None:
    assert "unused-suppression" not in dict(told(audited(comment("stops"))))


def test_what_is_said_of_comments_is_not_accepted_by_one() -> None:
    result = audited(
        comment("unused-suppression", line=5, lines=(1, 99)), comment("small", line=6, lines=(7, 7))
    )
    assert [finding.line for finding in result.findings if finding.check == "unused-suppression"] == [6]


def test_comments_of_dependencies_are_not_reported() -> None:
    modules = {
        "shop": Module(origin=at(1), name="shop"),
        "base": Module(origin=at(1, module="base"), name="base", context=True),
    }
    other = comment("small", origin=at(2, "base/rules.xml", "base"), reason="")
    assert "unused-suppression" not in dict(told(audited(other, modules=modules)))
    assert "unused-suppression" in dict(
        told(audited(other, modules=modules, settings=Settings(dependencies=True)))
    )


def test_what_is_left_out_is_not_listed_as_accepted_either() -> None:
    result = audited(comment("grave", "small"), min_severity=Severity.HIGH)
    assert {one.finding.check for one in result.suppressed} == {"grave"}
    assert "unused-suppression" not in dict(told(result))


# ------------------------------------------------------------------------------------------------ settings


def test_settings_choose_checks_and_say_so() -> None:
    result = audited(settings=Settings(name="ostiary.toml", ignore=("small", "stops")))
    assert result.checks == ("grave", "unused-suppression")
    assert result.settings == ("2 checks are ignored by ostiary.toml: small, stops.",)
    result = audited(settings=Settings(name="ostiary.toml", select=("small", "grave"), ignore=("grave",)))
    assert result.checks == ("small", "unused-suppression")
    assert result.settings == (
        "Only the checks that ostiary.toml selects ran.",
        "1 check is ignored by ostiary.toml: grave.",
    )


def test_the_caller_wins_over_settings() -> None:
    settings = Settings(name="ostiary.toml", select=("small",), ignore=("grave",), min_severity=Severity.HIGH)
    result = audited(settings=settings, select=["grave"], min_severity=Severity.MEDIUM)
    assert result.checks == ("grave", "unused-suppression")
    assert result.settings == ()
    assert audited(settings=settings).settings[-1] == "Findings below high are left out by ostiary.toml."


def test_settings_take_no_comments() -> None:
    result = audited(comment("grave"), comment("small", reason=""), settings=Settings(comments=False))
    assert not result.suppressed
    assert {finding.check for finding in result.findings} == {"grave", "small"}
    assert result.settings == ("2 comments that accept findings were not heeded.",)
    assert audited(settings=Settings(comments=False)).settings == ()


def test_settings_set_a_severity() -> None:
    result = audited(settings=Settings(name="ostiary.toml", severity={"grave": Severity.INFO}))
    assert {finding.severity for finding in result.findings if finding.check == "grave"} == {Severity.INFO}
    assert result.settings == ("The severity of 1 check is set by ostiary.toml: grave (info).",)
    module = Module(origin=at(1), name="shop", category="Hidden/Tests")
    result = audited(settings=Settings(severity={"grave": Severity.HIGH}), modules={"shop": module})
    assert {finding.severity for finding in result.findings} == {Severity.INFO}


@pytest.mark.parametrize(
    ("accepted", "count"),
    [
        ({"modules": ("sh*",)}, 4),
        ({"modules": ("other",)}, 0),
        ({"paths": ("addons/shop",)}, 4),
        ({"paths": ("./addons/",)}, 4),
        ({"paths": ("**/security/*.xml",)}, 4),
        ({"paths": ("**/rules.xml",)}, 4),
        ({"paths": ("addons/**",)}, 4),
        ({"paths": ("addons/?hop",)}, 4),
        ({"paths": ("addons/*.xml",)}, 0),
        ({"paths": ("shop",)}, 0),
        ({"paths": ("other", "addons/*/security")}, 4),
        ({"paths": ("addons/shop",), "modules": ("other",)}, 0),
    ],
)
def test_settings_accept_findings_by_module_and_path(
    accepted: dict[str, tuple[str, ...]], count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = Accepted(("grave",), "a theme of its own", Origin("ostiary.toml"), **accepted)
    result = audited(settings=Settings(name="ostiary.toml", root=str(tmp_path), accepted=(said,)))
    assert len(result.suppressed) == count
    assert len(result.findings) == 5 - count
    assert {(one.reason, one.in_source) for one in result.suppressed} <= {("a theme of its own", False)}
    accepts, idle = f"{count} findings are accepted by", "Entry 1 of [[accept]] in"
    expected = (f"{accepts} ostiary.toml.",) if count else (f"{idle} ostiary.toml matches no finding here.",)
    assert result.settings == expected


def test_paths_are_those_below_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    said = Accepted(("grave",), "why", Origin("../ostiary.toml"), paths=("work/addons/shop",))
    settings = Settings(root=str(tmp_path), accepted=(said,))
    assert len(audited(settings=settings).suppressed) == 4


@pytest.mark.parametrize(
    "settings",
    [
        Settings(name="ostiary.toml", select=("grve",)),
        Settings(name="ostiary.toml", ignore=("grve",)),
        Settings(name="ostiary.toml", severity={"grve": Severity.LOW}),
        Settings(name="ostiary.toml", accepted=(Accepted(("grve",), "why", at(1), ("a",)),)),
    ],
)
def test_settings_that_name_no_check_are_refused(settings: Settings) -> None:
    with pytest.raises(
        UnknownCheck, match=r"^ostiary.toml: There is no check called grve; did you mean grave\?$"
    ):
        audited(settings=settings)


# ------------------------------------------------------------------------------- whom findings are said to


@check("found-in-base", "A thing of another module", Severity.HIGH)
def found_in_base(policy: Policy) -> Iterator[Finding]:
    """Reports a definition of the dependency, which rests on what its evidence names."""
    steps = [link.origin for group in policy.groups.values() for link in group.implies]
    steps += [right.origin for right in policy.rights]
    yield found_in_base.finding(
        at=at(9, "base/rules.xml", "base"),
        subject="base.rule",
        message="M.",
        fix="F.",
        evidence=[Evidence("step", origin) for origin in steps],
        confidence=Confidence.HIGH,
    )


def right(module: str, line: int) -> AccessRight:
    origin = at(line, f"{module}/access.csv", module)
    return AccessRight(origin=origin, xmlid=f"{module}.right", model="base.thing", modes=(Mode.READ,))


def found_there(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> list[tuple[str, str, int]]:
    only: tuple[Check, ...] = (found_in_base,)
    monkeypatch.setattr(run, "catalogue", lambda: registry.Catalogue(only, ()))
    modules = {
        "shop": Module(origin=at(1), name="shop"),
        "base": Module(origin=at(1, module="base"), name="base", context=True),
    }
    result = audited(modules=modules, facts=facts, settings=facts.pop("settings", Settings()))
    return [(finding.module, finding.path, finding.line) for finding in result.findings]


def test_a_finding_in_a_dependency_is_said_where_an_audited_module_brings_it_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def group(module: str) -> dict[str, Group]:
        link = Implication("base.reader", at(4, f"{module}/groups.xml", module))
        return {"base.group": Group(origin=at(1, module="base"), xmlid="base.group", implies=(link,))}

    both = [right("base", 5), right("shop", 6)]
    assert found_there(monkeypatch, rights=both) == []
    assert found_there(monkeypatch, rights=both, groups=group("base")) == []
    assert found_there(monkeypatch, rights=both, groups=group("shop")) == [("shop", "shop/groups.xml", 4)]
    assert found_there(monkeypatch, rights=[right("shop", 6)]) == [("shop", "shop/access.csv", 6)]
    assert found_there(monkeypatch, rights=both, settings=Settings(dependencies=True)) == [
        ("base", "base/rules.xml", 9)
    ]


# ----------------------------------------------------------------------------- what settings say of Odoo


def addon(folder: Path) -> Path:
    files = {
        "__manifest__.py": "{'name': 'Clinic', 'version': '18.0.1.0.0', 'depends': ['base', 'portal'], "
        "'data': ['groups.xml', 'ir.model.access.csv', 'rules.xml']}",
        "__init__.py": "from . import models\n",
        "models.py": "from odoo import fields, models\n\n\nclass Visit(models.Model):\n    _name = 'clinic.visit'\n"
        "    _description = 'Visit'\n\n    partner_id = fields.Many2one('res.partner')\n"
        "    shown_outside = fields.Boolean()\n\n\nclass Note(models.Model):\n    _name = 'clinic.note'\n"
        "    partner_id = fields.Many2one('res.partner')\n",
        "groups.xml": '<odoo><record id="group_guest" model="res.groups"><field name="name">Guest</field>'
        "</record></odoo>",
        "ir.model.access.csv": "id,name,model_id:id,group_id:id,perm_read\n"
        "visit_portal,v,model_clinic_visit,base.group_portal,1\n"
        "note_guest,n,model_clinic_note,group_guest,1\n",
        "rules.xml": '<odoo><record id="rule_visit" model="ir.rule"><field name="name">Visit</field>'
        '<field name="model_id" ref="model_clinic_visit"/>'
        "<field name=\"domain_force\">[('shown_outside', '=', True)]</field>"
        '<field name="groups" eval="[(4, ref(\'base.group_portal\'))]"/></record></odoo>',
    }
    for name, text in files.items():
        path = folder / "clinic" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_publishing_fields_and_groups_given_to_portal_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    policy = open_policy([addon(tmp_path)], cache=False)

    def on_visits(**facts: Any) -> tuple[set[tuple[str, tuple[str, ...]]], tuple[str, ...]]:
        select = ["share-model-without-rule", "rule-shared-attribute", "access-right-without-group"]
        result = audit(policy, select=select, settings=Settings(name="ostiary.toml", **facts))
        return {(finding.check, finding.audience) for finding in result.findings}, result.settings

    plain, _ = on_visits()
    assert plain == {("share-model-without-rule", ("portal",))}
    published, said = on_visits(publishing=("shown_outside",))
    assert published == set()
    assert said == ("ostiary.toml takes records for published by shown_outside.",)
    given, said = on_visits(publishing=("shown_outside",), audiences=("clinic.group_guest",))
    assert [audience for _, audience in given] == [("clinic.group_guest",)]
    assert said[1:] == ("ostiary.toml says that portal users are given the group clinic.group_guest.",)
    _, said = on_visits(audiences=("clinic.nobody", "base.group_user"))
    assert said == (
        "ostiary.toml names clinic.nobody as a group that portal users are given; there is no such group, so this was "
        "not heeded.",
        "ostiary.toml names base.group_user as a group that portal users are given; it makes internal users by itself, "
        "so this was not heeded.",
    )
    _, said = on_visits(audiences=("surgery.group_guest",))
    assert said[0].endswith("; its module was not read whole, so this was not heeded.")
    assert no_such_audience(policy, "clinic.group_gest") == (
        "There is no group called clinic.group_gest; did you mean clinic.group_guest?"
    )
    assert no_such_audience(policy, "clinic.zzz").endswith("the module clinic was read and has none.")
    assert [no_such_audience(policy, name) for name in ("clinic.group_guest", "surgery.x", "base.x")] == [
        ""
    ] * 3
