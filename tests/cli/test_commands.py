"""Each command, run for real."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from cli.conftest import Run
from ostiary import __version__


def test_version(ostiary_alone: Run) -> None:
    ran = ostiary_alone("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"ostiary {__version__}\n", "")


def test_audit_finds_and_fails(ostiary_alone: Run) -> None:
    ran = ostiary_alone("audit", "open")
    assert ran.code == 1
    assert ran.err == ""
    assert "open/garden/security/ir.model.access.csv:4" in ran.out
    assert "share-can-write" in ran.out
    assert "\x1b" not in ran.out


def test_audit_is_clean_when_mended(ostiary: Run) -> None:
    ran = ostiary("audit", "mended")
    assert ran.code == 0
    assert "No findings" in ran.out


def test_fail_on_and_min_severity(ostiary: Run) -> None:
    assert ostiary("audit", "open", "--fail-on", "never").code == 0
    ran = ostiary("audit", "open", "--format", "json", "--min-severity", "HIGH", "--fail-on", "critical")
    graded = {each["severity"] for each in json.loads(ran.out)["findings"]}
    assert graded <= {"critical", "high"}
    assert ran.code == (1 if "critical" in graded else 0)


def test_select_and_ignore(ostiary: Run) -> None:
    only = json.loads(
        ostiary("audit", "open", "-f", "json", "--select", "share-can-write,rule-always-true").out
    )
    assert {each["check"] for each in only["findings"]} == {"share-can-write"}
    rest = json.loads(
        ostiary("audit", "open", "-f", "json", "--ignore", "share-can-write", "--ignore", "rule-invalid").out
    )
    assert "share-can-write" not in {each["check"] for each in rest["findings"]} | set(rest["checks"])


def test_the_format_follows_the_files_name(ostiary: Run, here: Path) -> None:
    for name, start in (
        ("a.html", "<!doctype html>"),
        ("a.json", "{"),
        ("a.sarif", "{"),
        ("a.txt", "Ostiary"),
    ):
        ran = ostiary("audit", "open", "-o", name)
        assert ran.code == 1
        assert ran.out.endswith(f"The report is {name}.\n")
        assert (here / name).read_text(encoding="utf-8").startswith(start)
    assert json.loads((here / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert ostiary("audit", "open", "-o", "b.json", "--format", "html").code == 1
    assert (here / "b.json").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_html_beside_another_format(ostiary: Run, here: Path) -> None:
    ran = ostiary("audit", "open", "--html", "r.html", "--title", "Acme & Co", "--date", "May 2026")
    assert "share-can-write" in ran.out
    assert "The HTML report is r.html." in ran.out
    text = (here / "r.html").read_text(encoding="utf-8")
    assert "Acme &amp; Co" in text
    assert "May 2026" in text
    ran = ostiary("audit", "open", "-f", "json", "--html", "r.html")
    json.loads(ran.out)
    assert "The HTML report is r.html." in ran.err


def test_an_audit_is_the_same_from_run_to_run(ostiary: Run, ostiary_again: Run) -> None:
    for name in ("json", "sarif", "html", "terminal"):
        first = ostiary("audit", "open", "-f", name).out
        assert first == ostiary_again("audit", "open", "-f", name, "--no-cache").out


def test_explain(ostiary: Run, ostiary_alone: Run) -> None:
    ran = ostiary_alone("explain", "open", "--as", "portal", "--can", "read garden.plant")
    assert ran.code == 0
    assert ran.out.startswith("◐ FILTERED  read garden.plant")
    assert "open/garden/security/rules.xml:5" in ran.out
    document = json.loads(
        ostiary("explain", "open", "--as", "portal", "--can", "unlink garden.plant", "-f", "json").out
    )
    assert document["verdict"] == "denied"


def test_explain_menus_and_expectations(ostiary: Run) -> None:
    ask = ("explain", "open", "--as", "garden.group_gardener", "--can", "see garden.menu_root")
    assert "garden.menu_root" in ostiary(*ask).out
    ask = ("explain", "open", "--as", "portal", "--can", "write garden.plant", "--expect")
    assert ostiary(*ask, "denied").code == 0
    ran = ostiary(*ask, "allowed")
    assert ran.code == 1
    assert ran.err == "ostiary: expected allowed, but the verdict is denied.\n"


def test_who(ostiary_alone: Run) -> None:
    ran = ostiary_alone("who", "open", "write", "garden.bed")
    assert ran.code == 0
    assert "✓ base.group_portal  allowed, outside the company" in ran.out
    assert "open/garden/security/ir.model.access.csv:4" in ran.out
    document = json.loads(ostiary_alone("who", "open", "mended", "read", "garden.plant", "-f", "json").out)
    assert document["question"] == "read garden.plant"


def test_matrix(ostiary: Run, ostiary_alone: Run, here: Path) -> None:
    ran = ostiary_alone("matrix", "open", "--model", "garden.*", "--as", "portal,garden.group_gardener")
    assert "  Portal users          ● ● · ·" in ran.out
    rows = list(
        csv.DictReader(io.StringIO(ostiary("matrix", "open", "-f", "csv", "--model", "garden.bed").out))
    )
    assert {row["model"] for row in rows} == {"garden.bed"}
    assert ostiary("matrix", "open", "-f", "json", "-o", "m.json").code == 0
    assert json.loads((here / "m.json").read_text(encoding="utf-8"))["matrix"]


def test_a_snapshot_is_a_target(ostiary: Run, ostiary_alone: Run) -> None:
    ran = ostiary_alone("snapshot", "open", "-o", "s.json")
    assert ran.code == 0
    assert ran.out.startswith("s.json holds ")
    before = json.loads(ostiary("audit", "open", "-f", "json").out)
    after = json.loads(ostiary("audit", "s.json", "-f", "json").out)
    assert before.pop("targets") == ["open"]
    assert after.pop("targets") == ["s.json"]
    assert before == after
    assert ostiary("explain", "s.json", "--as", "portal", "--can", "read garden.plant").out.startswith("◐")


def test_checks(ostiary: Run, ostiary_alone: Run) -> None:
    assert "share-can-write" in ostiary_alone("checks").out
    page = ostiary("checks", "share-can-write").out
    assert page.startswith("# ")
    assert "## What it does" in page
    assert (
        json.loads(ostiary("checks", "share-can-write", "-f", "json").out)["checks"][0]["id"]
        == "share-can-write"
    )


def test_options_of_reading(ostiary: Run, here: Path) -> None:
    ran = ostiary(
        "audit",
        "open/garden",
        "--odoo",
        "17.0",
        "--modules",
        "garden",
        "--demo",
        "--no-progress",
        "-f",
        "json",
    )
    assert json.loads(ran.out)["odoo"] == "17.0"
    (here / "other" / "flower").mkdir(parents=True)
    (here / "other" / "flower" / "__manifest__.py").write_text(
        "{'name': 'Flower', 'depends': ['garden']}", encoding="utf-8"
    )
    alone = json.loads(ostiary("audit", "other", "-f", "json", "--odoo", "18.0").out)
    assert [each["name"] for each in alone["unresolved"]] == ["garden"]
    for value in (("open,mended",), ("open:mended",), ("open", "mended")):
        both = [part for path in value for part in ("--addons-path", path)]
        read = json.loads(ostiary("audit", "other", "-f", "json", "--odoo", "18.0", *both).out)
        assert read["unresolved"] == []
        assert read["findings"] == []
