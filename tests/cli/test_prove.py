"""`ostiary prove`, asked of a small addon in a process of its own only where that matters."""

from __future__ import annotations

import builtins
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import nursery
from cli.conftest import Ran
from ostiary.cli import app, proving
from ostiary.prove import Disagreement
from ostiary.prove.run import proofs, tasks
from ostiary.sources import open_policy

Ask = Callable[..., Ran]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command in this process, in a folder with the addon as `addons/nursery`."""
    nursery.write(tmp_path / "work" / "addons")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("OSTIARY_DEBUG", raising=False)

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = app.run(list(arguments))
        said = capsys.readouterr()
        return Ran(code, said.out, " ".join(said.err.split()))

    return run


def asked(ask: Ask, *arguments: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The proofs of a run, by audience, model and mode."""
    ran = ask("prove", "addons", "-f", "json", *arguments)
    assert ran.code in (0, 1), ran.err
    found = json.loads(ran.out)["proofs"]
    return {(one["audience"], one["model"], one["mode"]): one for one in found}


def test_each_sort_of_verdict(ask: Ask) -> None:
    found = asked(ask)
    assert {key: (one["verdict"], one["section"]) for key, one in found.items()} == {
        ("portal", "nursery.leaflet", "read"): ("conditional", "published"),
        ("portal", "nursery.note", "read"): ("open", "gap"),
        ("portal", "nursery.note", "write"): ("open", "gap"),
        ("portal", "nursery.order", "read"): ("isolated", "isolated"),
        ("portal", "nursery.tag", "read"): ("open", "reference"),
        ("portal", "nursery.visit", "read"): ("unknown", "unknown"),
        ("public", "nursery.leaflet", "read"): ("conditional", "published"),
    }
    note = found["portal", "nursery.note", "read"]
    assert note["witness"]["reproduced"] is True
    assert note["witness"]["record"]["model"] == "nursery.note"
    assert "near" in found["portal", "nursery.visit", "read"]["unknown"][0]["text"]
    assert set(found["portal", "nursery.order", "read"]["rules"]) == {
        "nursery.order_own",
        "nursery.order_company",
    }


def test_on_a_terminal(ask: Ask) -> None:
    ran = ask("prove", "addons")
    assert ran.code == 1
    assert ran.err == ""
    gap = ran.out.index("● nursery.note  Note  ·  portal users  ·  read, write")
    assert "→ A portal user of" in ran.out[gap:]
    assert "addons/nursery/security/ir.model.access.csv:4" in ran.out
    assert "portal users: read nursery.tag" in ran.out
    assert ran.out.index("✓ nursery.order") > gap
    assert "7 verdicts: 2 gaps; 1 not known;" in ran.out
    assert "the record: " not in ran.out
    assert "the record: " in ask("prove", "addons", "--witness").out


def test_verdicts_that_are_not_shown_are_summed_up(ask: Ask) -> None:
    whole = ask("prove", "addons", "--verdict", "isolated")
    assert "nursery.order" in whole.out
    assert "● nursery.note" not in whole.out
    assert "7 verdicts: 2 gaps; 1 not known;" in whole.out
    page = ask("prove", "addons", "--verdict", "isolated", "-f", "html").out.replace("<wbr>", "")
    assert "Portal users reach records that are none of theirs on 1 model: nursery.note" in page
    assert 'id="gap"' not in page
    assert 'id="isolated"' in page


def test_it_is_the_same_from_run_to_run(ask: Ask) -> None:
    for name in ("json", "html"):
        assert ask("prove", "addons", "-f", name).out == ask("prove", "addons", "-f", name, "--no-cache").out


@pytest.mark.parametrize(
    ("fail_on", "models", "code"),
    [
        ("gap", "nursery.note", 1),
        ("gap", "nursery.tag,nursery.leaflet,nursery.visit,nursery.order", 0),
        ("open", "nursery.tag", 1),
        ("open", "nursery.leaflet", 0),
        ("conditional", "nursery.leaflet", 1),
        ("conditional", "nursery.order,nursery.visit", 0),
        ("unknown", "nursery.visit", 1),
        ("unknown", "nursery.note", 1),
        ("unknown", "nursery.order", 0),
        ("never", "nursery.*", 0),
    ],
)
def test_what_it_fails_on(ask: Ask, fail_on: str, models: str, code: int) -> None:
    # What is not shown counts all the same.
    shown = ("--verdict", "isolated", "-f", "json")
    assert ask("prove", "addons", "--fail-on", fail_on, "--model", models, *shown).code == code


def test_choosing_what_is_asked(ask: Ask) -> None:
    assert {key[1] for key in asked(ask, "--model", "nursery.o*", "--model", "nursery.tag")} == {
        "nursery.order",
        "nursery.tag",
    }
    assert "nursery.note" not in {key[1] for key in asked(ask, "--except", "*.note", "--except", "res.*")}
    assert {key[2] for key in asked(ask, "--mode", "write")} == {"write"}
    assert {key[0] for key in asked(ask, "--as", "public")} == {"public"}
    assert {key[0] for key in asked(ask, "--audience", "base.group_portal")} == {"portal"}
    assert {one["verdict"] for one in asked(ask, "--verdict", "open", "--verdict", "unknown").values()} == {
        "open",
        "unknown",
    }


def test_a_silo(ask: Ask) -> None:
    found = asked(ask, "--question", "silo", "--mode", "read")
    assert {key: one["verdict"] for key, one in found.items()} == {
        ("portal", "nursery.order", "read"): "isolated",
        ("internal", "nursery.order", "read"): "isolated",
    }


def test_what_was_asked_of_companies_is_told_apart(ask: Ask) -> None:
    both = ("prove", "addons", "--model", "nursery.order", "--as", "portal", "-q", "silo", "-q", "isolation")
    text = ask(*both).out
    assert "  portal users\n" in text
    assert "  portal users, of other companies\n" in text
    page = ask(*both, "-f", "html").out
    assert page.count("<h3>Portal users</h3>") == 1
    assert "<h3>Portal users, of other companies</h3>" in page


def test_promises_beside_the_addons_are_held(ask: Ask) -> None:
    Path("addons/ostiary.invariants.yaml").write_text(nursery.INVARIANTS, "utf-8")
    ran = ask("prove", "addons", "-f", "json")
    found = [one for one in json.loads(ran.out)["proofs"] if one["question"] == "separation"]
    assert [(one["invariant"], one["section"]) for one in found] == [
        ("notes stay as they are", "gap"),
        ("visitors see no order", "of-itself"),
    ]
    only = json.loads(ask("prove", "addons", "-f", "json", "-q", "isolation").out)["proofs"]
    assert {one["question"] for one in only} == {"isolation"}
    Path("addons/ostiary.invariants.yaml").rename("promises.yaml")
    named = ask("prove", "addons", "--invariants", "promises.yaml", "-q", "separation")
    assert named.code == 1
    assert "● notes stay as they are: nursery.note" in named.out
    assert "HOLD OF THEMSELVES · 1  nobody may do it at all" in named.out
    assert "· visitors see no order: nursery.order" in named.out
    assert "2 verdicts: 1 gap; 1 holds of itself." in named.out
    assert (
        "Portal users reach what was promised to be out of their reach on 1 model: nursery.note." in named.out
    )


def test_a_promise_that_cannot_be_decided_is_not_kept(ask: Ask) -> None:
    Path("promises.yaml").write_text(
        nursery.INVARIANTS.replace("nursery.order", "nursery.visit").replace("who: public", "who: portal"),
        "utf-8",
    )
    asked_for = ("prove", "addons", "--invariants", "promises.yaml", "-q", "separation", "-f", "json")
    ran = ask(*asked_for)
    found = json.loads(ran.out)["proofs"]
    assert [one["verdict"] for one in found] == ["open", "unknown"]
    Path("promises.yaml").write_text(
        Path("promises.yaml").read_text("utf-8").replace("model: nursery.note", "model: nursery.order"),
        "utf-8",
    )
    ran = ask(*asked_for)
    assert [one["verdict"] for one in json.loads(ran.out)["proofs"]] == ["no-access", "unknown"]
    assert ran.code == 1
    assert ask(*asked_for, "--fail-on", "open").code == 0


def test_every_report_of_a_promise_says_what_it_is(ask: Ask) -> None:
    promise = """invariants:
  - name: orders of others
    who: portal
    model: nursery.note
    modes: [read, write]
    never: "[('partner_id', '!=', False)]"
    why: Notes are about somebody
"""
    Path("promises.yaml").write_text(promise, "utf-8")
    asked_for = ("prove", "addons", "-q", "separation", "--invariants", "promises.yaml")
    said = "Promised: no record of [('partner_id', '!=', False)]. Why: Notes are about somebody."
    assert said in ask(*asked_for).out
    (one, _) = json.loads(ask(*asked_for, "-f", "json").out)["proofs"]
    assert one["never"] == "[('partner_id', '!=', False)]"
    assert one["why"] == "Notes are about somebody"
    assert said.replace("'", "&#39;") in ask(*asked_for, "-f", "html").out.replace("<wbr>", "")
    (run,) = json.loads(ask(*asked_for, "-f", "sarif").out)["runs"]
    text = run["results"][0]["message"]["text"]
    assert text.startswith("orders of others: nursery.note, portal users, read, write: Broken")
    assert "Notes are about somebody." in text
    assert run["results"][0]["properties"]["invariant"] == "orders of others"


def test_a_promise_that_nothing_could_break_is_told_apart(ask: Ask) -> None:
    nothing = nursery.INVARIANTS.replace('never: "[]"', "never: \"[('id', 'in', [])]\"", 1)
    Path("promises.yaml").write_text(nothing, "utf-8")
    ran = ask("prove", "addons", "-q", "separation", "--invariants", "promises.yaml")
    assert "ABOUT NO RECORD · 1" in ran.out
    assert "can't be read" not in ran.out
    assert ran.code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-q", "separation", "--invariants", "none.yaml"], "there is no invariant."),
        (["--except", "*"], "no model with records is left."),
        (
            ["--as", "internal", "--model", "nursery.note"],
            "no access right gives internal users who hold no other group what was asked about on nursery.note.",
        ),
        (
            ["--as", "public,portal", "--mode", "unlink"],
            "no access right gives public visitors or portal users what was asked about on any of these 5 models.",
        ),
        (["-q", "silo", "--model", "nursery.note"], "none of these models belongs to a company."),
    ],
)
def test_where_nothing_is_asked_it_says_why(ask: Ask, arguments: list[str], says: str) -> None:
    Path("none.yaml").write_text("invariants: []\n", "utf-8")
    ran = ask("prove", "addons", *arguments)
    assert ran.code == 0
    assert f"Nothing was asked: {says}" in " ".join(ran.out.split())
    assert "Proved of" not in ran.out
    assert "verdict" not in ran.out.partition("Verdicts may")[0]
    document = json.loads(ask("prove", "addons", *arguments, "-f", "json").out)
    assert document["nothing_asked"] == f"Nothing was asked: {says}"
    page = ask("prove", "addons", *arguments, "-f", "html").out.replace("<wbr>", "")
    assert f"Nothing was asked: {says}" in page


def test_a_rule_that_odoo_refuses_counts_as_a_gap(ask: Ask) -> None:
    refused = nursery.RULES.replace("('website_published', '=', True)", "('nowhere', '=', True)")
    nursery.write(Path("addons"), {"nursery/security/rules.xml": refused})
    ran = ask("prove", "addons", "--model", "nursery.leaflet")
    assert ran.code == 1
    assert "2 of what is not known rest on a rule that Odoo raises an error for" in ran.out
    assert ask("prove", "addons", "--model", "nursery.leaflet", "--fail-on", "open").code == 0
    assert "Odoo raises an error for" not in ask("prove", "addons", "--model", "nursery.visit").out


def test_what_was_not_read_is_named(ask: Ask) -> None:
    manifest = nursery.FILES["nursery/__manifest__.py"].replace('"portal"]', '"portal", "orchard"]')
    nursery.write(Path("addons"), {"nursery/__manifest__.py": manifest})
    said = " ".join(ask("prove", "addons").out.split())
    assert "1 module that others need was not found: orchard." in said
    assert "bundled summary only: " in said
    assert "a module that was not read may open what is isolated here" in said
    document = json.loads(ask("prove", "addons", "-f", "json").out)
    assert [(one["kind"], one["name"]) for one in document["unresolved"] if one["kind"] == "module"] == [
        ("module", "orchard")
    ]
    assert "base" in document["summarised"]
    page = ask("prove", "addons", "-f", "html").out.replace("<wbr>", "")
    assert "1 module that others need was not found: orchard." in page
    (run,) = json.loads(ask("prove", "addons", "-f", "sarif").out)["runs"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert "unresolved-module" in {one["descriptor"]["id"] for one in notes}


INSIDE = """<odoo>
    <record id="group_seller" model="res.groups">
        <field name="name">Seller</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
    </record>
    <record id="group_clerk" model="res.groups">
        <field name="name">Clerk</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
    </record>
    <record id="group_nobody" model="res.groups"><field name="name">Nobody's</field></record>
</odoo>
"""


def test_a_silo_is_about_the_groups_that_rights_name_too(ask: Ask) -> None:
    rights = (
        "order_seller,order seller,model_nursery_order,nursery.group_seller,1,1,1,1\n"
        "order_clerk,order clerk,model_nursery_order,nursery.group_clerk,1,0,0,0\n"
        "order_system,order system,model_nursery_order,base.group_system,1,1,1,1\n"
        "note_clerk,note clerk,model_nursery_note,nursery.group_nobody,1,0,0,0\n"
    )
    nursery.write(
        Path("addons"),
        {
            "nursery/__manifest__.py": nursery.FILES["nursery/__manifest__.py"].replace(
                '"data": [', '"data": ["security/groups.xml", '
            ),
            "nursery/security/groups.xml": INSIDE,
            "nursery/security/ir.model.access.csv": nursery.RIGHTS + rights,
        },
    )
    policy = open_policy(["addons"], cache=False)
    found = [(one.audience, one.mode.value) for one in tasks(policy, questions=["silo"])]
    # What is left to a group exactly as to internal users is asked about once.
    assert found == [
        ("base.group_user", "read"),
        ("base.group_user", "write"),
        ("base.group_user", "create"),
        ("nursery.group_seller", "unlink"),
        ("portal", "read"),
    ]


def test_the_story_reads_from_the_first_letter(ask: Ask) -> None:
    """Customers are named in the order in which the sentence speaks of them, whoever else there has to be."""
    above = """<odoo>
    <record id="note_above" model="ir.rule">
        <field name="name">Notes of contacts below another</field>
        <field name="model_id" ref="model_nursery_note"/>
        <field name="domain_force">[('partner_id.parent_id', '!=', user.partner_id.parent_id.id),
            ('partner_id.parent_id', '!=', False), ('partner_id.parent_id.is_company', '=', True)]</field>
    </record>
"""
    nursery.write(Path("addons"), {"nursery/security/rules.xml": nursery.RULES.replace("<odoo>\n", above)})
    found = asked(ask, "--model", "nursery.note", "--mode", "read")["portal", "nursery.note", "read"]
    assert re.fullmatch(
        r"A portal user of Contact A reads Note \d+, which is Contact B's\.", found["witness"]["story"]
    )


IDLE = """order_again,order again,model_nursery_order,base.group_portal,1,0,0,0
tag_nothing,tag nothing,model_nursery_tag,base.group_user,0,0,0,0
"""
EVERY = """<odoo>
    <record id="note_every" model="ir.rule">
        <field name="name">Every note</field>
        <field name="model_id" ref="model_nursery_note"/>
        <field name="domain_force">[(1, '=', 1)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
"""


def test_definitions_that_do_nothing(ask: Ask) -> None:
    # Not of its own accord: what nothing is said of is no waste.
    assert ask("prove", "addons", "--waste", "--fail-on", "waste").code == 0
    nursery.write(
        Path("addons"),
        {
            "nursery/security/ir.model.access.csv": nursery.RIGHTS + IDLE,
            "nursery/security/rules.xml": nursery.RULES.replace("<odoo>\n", EVERY),
        },
    )
    # Invariants beside the addons are no part of it.
    Path("addons/ostiary.invariants.yaml").write_text("nonsense", "utf-8")
    ran = ask("prove", "addons", "--waste")
    assert (ran.code, ran.err) == (0, "")
    assert "○ nursery.note_every  nursery.note  ·  limits nobody · read, write" in ran.out
    assert "addons/nursery/security/rules.xml:2" in ran.out
    assert "3 definitions do nothing: 1 record rule, 1 access right that gives nothing and 1" in ran.out
    assert ask("prove", "addons", "--waste", "--fail-on", "waste").code == 1
    assert ask("prove", "addons", "--waste", "--fail-on", "waste", "--model", "nursery.leaflet").code == 0
    assert ask("prove", "addons", "--waste", "--fail-on", "waste", "--except", "nursery.[not]*").code == 0
    found = json.loads(ask("prove", "addons", "--waste", "-f", "json", "--model", "nursery.[nt]*").out)[
        "waste"
    ]
    assert [one["definition"] for one in found] == ["nursery.note_every", "nursery.tag_nothing"]
    ran = ask("prove", "addons", "--waste", "-o", "idle.html", "--title", "Kew")
    assert ran.out.endswith("The report is idle.html.\n")
    assert ran.out.startswith("3 definitions do nothing")
    assert "nursery.note_every" in Path("idle.html").read_text("utf-8").replace("<wbr>", "")
    assert json.loads(ask("prove", "addons", "--waste", "-f", "sarif").out)["runs"][0]["results"]


def test_what_does_nothing_in_modules_made_for_tests_is_left_out(ask: Ask) -> None:
    manifest = nursery.FILES["nursery/__manifest__.py"].replace(
        '"depends"', '"category": "Hidden/Tests", "depends"'
    )
    files = {
        "nursery/__manifest__.py": manifest,
        "nursery/security/ir.model.access.csv": nursery.RIGHTS + IDLE,
    }
    nursery.write(Path("addons"), files)
    assert json.loads(ask("prove", "addons", "--waste", "-f", "json").out)["waste"] == []
    asked_for = json.loads(ask("prove", "addons", "--waste", "-f", "json", "--model", "nursery.*").out)[
        "waste"
    ]
    assert len(asked_for) == 2


def test_a_file_by_its_ending(ask: Ask) -> None:
    for name, start in (
        ("a.html", "<!doctype html>"),
        ("a.json", "{"),
        ("a.sarif", "{"),
        ("a.txt", "Ostiary"),
    ):
        ran = ask("prove", "addons", "-o", name)
        assert ran.code == 1
        assert ran.out.endswith(f"The report is {name}.\n")
        assert Path(name).read_text("utf-8").startswith(start)
    assert json.loads(Path("a.sarif").read_text("utf-8"))["runs"][0]["results"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere does not exist"),
        (["addons", "--as", "portl"], "There is no group portl; did you mean portal?"),
        (["addons", "--model", "nursery.ordr"], "No model with records is called nursery.ordr; did you"),
        (["addons", "--invariants", "none.yaml"], "none.yaml"),
        (["addons", "-q", "separation"], "There are no invariants to hold"),
        (["addons", "-o", "no/where.json"], "there is no folder no"),
        (["addons", "--waste", "--as", "portal"], "--as does not go with it"),
        (["addons", "--waste", "--verdict", "open"], "--verdict does not go with it"),
        (["addons", "--waste", "--fail-on", "gap"], "--fail-on gap does not go with it"),
        (["addons", "--fail-on", "waste"], "--fail-on waste needs --waste"),
        (["addons", "--fail-on", "sometimes"], "'sometimes' is not one of"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(ask: Ask, arguments: list[str], says: str) -> None:
    ran = ask("prove", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err
    assert ran.err.count("ostiary: ") == 1


def test_a_promise_about_what_is_not_there(ask: Ask) -> None:
    Path("promises.yaml").write_text(nursery.INVARIANTS.replace("nursery.note", "nursery.nota"), "utf-8")
    ran = ask("prove", "addons", "--invariants", "promises.yaml")
    assert ran.code == 2
    assert "promises.yaml:5" in ran.err
    assert "there is no model nursery.nota; did you mean nursery.note" in ran.err


@pytest.mark.parametrize(("module", "says"), [("cvc5", "pip install '.[cross-check]'"), ("z3", "z3-solver")])
def test_a_solver_that_is_not_installed(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, module: str, says: str
) -> None:
    def lacking(*arguments: object, **options: object) -> None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr("ostiary.prove.run.proofs", lacking)
    ran = ask("prove", "addons", "--cross-check")
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_the_second_solver_is_imported_where_it_is_asked_only(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def lacking(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "cvc5":
            raise ModuleNotFoundError("No module named 'cvc5'", name="cvc5")
        return real(name, *arguments, **options)

    for name in [name for name in sys.modules if name.partition(".")[0] == "cvc5"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", lacking)
    assert ask("prove", "addons", "--model", "nursery.order").code == 0
    ran = ask("prove", "addons", "--model", "nursery.order", "--cross-check")
    assert ran.code == 2
    assert "cvc5, which is not installed" in ran.err


def test_both_solvers_agree(ask: Ask) -> None:
    pytest.importorskip("cvc5")
    found = asked(ask, "--cross-check", "--model", "nursery.order,nursery.note")
    assert all(one["checked"] for one in found.values())
    agreed = "cvc5 agreed with every verdict that it could decide."
    assert agreed in ask("prove", "addons", "--cross-check", "--model", "nursery.order").out
    assert agreed not in ask("prove", "addons", "--model", "nursery.order").out


def test_solvers_that_do_not_agree(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def differ(*arguments: object, **options: object) -> None:
        raise Disagreement("z3 says yes and cvc5 says no")

    monkeypatch.setattr("ostiary.prove.run.proofs", differ)
    ran = ask("prove", "addons", "-o", "out.json")
    assert ran.code == 2
    assert "The two solvers do not agree" in ran.err
    assert not Path("out.json").exists()


def test_interrupted_in_the_middle_of_a_proof(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    Path("out.json").write_text("before", "utf-8")
    monkeypatch.setattr("ostiary.prove.Prover.isolation", stop)
    ran = ask("prove", "addons", "-o", "out.json")
    assert (ran.code, ran.err) == (app.INTERRUPTED, "ostiary: Interrupted.")
    assert Path("out.json").read_text("utf-8") == "before"
    assert [path.name for path in Path().iterdir() if path.name.startswith(".out")] == []


def test_interrupted_while_a_witness_is_asked_about(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLAlchemy closes a connection in which that happens: it must not become an error of its own."""
    seen: list[str] = []

    def stop(self: object, cursor: object, statement: str, *arguments: object, **options: object) -> None:
        seen.append(statement)
        raise KeyboardInterrupt

    monkeypatch.setattr("sqlalchemy.engine.default.DefaultDialect.do_execute", stop)
    ran = ask("prove", "addons", "--model", "nursery.leaflet")
    assert seen
    assert (ran.code, ran.err) == (app.INTERRUPTED, "ostiary: Interrupted.")


def test_an_interruption_reaches_us_through_the_solver(tmp_path: Path) -> None:
    """z3 takes the signal while it works: it must not be read as "unknown"."""
    script = tmp_path / "ask.py"
    # Thirteen pigeons and twelve holes: a solver needs ages to see that it can't be.
    script.write_text(
        "from itertools import combinations\n"
        "from ostiary.prove.encode import World\n"
        "from ostiary.prove.solver import Solver\n"
        "solver, holes = Solver(World(False)), range(12)\n"
        "text = [f'(declare-const p{one}_{hole} Bool)' for one in range(13) for hole in holes]\n"
        "for one in range(13):\n"
        "    text.append('(assert (or ' + ' '.join(f'p{one}_{hole}' for hole in holes) + '))')\n"
        "for hole in holes:\n"
        "    for one, other in combinations(range(13), 2):\n"
        "        text.append(f'(assert (not (and p{one}_{hole} p{other}_{hole})))')\n"
        "solver._solver.from_string(''.join(text))\n"
        "print('asking', flush=True)\n"
        "try:\n"
        "    print(solver.check([]))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n",
        "utf-8",
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "asking\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert said == "interrupted\n"


def test_a_defect_is_said_on_the_error_output(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    def broken(policy: Any, **options: Any) -> Any:
        for one in proofs(policy, **options):
            yield msgspec.structs.replace(one, defect="a record that should pass does not")

    monkeypatch.setattr("ostiary.prove.run.proofs", broken)
    ran = ask("prove", "addons", "--model", "nursery.order", "-f", "json")
    assert "this is a defect of Ostiary, please report it" in ran.err
    json.loads(ran.out)


# -- what is asked by default ----------------------------------------------------------------------------------


def test_models_of_other_modules_are_left_out(ask: Ask) -> None:
    policy = open_policy(["addons"], cache=False)
    assert {one.model for one in tasks(policy)} == {
        "nursery.leaflet", "nursery.note", "nursery.order", "nursery.tag", "nursery.visit",
    }  # fmt: skip
    assert {one.model for one in tasks(policy, models=["res.partner"])} == {"res.partner"}


def test_modules_made_for_tests_are_left_out(ask: Ask) -> None:
    manifest = nursery.FILES["nursery/__manifest__.py"].replace(
        '"depends"', '"category": "Hidden/Tests", "depends"'
    )
    nursery.write(Path("addons"), {"nursery/__manifest__.py": manifest})
    policy = open_policy(["addons"], cache=False)
    assert tasks(policy) == []
    assert tasks(policy, models=["nursery.note"]) != []
    ran = ask("prove", "addons")
    assert ran.code == 0
    assert "Nothing was asked: the modules asked about concern no model with records." in ran.out
    assert "Proved of" not in ran.out


def test_a_group_of_ones_own_is_asked_about_where_it_differs(ask: Ask) -> None:
    group = """<odoo>
    <record id="group_grower" model="res.groups">
        <field name="name">Grower</field>
        <field name="implied_ids" eval="[(4, ref('base.group_portal'))]"/>
    </record>
</odoo>
"""
    extra = "tag_grower,tag grower,model_nursery_tag,nursery.group_grower,1,1,0,0\n"
    nursery.write(
        Path("addons"),
        {
            "nursery/__manifest__.py": nursery.FILES["nursery/__manifest__.py"].replace(
                '"data": [', '"data": ["security/groups.xml", '
            ),
            "nursery/security/groups.xml": group,
            "nursery/security/ir.model.access.csv": nursery.RIGHTS + extra,
        },
    )
    policy = open_policy(["addons"], cache=False)
    own = [(one.model, one.mode.value) for one in tasks(policy) if one.audience == "nursery.group_grower"]
    assert own == [("nursery.tag", "write")]
    named = {one.model for one in tasks(policy, audiences=["nursery.group_grower"])}
    assert "nursery.order" in named


def test_words_for_audiences(ask: Ask) -> None:
    policy = open_policy(["addons"], cache=False)
    assert proving.named_audiences(policy, ["internal,portal"]) == ["base.group_user", "portal"]
    assert proving.named_audiences(policy, None) is None
