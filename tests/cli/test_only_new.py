"""`ostiary audit` with baselines, earlier revisions, comments and settings: what is left, and the exit codes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import addons
from ostiary.cli import app

ROW = "bed_portal,bed portal,model_garden_bed,base.group_portal,1,1,0,0"
Audit = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, a git repository with the addons in `open`."""
    folder = tmp_path / "work"
    addons.write(folder / "open")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "OSTIARY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main", ".")
    commit("as it was")
    return folder


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def commit(message: str) -> None:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture
def audit(work: Path, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Audit `open` (or what is named) as JSON: the exit code, the report, and what was said beside it."""

    def run(*arguments: str, target: str = "open") -> tuple[int, dict[str, Any], str]:
        capsys.readouterr()
        code = app.run(["audit", target, "-f", "json", *arguments])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else {}, said.err

    return run


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def checks(report: dict[str, Any], key: str = "findings") -> set[tuple[str, str]]:
    found = [each["finding"] if key == "suppressed" else each for each in report[key]]
    return {(each["check"], each["subject"]) for each in found}


RIGHTS = "open/garden/security/ir.model.access.csv"


# ----------------------------------------------------------------------------------------------- baselines


def test_a_baseline_is_written_and_known(audit: Audit, work: Path) -> None:
    code, plain, _ = audit()
    assert code == 1
    code, report, said = audit("--write-baseline", "known.json")
    count = len(plain["findings"])
    assert (code, report) == (0, plain)
    assert said == f"The baseline known.json holds {count} findings.\n"
    assert [path.name for path in work.iterdir() if path.name.startswith(".known")] == []
    code, report, said = audit("--baseline", "known.json")
    assert (code, report["findings"], said) == (0, [], "")
    assert report["compared"] == [
        {"with": "baseline", "name": "known.json", "known": count, "gone": 0, "graver": 0, "absent": []}
    ]


def test_a_baseline_survives_moved_lines_and_renamed_folders(audit: Audit, work: Path) -> None:
    audit("--write-baseline", "known.json")
    edit(
        RIGHTS,
        ROW,
        f"{ROW}\n".replace("bed_portal", "bed_user").replace("base.group_portal", "base.group_user") + ROW,
    )
    edit("open/garden/models.py", "from odoo", "# A line more.\nfrom odoo")
    (work / "src").mkdir()
    (work / "open").rename(work / "src" / "addons")
    code, report, _ = audit("--baseline", "known.json", target="src/addons")
    assert (code, report["findings"], report["compared"][0]["gone"]) == (0, [], 0)


def test_what_is_new_is_reported_and_what_is_gone_counted(
    audit: Audit, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit("--write-baseline", "known.json")
    edit(RIGHTS, ROW, ROW.replace("bed_portal", "bed_other"))
    code, report, _ = audit("--baseline", "known.json")
    assert code == 1
    assert {subject for _, subject in checks(report)} == {"garden.bed_other"}
    assert report["compared"][0]["gone"] == len(report["findings"])
    app.run(["audit", "open", "--baseline", "known.json"])
    said = " ".join(capsys.readouterr().out.split())
    assert "mended: write it anew with --write-baseline." in said
    # The old one may be read and written in one run.
    assert audit("--baseline", "known.json", "--write-baseline", "known.json")[0] == 0
    assert audit("--baseline", "known.json")[1]["compared"][0]["gone"] == 0


def test_a_baseline_of_the_settings_is_written_the_first_time(audit: Audit, work: Path) -> None:
    (work / "ostiary.toml").write_text('baseline = "known.json"')
    assert "The baseline known.json can't be read" in audit()[2]
    assert audit("--write-baseline", "known.json")[0] == 0
    assert audit()[0] == 0
    assert audit("--no-config")[0] == 1


def test_a_known_finding_that_reaches_further_is_reported(
    audit: Audit, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit("--write-baseline", "known.json")
    edit(RIGHTS, ROW, ROW.replace("1,1,0,0", "1,1,1,1"))
    for option in (("--baseline", "known.json"), ("--diff", "HEAD")):
        code, report, _ = audit(*option)
        assert code == 1
        assert checks(report) == {("share-can-write", "garden.bed_portal")}
        assert (report["compared"][0]["graver"], report["compared"][0]["gone"]) == (1, 0)
        for form in ("terminal", "markdown", "sarif", "html"):
            app.run(["audit", "open", "-f", form, *option])
            said = " ".join(capsys.readouterr().out.split())
            assert "1 known finding became graver or reaches further: it is among the findings." in said
    edit(RIGHTS, ROW.replace("1,1,0,0", "1,1,1,1"), ROW.replace("1,1,0,0", "1,0,0,0"))
    assert "share-can-write" not in {check for check, _ in checks(audit("--diff", "HEAD")[1])}


def test_what_is_still_there_is_not_mended(audit: Audit, work: Path) -> None:
    audit("--write-baseline", "known.json")
    known = ("--baseline", "known.json")
    both = audit(*known, "--diff", "HEAD")[1]["compared"]
    assert [(one["with"], one["gone"]) for one in both] == [("baseline", 0), ("base", 0)]
    (work / "ostiary.toml").write_text(
        '[[accept]]\nchecks = ["share-can-write"]\nmodules = ["garden"]\nreason = "a trial"\n'
    )
    assert audit(*known)[1]["compared"][0]["gone"] == 0
    assert audit("--diff", "open@HEAD")[1]["compared"][0]["gone"] == 0
    edit(RIGHTS, ROW, f'{ROW},"# ostiary: ignore[share-can-write, share-model-without-rule] a trial"')
    for option in (known, ("--diff", "HEAD")):
        assert audit(*option, "--no-config")[1]["compared"][0]["gone"] == 0


def test_what_is_said_of_comments_is_not_mended_by_fewer_checks(audit: Audit, work: Path) -> None:
    edit(RIGHTS, ROW, f'{ROW},"# ostiary: ignore[group-cycle] a trial"')
    audit("--write-baseline", "known.json")
    for option in (("--select", "share-can-write"), ("--ignore", "group-cycle"), ("--no-comments",)):
        assert audit("--baseline", "known.json", *option)[1]["compared"][0]["gone"] == 0
    edit(RIGHTS, ',"# ostiary: ignore[group-cycle] a trial"', "")
    assert audit("--baseline", "known.json")[1]["compared"][0]["gone"] == 1


# ------------------------------------------------------------------------------------------------ revisions


def test_only_what_a_change_introduces_is_reported(audit: Audit, work: Path) -> None:
    plain = audit()[1]
    code, report, _ = audit("--diff", "HEAD")
    assert (code, report["findings"]) == (0, [])
    assert report["compared"] == [
        {
            "with": "base",
            "name": "HEAD",
            "known": len(plain["findings"]),
            "gone": 0,
            "graver": 0,
            "absent": [],
        }
    ]
    edit(RIGHTS, ROW, "plant_all,all,model_garden_plant,,1,1,0,0")
    code, report, _ = audit("--diff", "HEAD")
    assert code == 1
    assert ("access-right-without-group", "garden.plant_all") in checks(report)
    assert report["compared"][0]["gone"] > 0
    commit("a right for everybody")
    assert audit("--diff", "HEAD")[0] == 0
    assert audit("--diff", "HEAD~1")[1]["findings"] == report["findings"]
    assert audit("--diff", "HEAD~1", target="open@HEAD~1")[1]["findings"] == []


def test_a_base_may_be_a_path_or_a_snapshot(audit: Audit, work: Path) -> None:
    addons.write(work / "mended", mended=True)
    code, report, _ = audit("--diff", "mended")
    assert code == 1
    assert {subject for _, subject in checks(report)} == {"garden.bed_portal"}
    assert app.run(["snapshot", "mended", "-o", "before.json", "--no-progress"]) == 0
    again = audit("--diff", "before.json")[1]
    assert again["findings"] == report["findings"]
    assert again["compared"][0]["name"] == "before.json"
    assert audit("--diff", "open@HEAD")[1]["findings"] == []


def test_what_was_not_there_yet_is_new(audit: Audit, work: Path) -> None:
    addons.write(work / "more")
    code, report, _ = audit("--diff", "HEAD", target="more")
    assert (code, report["compared"][0]["known"], report["compared"][0]["absent"]) == (1, 0, ["more"])
    assert len(report["findings"]) == len(audit()[1]["findings"])
    (work / "empty").mkdir()
    (work / "empty" / "README").write_text("Nothing here yet.")
    commit("a folder to begin with")
    addons.write(work / "empty")
    code, report, _ = audit("--diff", "HEAD", target="empty")
    assert (code, report["compared"][0]["known"]) == (1, 0)
    (work / "open" / "garden").rename(work / "open" / "orchard")
    code, report, _ = audit("--diff", "HEAD", "--modules", "orchard")
    assert (code, report["compared"][0]["known"], report["compared"][0]["absent"]) == (1, 0, ["orchard"])


def test_dependencies_beside_the_targets_are_those_of_the_revision(audit: Audit, work: Path) -> None:
    (work / "deps").mkdir()
    (work / "open" / "garden").rename(work / "deps" / "garden")
    addon = work / "open" / "hedge"
    addon.mkdir()
    (addon / "__init__.py").write_text("")
    (addon / "__manifest__.py").write_text(
        "{'name': 'Hedge', 'version': '18.0.1.0.0', 'depends': ['garden'], 'data': ['access.xml']}"
    )
    (addon / "access.xml").write_text(
        '<odoo><record id="hedge_right" model="ir.model.access"><field name="name">x</field>'
        '<field name="model_id" ref="garden.model_garden_tool"/>'
        '<field name="group_id" ref="base.group_user"/><field name="perm_read">1</field></record></odoo>'
    )
    commit("a hedge, and no tool")
    with (work / "deps" / "garden" / "models.py").open("a") as file:
        file.write('\n\nclass Tool(models.Model):\n    _name = "garden.tool"\n    _description = "Tool"\n')
    report = audit("--diff", "HEAD", "--addons-path", "deps", "--min-severity", "high")[1]
    assert report["findings"] == []
    assert report["compared"][0]["gone"] > 0


# -------------------------------------------------------------------------------------- comments, settings


def test_comments_are_honoured_and_listed(
    audit: Audit, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = checks(audit()[1])
    mine = {each for each in before if each[1] == "garden.bed_portal"}
    names = ", ".join(check for check, _ in mine)
    edit(RIGHTS, ROW, f'{ROW},"# ostiary: ignore[{names}] beds are public, and so is their soil"')
    code, report, _ = audit()
    assert code == 0
    assert checks(report) == before - mine
    assert checks(report, "suppressed") == mine
    assert {(one["by"], one["reason"], one["path"], one["line"]) for one in report["suppressed"]} == {
        ("comment", "beds are public, and so is their soil", RIGHTS, 4)
    }
    assert report["summary"]["suppressed"] == len(mine)
    assert checks(audit("--no-comments")[1]) == before
    app.run(["audit", "open", "-f", "sarif"])
    [run] = json.loads(capsys.readouterr().out)["runs"]
    accepted = [each for each in run["results"] if "suppressions" in each]
    assert {each["ruleId"] for each in accepted} == {check for check, _ in mine}
    assert [(one["kind"], one["justification"]) for each in accepted for one in each["suppressions"]] == [
        ("inSource", "beds are public, and so is their soil")
    ] * len(mine)
    app.run(["audit", "open"])
    assert "accepted by a comment, with a reason." in " ".join(capsys.readouterr().out.split())


def test_settings_decide_and_are_said(audit: Audit, work: Path) -> None:
    plain = audit()[1]
    names = sorted({check for check, _ in checks(plain)})
    (work / "ostiary.toml").write_text(f'ignore = ["{names[0]}"]\nmin_severity = "low"\nfail_on = "never"\n')
    code, report, _ = audit()
    assert code == 0
    assert names[0] not in {check for check, _ in checks(report)} | set(report["checks"])
    assert report["settings"] == [
        f"1 check is ignored by ostiary.toml: {names[0]}.",
        "Findings below low are left out by ostiary.toml.",
    ]
    assert report["summary"]["min_severity"] == "low"
    assert audit("--fail-on", "info", "--select", names[0])[0] == 1
    assert audit("--no-config")[1] == plain
    accept = f'[[accept]]\nchecks = {json.dumps(names)}\npaths = ["open/garden"]\nreason = "a trial"\n'
    (work / "trial.toml").write_text(accept)
    code, report, _ = audit("--config", "trial.toml")
    assert (code, report["findings"]) == (0, [])
    assert {one["by"] for one in report["suppressed"]} == {"settings"}
    count = len(plain["findings"])
    assert report["settings"] == [f"{count} findings are accepted by trial.toml."]


def test_settings_say_what_is_read(audit: Audit, work: Path) -> None:
    (work / "open" / "garden" / "__manifest__.py").write_text(
        "{'name': 'Garden', 'depends': ['base', 'portal', 'soil'], 'demo': ['demo.xml'], "
        "'data': ['security/groups.xml', 'security/ir.model.access.csv']}"
    )
    (work / "open" / "garden" / "demo.xml").write_text(
        '<odoo><record id="for_all" model="ir.model.access"><field name="name">x</field>'
        '<field name="model_id" ref="model_garden_bed"/><field name="perm_write">1</field></record></odoo>'
    )
    (work / "deps" / "soil").mkdir(parents=True)
    (work / "deps" / "soil" / "__manifest__.py").write_text("{'name': 'Soil', 'depends': ['base']}")
    (work / "conf").mkdir()
    (work / "conf" / "ostiary.toml").write_text('addons_path = ["../deps"]\nodoo = "17.0"\ndemo = true\n')
    report = audit("--config", "conf/ostiary.toml")[1]
    assert report["odoo"] == "17.0"
    assert report["unresolved"] == []
    assert ("access-right-without-group", "garden.for_all") in checks(report)
    report = audit("--config", "conf/ostiary.toml", "--no-demo", "--odoo", "18.0")[1]
    assert report["odoo"] == "18.0"
    assert "garden.for_all" not in {subject for _, subject in checks(report)}


def test_all_reports_on_dependencies_too(audit: Audit, work: Path) -> None:
    addon = work / "mine" / "hedge"
    addon.mkdir(parents=True)
    (addon / "__init__.py").write_text("")
    (addon / "__manifest__.py").write_text(
        "{'name': 'Hedge', 'version': '18.0.1.0.0', 'depends': ['garden']}"
    )
    there = ("--addons-path", "open")
    code, report, _ = audit(*there, target="mine")
    assert (code, report["findings"]) == (0, [])
    code, report, _ = audit(*there, "--all", target="mine")
    assert code == 1
    assert ("share-can-write", "garden.bed_portal") in checks(report)
    said, summaries = report["settings"]
    assert said == "The modules that others depend on were audited too."
    assert summaries.endswith("to audit them too.")
    [summaries] = audit("--all")[1]["settings"]
    assert "were not audited: Ostiary knows only a summary of each." in summaries
    assert {each["module"] for each in report["findings"]} == {"garden"}
    (work / "ostiary.toml").write_text("all = true")
    assert audit(*there, target="mine")[0] == 1
    assert audit(*there, "--only-targets", target="mine")[0] == 0


def test_the_checks_that_always_run_are_counted_apart(
    audit: Audit, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.run(["audit", "open", "--select", "share-can-write"])
    assert "(share-can-write and 3 that always run)" in capsys.readouterr().out
    ran = len(audit()[1]["checks"])
    app.run(["audit", "open", "--ignore", "share-can-write"])
    assert f"({ran - 4} checks and 3 that always run)" in capsys.readouterr().out
    app.run(["audit", "open"])
    assert f"({ran} checks ran)" in capsys.readouterr().out


def test_the_ending_of_a_file_chooses_the_format(work: Path, audit: Audit) -> None:
    for name in ("found.txt", "found", "/dev/null"):
        assert app.run(["audit", "open", "--output", name, "--no-progress"]) == 1
    assert "checks ran" in (work / "found.txt").read_text()
    assert (work / "found").read_text() == (work / "found.txt").read_text()
    assert app.run(["audit", "open", "-o", "found.xyz", "-f", "json", "--no-progress"]) == 1


# -------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--baseline", "none.json"], "The baseline none.json can't be read: No such file or directory."),
        (["--baseline", "open"], "open is no file"),
        (["--baseline", "bad.json"], "bad.json is no baseline that --write-baseline wrote"),
        (["--write-baseline", "open"], "open is a folder: name a file to write."),
        (["--write-baseline", "no/where.json"], "there is no folder no"),
        (["--write-baseline", "a.json", "--diff", "HEAD"], "--write-baseline keeps all findings and --diff"),
        (["--diff", "nope"], "open@nope can't be read as path@revision: the repository has no such revision"),
        (["--diff", "bad.json"], "bad.json"),
        (["--diff", "none"], "none holds no Odoo module"),
        (["--diff", ""], "open@"),
        (["--config", "none.toml"], "none.toml can't be read"),
        (["--config", "bad.toml"], "bad.toml: there is no setting called slect; did you mean select?"),
        (["--config", "unknown.toml"], "unknown.toml: There is no check called share-can-wite; did you mean"),
        (["--config", "bad.toml", "--no-config"], "--config and --no-config don't go together."),
        (["--config", "away.toml"], "away.toml: addons_path names nowhere, which is not there."),
        (["--config", "away.toml", "--addons-path", "none"], "away.toml: baseline: The baseline gone.json can't be"),
        (["--config", "group.toml"], "group.toml: audiences: There is no group called garden.nobody; "),
        (["--output", "found.xyz"], "found.xyz has an ending that says no format: name it with --format, or end it in"),
        (["--fail-on", "grave"], "'--fail-on': 'grave' is not one of"),
        (["--select", "share-can-wite"], "There is no check called share-can-wite; did you mean share-can-write"),
        (["--all", "--modules", "nothing"], "There is no module nothing"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_sentence(
    work: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    (work / "none").mkdir()
    (work / "bad.json").write_text("{}")
    (work / "bad.toml").write_text('slect = ["a"]')
    (work / "away.toml").write_text('addons_path = ["nowhere"]\nbaseline = "gone.json"')
    (work / "group.toml").write_text('audiences = ["garden.nobody"]')
    (work / "unknown.toml").write_text('ignore = ["share-can-wite"]')
    assert app.run(["audit", "open", "--no-progress", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("ostiary: ")
    assert said.err.count("\n") == 1
    assert says in " ".join(said.err.split())


def test_a_folder_without_revisions(tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    addons.write(tmp_path / "plain")
    assert app.run(["audit", str(tmp_path / "plain"), "--diff", "HEAD"]) == 2
    assert "the folder is in no git repository, so it has no revisions" in " ".join(
        capsys.readouterr().err.split()
    )
    assert app.run(["audit", "postgresql://u:SECRET@127.0.0.1:1/odoo", "--diff", "HEAD"]) == 2
    assert "SECRET" not in capsys.readouterr().err


def test_an_error_leaves_the_old_baseline(work: Path, audit: Audit) -> None:
    audit("--write-baseline", "known.json")
    before = (work / "known.json").read_bytes()
    assert audit("--write-baseline", "known.json", "--odoo", "x")[0] == 2
    assert (work / "known.json").read_bytes() == before
