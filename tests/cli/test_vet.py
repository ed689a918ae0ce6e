"""`ostiary vet`: a small module and what it builds on, read with and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli import clinic
from cli.conftest import Ran
from cli.test_prove import Ask
from cli.test_routes import kept
from ostiary.audit import AuditResult, Confidence, Severity
from ostiary.cli import app
from ostiary.cli.vetting import Vetting
from ostiary.policy import Note, Origin, Policy, Problem
from ostiary.policy.code import Code, EntryKind
from ostiary.report import vet_formats, vet_html, vet_terminal
from ostiary.report.routes_inventory import inventory
from ostiary.report.vet_found import Told, Vetted, gained, gains, new_groups, overridden, overrides, pages
from ostiary.report.vet_verdict import Advice, verdict
from report.samples import HOSTILE, finding
from report.test_html import Page
from report.test_proofs_formats import valid

__all__ = ["kept"]

SCHEMA = Path(__file__).resolve().parents[2] / "docs/vet.schema.json"
# A module that somebody thinks of installing beside the clinic.
SURVEY = {
    "survey_kit/__manifest__.py": """{
    "name": "Survey kit", "version": "18.0.1.0.0", "depends": ["clinic"],
    "data": ["security/groups.xml", "security/ir.model.access.csv", "security/rules.xml", "views/pages.xml"],
    "demo": ["demo.xml"], "uninstall_hook": "_leave",
    "post_init_hook": "_fill", "external_dependencies": {"python": ["phonenumbers"]},
}
""",
    "survey_kit/demo.xml": """<odoo>
    <function model="survey.answer" name="unlink"/>
</odoo>
""",
    "survey_kit/__init__.py": """import requests

from . import models


def _fill(env):
    requests.post("https://stats.example.com/installed", timeout=5)
""",
    "survey_kit/models.py": """from odoo import fields, models


class Answer(models.Model):
    _name = "survey.answer"
    _description = "Answer"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
""",
    "survey_kit/security/groups.xml": """<odoo>
    <record id="group_panel" model="res.groups">
        <field name="name">Panel</field>
        <field name="implied_ids" eval="[(4, ref('base.group_portal'))]"/>
    </record>
</odoo>
""",
    "survey_kit/security/ir.model.access.csv": """\
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
answer_portal,answer portal,model_survey_answer,base.group_portal,1,0,0,0
answer_clerk,answer clerk,model_survey_answer,clinic.group_clerk,1,1,0,0
line_portal,line portal,clinic.model_clinic_line,base.group_portal,1,0,0,0
room_panel,room panel,clinic.model_clinic_room,survey_kit.group_panel,1,1,0,0
""",
    "survey_kit/security/rules.xml": """<odoo>
    <record id="answer_own" model="ir.rule">
        <field name="name">Own answers</field>
        <field name="model_id" ref="model_survey_answer"/>
        <field name="domain_force">[('partner_id', '=', user.partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    <record id="answer_own" model="ir.rule">
        <field name="perm_unlink" eval="False"/>
    </record>
    <record id="clinic.visit_own" model="ir.rule">
        <field name="domain_force">[(1, '=', 1)]</field>
    </record>
    <record id="clinic.visit_named" model="ir.rule">
        <field name="active" eval="False"/>
    </record>
</odoo>
""",
    "survey_kit/views/pages.xml": """<odoo>
    <template id="home" inherit_id="portal.portal_my_home">
        <xpath expr="." position="inside"><script src="https://cdn.example.net/kit.js"/></xpath>
    </template>
    <record id="nightly" model="ir.cron">
        <field name="name">Send reminders</field>
        <field name="model_id" ref="model_survey_answer"/>
        <field name="state">code</field>
        <field name="code">model._remind()</field>
    </record>
    <record id="push" model="ir.actions.server">
        <field name="name">Push</field>
        <field name="code">key = "s3cret"
env.push(key)</field>
    </record>
</odoo>
""",
}
QUIET = {
    "quiet/__manifest__.py": '{"name": "Quiet", "version": "18.0.1.0.0", "depends": ["base"]}\n',
    "quiet/__init__.py": "",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Vetted:
    """What vetting the survey kit finds, beside the clinic; its audit is left out."""
    folder = tmp_path_factory.mktemp("vet")
    clinic.write(folder / "installed")
    write(folder / "new", SURVEY)
    vetting = Vetting([str(folder / "new")], [str(folder / "installed")], (), None, True, False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vetting, "_audited", lambda self, policy: nothing(policy))
        return vetting.found()


def nothing(policy: Policy) -> AuditResult:
    from ostiary.audit.result import Summary

    return AuditResult((), (), (), Summary(policy.odoo, 1, 0, 0, 0, 0, 0), (), ())


def plain(found: Vetted, **changes: Any) -> Vetted:
    """The same with nothing found at all, but for the changes."""
    none = inventory(msgspec.structs.replace(found.policy, code=Code()), EntryKind.ROUTE)
    blank = {"differences": (), "joins": (), "besides": (), "routes": none, "methods": none}
    policy = msgspec.structs.replace(found.policy, overwrites=[], unresolved=[])
    return msgspec.structs.replace(found, policy=policy, **{**blank, **changes})


# -- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def ask(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    write(tmp_path / "new", {**SURVEY, **QUIET})
    clinic.write(tmp_path / "installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("OSTIARY_DEBUG", raising=False)

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = app.run(["vet", *arguments, "--no-progress"])
        said = capsys.readouterr()
        return Ran(code, said.out, " ".join(said.err.split()))

    return run


def test_the_verdict_and_its_exit_code(ask: Ask) -> None:
    ran = ask("new/survey_kit", "--addons-path", "installed", "-o", "vet.html")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("Do not install survey_kit as it is: ")
    assert "before installing" in Path("vet.html").read_text("utf-8")
    again = ("survey_kit", "--addons-path", "new,installed")
    assert ask(*again, "-o", "vet.md", "--fail-on", "never").code == 0
    assert "## To look at first" in Path("vet.md").read_text("utf-8")


def test_nothing_speaks_against_a_module_that_does_nothing(ask: Ask) -> None:
    ran = ask("new/quiet", "--fail-on", "look")
    assert ran.code == 0
    assert "✓ Nothing that was read speaks against installing quiet." in ran.out
    assert "Nobody may do anything that they could not do before." in ran.out
    assert "JavaScript and what happens at an upgrade are never looked at." in " ".join(ran.out.split())


def test_what_can_not_be_vetted(ask: Ask) -> None:
    for arguments, sentence in (
        (("postgresql://localhost/odoo",), "vet looks at modules before they are installed"),
        (("new/quiet", "--without", "clinic"), "--without names clinic, which quiet does not depend on."),
        (("no_such_module",), "no_such_module does not exist"),
    ):
        ran = ask(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert sentence in ran.err


# -- what is found ---------------------------------------------------------------------------------------------


def test_what_is_newly_given(found: Vetted) -> None:
    given = {
        (one.audience, one.model): (
            [mode.value for mode in one.modes],
            one.own,
            one.standing and one.standing.value,
        )
        for one in gains(found)
        if one.known
    }
    assert given == {
        ("portal", "clinic.line"): (["read"], False, "open"),
        # The rule of the clinic that kept others' visits back is overwritten.
        ("portal", "clinic.visit"): (["read"], False, "open"),
        ("portal", "survey.answer"): (["read"], True, "own"),
        ("clinic.group_clerk", "survey.answer"): (["read", "write"], True, None),
        # What the panel has as portal users is said once. They read rooms already: only writing is new.
        ("survey_kit.group_panel", "clinic.room"): (["write"], False, "open"),
    }
    said = {one.model: gained(one) for one in gains(found) if one.audience == "portal"}
    assert said["survey.answer"] == "its rules let them read only what is tied to them (proved)"
    assert new_groups(found) == ["survey_kit.group_panel"]


def test_what_is_not_installed_yet_either_counts_as_new(tmp_path: Path) -> None:
    clinic.write(tmp_path / "installed")
    write(tmp_path / "new", SURVEY)
    targets, needs = [str(tmp_path / "new")], [str(tmp_path / "installed")]
    without = Vetting(targets, needs, ("clinic",), None, True, False)
    policy = without._read(targets, needs, None)
    before = without._before(policy, {"survey_kit", "clinic"})
    assert "clinic.room" not in before.models
    assert "portal" in before.modules
    assert not {"survey_kit", "clinic", "ostiary_without"} & before.modules.keys()


def test_what_it_changes_of_others(found: Vetted) -> None:
    assert [(one.inherit, one.xmlid) for one in pages(found)] == [
        ("portal.portal_my_home", "survey_kit.home")
    ]
    one, off = overrides(found)
    assert overridden(off) == "The record rule clinic.visit_named: it is switched off"
    assert overridden(one).startswith(
        "The record rule clinic.visit_own: domain_force becomes [(1, '=', 1)] (was [("
    )


def test_what_runs_by_itself_and_reaches_out(found: Vetted) -> None:
    assert [(one.kind, one.text, one.origin.line) for one in found.besides] == [
        ("hook", "post_init_hook runs _fill()", 5),
        ("uninstall", "uninstall_hook runs _leave()", 4),
        ("requires", "the Python package phonenumbers", 5),
        ("network", "uses requests, and names stats.example.com", 1),
        ("script", "a page loads https://cdn.example.net/kit.js", 3),
        ("scheduled", "Send reminders: model._remind()", 5),
        # Code may hold a secret: a report is passed on.
        ("server-action", "Push: 2 lines of code", 11),
    ]


# -- the verdict -----------------------------------------------------------------------------------------------


def test_what_there_is_to_look_at(found: Vetted) -> None:
    said = verdict(found)
    assert said.advice is Advice.LOOK
    assert said.lines[0] == f"Install survey_kit after looking at {len(said.things)} things."
    assert (
        "it newly gives portal users 3 models to read; users of survey_kit.group_panel 1 model to change; 1 group"
        in said.lines[1]
    )
    assert "public visitors and internal users nothing" in said.lines[1]
    texts = [one.text for one in said.things]
    assert (
        "Portal users may newly read clinic.line: no rule limits which of its records they may read (proved)."
        in texts
    )
    assert any(text.startswith("The record rule clinic.visit_own: ") for text in texts)
    assert "It runs code of its own when it is installed or loaded: post_init_hook runs _fill()." in texts
    # What it gives of models of its own is no news, and neither is what it needs.
    assert not any("survey.answer" in text or "phonenumbers" in text for text in texts)


@pytest.mark.parametrize(
    ("severity", "confidence", "advice"),
    [
        (Severity.CRITICAL, Confidence.HIGH, Advice.STOP),
        (Severity.HIGH, Confidence.MEDIUM, Advice.STOP),
        (Severity.HIGH, Confidence.LOW, Advice.LOOK),
        (Severity.MEDIUM, Confidence.HIGH, Advice.LOOK),
        (Severity.LOW, Confidence.HIGH, Advice.CLEAR),
    ],
)
def test_findings_decide(found: Vetted, severity: Severity, confidence: Confidence, advice: Advice) -> None:
    one = finding(severity=severity, confidence=confidence)
    result = msgspec.structs.replace(nothing(found.policy), findings=(one,))
    said = verdict(plain(found, result=result))
    assert said.advice is advice
    assert [thing.stops for thing in said.things] == (
        [] if advice is Advice.CLEAR else [advice is Advice.STOP]
    )


def test_what_a_finding_says_is_not_said_again(found: Vetted) -> None:
    def lines(**said: Any) -> bool:
        one = finding(model="clinic.line", **said)
        result = msgspec.structs.replace(nothing(found.policy), findings=(one,))
        things = verdict(msgspec.structs.replace(found, result=result)).things
        return any(thing.text.startswith("Portal users may newly read clinic.line") for thing in things)

    assert lines(audience=("public",))
    assert lines(audience=("portal",), severity=Severity.LOW)
    assert not lines(audience=("portal",))


def test_what_goes_past_rights_unchecked_is_named_where_no_finding_speaks_of_it(found: Vetted) -> None:
    policy = msgspec.structs.replace(found.policy, code=clinic.code(), overwrites=[])
    modules = {name: msgspec.structs.replace(one, context=False) for name, one in policy.modules.items()}
    policy = msgspec.structs.replace(policy, modules=modules)
    routes = inventory(policy, EntryKind.ROUTE)
    seen = plain(found, routes=routes)
    (thing,) = verdict(seen).things
    assert thing.text.startswith(
        "The route /clinic/visit/<int:visit_id> goes past access rights on clinic.visit: reads records"
    )
    told = msgspec.structs.replace(finding(), subject="clinic.Clinic.visit", severity=Severity.LOW)
    result = msgspec.structs.replace(nothing(policy), findings=(told,))
    assert verdict(msgspec.structs.replace(seen, result=result)).things == ()


def test_what_was_not_read_is_said(found: Vetted) -> None:
    assert "of which only a summary is known" in verdict(found).lines[2]
    policy = msgspec.structs.replace(found.policy, code=None)
    said = verdict(msgspec.structs.replace(found, policy=policy))
    assert "its Python and pages" in said.lines[2]
    assert said.lines[1].endswith("Its code was not read.")


def test_which_odoo_it_was_read_for_is_said_first(found: Vetted) -> None:
    note = Note(origin=Origin(""), kind="version-other", message="The modules are for Odoo 19.0.")
    result = msgspec.structs.replace(nothing(found.policy), notes=(note,))
    assert verdict(plain(found, result=result)).lines[2].startswith(note.message)


def test_what_could_not_be_read_is_one_thing(found: Vetted) -> None:
    one = finding(severity=Severity.HIGH)
    for line, things in ((one.line, 1), (one.line + 1, 2)):
        origin = Origin(one.path, line, found.modules[0])
        problem = Problem(origin=origin, kind="malformed-file", message="It is no XML.", fatal=True)
        result = msgspec.structs.replace(nothing(found.policy), findings=(one,), problems=(problem,))
        assert len(verdict(plain(found, result=result)).things) == things


def test_what_was_not_read_of_what_is_harmless_is_said(found: Vetted) -> None:
    entries = [msgspec.structs.replace(one, uses=(), unread=("peek",)) for one in clinic.code().entries]
    for cut in (False, True):
        code = Code(entries=[one if cut else msgspec.structs.replace(one, unread=()) for one in entries])
        routes = inventory(msgspec.structs.replace(found.policy, code=code), EntryKind.ROUTE)
        seen = plain(found, routes=msgspec.structs.replace(routes))
        assert ("as far as it was read" in verdict(seen).lines[1]) is cut


# -- formats ---------------------------------------------------------------------------------------------------


def test_every_format(found: Vetted) -> None:
    said = verdict(found)
    document = valid(vet_formats.as_json(found, said, targets=["new"]), SCHEMA)
    assert document["verdict"]["advice"] == "look"
    page = Page(vet_html.render(found, said))
    headings = [each.strip() for each in page.text["h2"]]
    assert headings[:2] == ["Verdict", "What rights and rules newly give"]
    ids = {each["id"] for name, each in page.elements if each.get("id")}
    links = {link["href"] or "" for link in page.all("a")}
    assert {link for link in links if link.startswith("#")} <= {f"#{one}" for one in ids}
    for width in (60, 100):
        text = vet_terminal.as_text(found, said, width=width)
        assert [
            line
            for line in text.split("\n")
            if len(line) > width and "/clinic/" not in line and "/new/" not in line
        ] == []
    assert "+ clinic.line" in text
    assert "| portal users | clinic.line \\(was there before\\) | read |" in vet_formats.as_markdown(
        found, said
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_was_read_is_markup_or_commands_a_terminal(found: Vetted, text: str) -> None:
    result = msgspec.structs.replace(nothing(found.policy), findings=(finding(message=text, path=text),))
    hostile = plain(found, besides=(Told("network", text, Origin(text, 3, "survey_kit")),), result=result)
    said = verdict(hostile)
    page = vet_html.render(hostile, said, title=text, targets=[text])
    assert Page(page).all("script") == []
    for shown in (
        page,
        vet_terminal.as_text(hostile, said, targets=[text]),
        vet_formats.as_markdown(hostile, said),
    ):
        assert not any(hidden in shown for hidden in ("\x1b", "\r", "\x00", "\u202e"))
