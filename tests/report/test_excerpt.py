"""The lines around a place: the right ones, marked, bounded, and never a secret."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from ostiary.audit import Evidence
from ostiary.policy import Origin
from ostiary.report import excerpt
from ostiary.report.excerpt import Excerpt, Reader
from report.samples import finding

RULES = """<odoo>
    <record id="own" model="ir.rule">
        <field name="name">Own</field>
        <field name="domain_force">[(1, '=', 1)]</field>
    </record>

    <record id="helper" model="res.users">
        <field name="login">helper</field>
        <field name="password">orchid
        rose</field>
        <field eval="'tulip'" name="api_key"/>
    </record>
</odoo>
"""
ROWS = "id,name,perm_read\n" + "".join(f"right_{number},Right {number},1\n" for number in range(2, 40))


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    module = tmp_path / "garden"
    (module / "security").mkdir(parents=True)
    (module / "__manifest__.py").write_text("{'name': 'Garden'}")
    (module / "security/rules.xml").write_text(RULES)
    (module / "security/ir.model.access.csv").write_text(ROWS)
    return module


def shown(module: Path, path: str, line: int, *steps: tuple[str, int]) -> list[Excerpt]:
    evidence = tuple(Evidence("a step", Origin(f"{module}/{at}", number, "garden")) for at, number in steps)
    with excerpt.reading([str(module)]) as reader:
        return reader.excerpts(
            finding(path=f"{module}/{path}", line=line, module="garden", evidence=evidence)
        )


def numbers(piece: Excerpt) -> list[int]:
    return [line.number for line in piece.lines]


def test_a_record_is_shown_whole_and_its_lines_are_marked(garden: Path) -> None:
    (piece,) = shown(garden, "security/rules.xml", 4, ("security/rules.xml", 2))
    assert piece.path == f"{garden}/security/rules.xml"
    assert {line.number: line.mark for line in piece.lines if line.mark} == {2: "step", 4: "change"}
    texts = [line.text for line in piece.lines]
    assert '        <field name="name">Own</field>' in texts
    assert "    </record>" in texts


def test_rows_of_a_table_come_with_its_header(garden: Path) -> None:
    (piece,) = shown(garden, "security/ir.model.access.csv", 20, ("security/ir.model.access.csv", 30))
    assert numbers(piece) == [1, 19, 20, 21, 29, 30, 31]
    assert [line.number for line in piece.lines if line.gap] == [19, 29]


def test_what_a_password_field_is_given_is_not_shown(garden: Path) -> None:
    (piece,) = shown(garden, "security/rules.xml", 7)
    text = "\n".join(line.text for line in piece.lines)
    assert "helper" in text
    for secret in ("orchid", "rose", "tulip"):
        assert secret not in text
    # Also where what is shown begins inside of the value.
    (piece,) = shown(garden, "security/rules.xml", 10)
    assert "rose" not in "\n".join(line.text for line in piece.lines)


def test_nothing_of_a_table_with_passwords_is_shown(garden: Path) -> None:
    (garden / "security/res.users.csv").write_text("id,login,password\na,b,orchid\n")
    assert shown(garden, "security/res.users.csv", 2) == []


def test_python_that_gives_a_password(garden: Path) -> None:
    (garden / "hooks.py").write_text(
        "values = {'password': 'orchid', 'login': 'b'}\nkey = secret_key = \"rose\"\n"
    )
    (piece,) = shown(garden, "hooks.py", 1)
    text = "\n".join(line.text for line in piece.lines)
    assert "orchid" not in text
    assert "rose" not in text
    assert "'login': 'b'" in text


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("security/gone.xml", 1),
        ("security/rules.xml", 0),
        ("security/rules.xml", 10_000),
        ("../../etc/passwd", 1),
        ("security/link.xml", 1),
        ("security/picture.xml", 1),
        ("README.md", 1),
    ],
)
def test_what_cannot_be_shown_is_left_out(garden: Path, path: str, line: int) -> None:
    (garden / "README.md").write_text("x")
    (garden / "security/picture.xml").write_bytes(b"\x89PNG\0\0\n" * 5)
    os.mkfifo(garden / "security/link.xml")
    assert shown(garden, path, line) == []


def test_places_outside_of_the_targets_have_none(garden: Path) -> None:
    with excerpt.reading([str(garden)]) as reader:
        assert reader.excerpts(finding(path="ir_rule", line=3, module="garden")) == []
        assert reader.excerpts(finding(path="/etc/passwd", line=1, module="garden")) == []
    with excerpt.reading(["postgresql://nobody@nowhere/x", str(garden / "nothing")]) as reader:
        assert reader.excerpts(finding()) == []


def test_files_in_other_encodings_and_with_long_lines(garden: Path) -> None:
    latin = '<?xml version="1.0" encoding="iso-8859-1"?>\n<record id="é"/>\n'
    (garden / "security/latin.xml").write_bytes(latin.encode("latin-1"))
    (garden / "security/broken.xml").write_bytes(
        b"<odoo>\n<x a='\xff\xfe'/>\n" + b"y" * 100_000 + b"\n</odoo>"
    )
    assert "é" in shown(garden, "security/latin.xml", 2)[0].lines[0].text
    (piece,) = shown(garden, "security/broken.xml", 2)
    assert "\ufffd" not in piece.lines[1].text  # what is no text is written out
    assert max(len(line.text) for line in piece.lines) < 300


def test_archives_and_revisions_are_read_too(garden: Path) -> None:
    archive = garden.parent / "garden.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for path in garden.rglob("*.*"):
            written.write(path, f"addons/garden/{path.relative_to(garden)}")
    with excerpt.reading([str(archive)]) as reader:
        found = finding(path=f"{archive}/addons/garden/security/rules.xml", line=4, module="garden")
        assert reader.excerpts(found)[0].lines[2].mark == "change"
        files = reader.files("garden")
    assert files is not None
    assert (files.python, files.xml, files.csv) == (1, 1, 1)
    git = ["git", "-C", str(garden.parent), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "garden"], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    (garden / "security/rules.xml").write_text("<odoo/>")
    with excerpt.reading([f"{garden}@HEAD"]) as reader:
        found = finding(path=f"{garden}/security/rules.xml", line=4, module="garden")
        assert "(1, '=', 1)" in reader.excerpts(found)[0].lines[2].text


def test_a_report_shows_a_bounded_number(garden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpt, "MOST", 2)
    with excerpt.reading([str(garden)]) as reader:
        found = finding(path=f"{garden}/security/rules.xml", line=4, module="garden", evidence=())
        assert [len(reader.excerpts(found)) for _ in range(3)] == [1, 1, 0]


def test_without_targets_there_is_nothing() -> None:
    assert Reader().excerpts(finding()) == []
    assert Reader().files("garden") is None
