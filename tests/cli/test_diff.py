"""`ostiary diff`, asked of two versions of a small addon."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli import nursery
from cli.test_prove import Ask, ask
from ostiary.cli import app

__all__ = ["ask"]

WIDER = {
    "nursery/security/ir.model.access.csv": nursery.RIGHTS.replace(
        "tag_portal,tag portal,model_nursery_tag,base.group_portal,1,0,0,0",
        "tag_portal,tag portal,model_nursery_tag,base.group_portal,1,1,0,0",
    )
}
REWRITTEN = {
    "nursery/security/rules.xml": nursery.RULES.replace(
        "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]",
        "['!', '&amp;', ('company_id', '!=', False), ('company_id', 'not in', company_ids)]",
    )
}
UNREADABLE = {
    "nursery/security/rules.xml": nursery.RULES.replace("('near', '=', True)", "('near', '=', False)")
}


def differences(ran: Any) -> list[tuple[str, str, str, str]]:
    found = json.loads(ran.out)["differences"]
    return [(one["audience"], one["model"], one["mode"], one["change"]) for one in found]


def test_what_is_new(ask: Ask) -> None:
    nursery.write(Path("new"), WIDER)
    ran = ask("diff", "addons", "new", "-f", "json")
    assert ran.code == 0
    assert differences(ran) == [("portal", "nursery.tag", "write", "more")]
    (one,) = json.loads(ran.out)["differences"]
    assert one["causes"] == ["nursery.tag_portal"]
    assert one["gained"]["reproduced"] is True
    assert one["lost"] is None
    back = ask("diff", "new", "addons", "-f", "json")
    assert differences(back) == [("portal", "nursery.tag", "write", "less")]


def test_failing_where_it_is_wider(ask: Ask) -> None:
    nursery.write(Path("new"), WIDER)
    assert ask("diff", "addons", "new", "--fail-on-wider").code == 1
    assert ask("diff", "new", "addons", "--fail-on-wider").code == 0
    assert ask("diff", "addons", "new", "--fail-on-wider", "--model", "nursery.order").code == 0
    assert ask("diff", "addons", "new", "--fail-on-wider", "--except", "*.tag").code == 0
    assert ask("diff", "addons", "new", "--fail-on-wider", "--as", "public").code == 0


def test_meaning_is_compared_and_not_text(ask: Ask) -> None:
    nursery.write(Path("new"), REWRITTEN)
    assert Path("new/nursery/security/rules.xml").read_text() != nursery.RULES
    ran = ask("diff", "addons", "new", "--fail-on-wider")
    assert (ran.code, ran.err) == (0, "")
    assert "\nNo difference: everybody reaches what they reached.\n" in ran.out
    assert "bundled summary only: " in ran.out
    none = ask("diff", "addons", "new", "--except", "*")
    assert "\nNothing was compared: no model is left.\n" in none.out


def test_what_cannot_be_read_is_not_taken_for_the_same(ask: Ask) -> None:
    nursery.write(Path("new"), UNREADABLE)
    ran = ask("diff", "addons", "new", "-f", "json", "--fail-on-wider")
    assert ran.code == 1
    assert differences(ran) == [("portal", "nursery.visit", "read", "unknown")]


def test_on_a_terminal_and_as_markdown(ask: Ask) -> None:
    nursery.write(Path("new"), WIDER)
    text = ask("diff", "addons", "new").out
    assert "+ nursery.tag  ·  portal users  ·  write" in text
    assert "→ Now: A portal user of" in text
    assert "The access right nursery.tag_portal changed" in text
    assert "new/nursery/security/ir.model.access.csv:7" in text
    assert "the record: " in ask("diff", "addons", "new", "-w").out
    ran = ask("diff", "addons", "new", "-o", "change.md")
    assert ran.out.startswith("1 difference: 1 more.\n")
    assert "bundled summary only: " in ran.out
    assert ran.out.endswith("The report is change.md.\n")
    assert "| more | nursery.tag | portal users | write |" in Path("change.md").read_text("utf-8")


def test_a_snapshot_and_a_revision(ask: Ask) -> None:
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    for words in (["init", "-q", "."], ["add", "addons"], ["commit", "-q", "-m", "as it was"]):
        subprocess.run([*git, *words], check=True)
    assert ask("snapshot", "addons", "-o", "was.json").code == 0
    nursery.write(Path("addons"), WIDER)
    wider = [("portal", "nursery.tag", "write", "more")]
    assert differences(ask("diff", "was.json", "addons", "-f", "json")) == wider
    assert differences(ask("diff", "addons@HEAD", "addons", "-f", "json")) == wider


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["addons"], "Missing argument 'NEW'"),
        (["addons", "nowhere"], "nowhere does not exist"),
        (["addons", "addons", "--as", "nobody.at_all"], "There is no group nobody.at_all"),
        (
            ["addons", "addons", "--model", "nursery.tagg"],
            "No model is called nursery.tagg; did you mean nursery.tag",
        ),
        (["addons", "addons", "-o", "no/where.md"], "there is no folder no"),
        (["addons", "addons", "-o", "d.html"], "--format says terminal, json or markdown"),
    ],
)
def test_mistakes_are_one_sentence(ask: Ask, arguments: list[str], says: str) -> None:
    ran = ask("diff", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_a_group_that_is_gone_can_be_asked_about(ask: Ask) -> None:
    group = """<odoo>
    <record id="group_grower" model="res.groups">
        <field name="name">Grower</field>
    </record>
</odoo>
"""
    manifest = nursery.FILES["nursery/__manifest__.py"].replace(
        '"data": [', '"data": ["security/groups.xml", '
    )
    rights = nursery.RIGHTS + "tag_grower,tag grower,model_nursery_tag,nursery.group_grower,1,0,0,0\n"
    nursery.write(
        Path("was"),
        {
            "nursery/__manifest__.py": manifest,
            "nursery/security/groups.xml": group,
            "nursery/security/ir.model.access.csv": rights,
        },
    )
    ran = ask("diff", "was", "addons", "-f", "json", "--as", "nursery.group_grower")
    assert differences(ran) == [("nursery.group_grower", "nursery.tag", "read", "less")]


def test_interrupted(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ostiary.prove.difference.Comparison.of", stop)
    ran = ask("diff", "addons", "addons", "-o", "out.md")
    assert (ran.code, ran.err) == (app.INTERRUPTED, "ostiary: Interrupted.")
    assert not Path("out.md").exists()
