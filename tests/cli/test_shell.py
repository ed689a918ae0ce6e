"""`ostiary shell`: Python as somebody, in memory and on an Odoo's database."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Run
from database import odoo
from database.conftest import server
from database.server import Server
from ostiary.cli.shell_session import Session
from ostiary.enforce import AccessError, Environment, UserError
from ostiary.sources import open_policy

__all__ = ["server"]

RECORDS = """
version: 1
companies: {north: {}, south: {}}
users:
  joel: {groups: portal, partner: joel_home, companies: [north, south]}
  gil: {groups: garden.group_gardener, companies: [north, south]}
records:
  res.partner:
    joel_home: {name: Joel}
  garden.plant:
    rose: {name: Rose, partner_id: joel_home}
    oak: {name: Oak}
"""


@pytest.fixture
def records(here: Path) -> str:
    path = here / "garden.access.yaml"
    path.write_text(RECORDS)
    return str(path)


def test_a_group_is_somebody_by_its_name_or_its_external_id(ostiary: Run) -> None:
    code = "env['garden.bed'].create({'name': 'Lawn'}).name; self.login"
    ran = ostiary("shell", "mended", "--as", "garden.group_gardener", "-c", code)
    assert (ran.code, ran.out, ran.err) == (0, "'Lawn'\n'gardener'\n", "")


def test_records_of_a_file_are_there_by_name(ostiary: Run, records: str) -> None:
    code = "env['garden.plant'].search([]).mapped('name'); ref('oak').has_access('read')"
    ran = ostiary("shell", "open", "--as", "joel", "--records", records, "-c", code)
    assert (ran.code, ran.out) == (0, "['Rose']\nFalse\n"), ran.err
    ran = ostiary("shell", "open", "--as", "gil", "--records", records, "--company", "south", "-c",
                  "env.company.name; env['garden.plant'].with_user('joel').search_count([])")  # fmt: skip
    assert (ran.code, ran.out) == (0, "'south'\n1\n"), ran.err


def test_a_refusal_is_a_sentence_with_its_reasons_and_ends_the_code(ostiary: Run) -> None:
    ran = ostiary(
        "shell", "open", "--as", "portal", "-c", "1 + 1; env['garden.plant'].create({'name': 'x'}); 3"
    )
    assert (ran.code, ran.out) == (1, "2\n")
    first, *tree = ran.err.splitlines()
    assert first == "AccessError: User portal may not create garden.plant: no access right gives it."
    assert "plant_portal gives read, not create" in "\n".join(tree)


def test_another_error_is_pythons(ostiary: Run) -> None:
    ran = ostiary("shell", "open", "--as", "portal", "-c", "1 / 0", OSTIARY_DEBUG="1")
    assert (ran.code, ran.out) == (1, "")
    assert "ZeroDivisionError: division by zero" in ran.err


@pytest.mark.parametrize(
    ("code", "ended"), [("exit(7)", 7), ("exit()", 0), ("exit('no')", 1), ("", 0), ("(1 /", 1)]
)
def test_the_code_says_how_it_ends(capsys: pytest.CaptureFixture[str], code: str, ended: int) -> None:
    said: list[str] = []
    assert Session({"one": 1}, (LookupError,), said.append).script(code, shown=True, name="<test>") == ended
    assert (
        Session({"one": 1}, (LookupError,), said.append).script("one; {}[one]; 2", shown=True, name="x") == 1
    )
    assert said == ["KeyError: 1"]
    assert capsys.readouterr().out == "1\n"


def test_odoos_way_is_a_word_away(ostiary: Run) -> None:
    code = "env.sudo()['garden.bed'].search_count([])"
    assert ostiary("shell", "open", "--as", "portal", "--as-odoo", "-c", code).out == "0\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as", "gardner"), "There is nobody called gardner here; did you mean gardener?"),
        (("--as", "gil", "--records", "nowhere.yaml"), "nowhere.yaml: No such file or directory."),
        (
            ("--as", "gardener", "--company", "west"),
            "There is no company west here; there are base.main_company.",
        ),
        ((), "Missing option '--as'"),
    ],
)
def test_what_is_not_there_is_one_sentence(ostiary: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = ostiary("shell", "open", *arguments, "-c", "1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"ostiary: {said}")
    assert ran.err.count("\n") == 1


def test_a_group_of_two_user_types_is_nobody(ostiary: Run, here: Path) -> None:
    groups = here / "open/garden/security/groups.xml"
    odd = """<record id="group_odd" model="res.groups"><field name="name">Odd</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user')), (4, ref('base.group_portal'))]"/>
        </record></odoo>"""
    groups.write_text(groups.read_text().replace("</odoo>", odd))
    ran = ostiary("shell", "open", "--as", "garden.group_odd", "-c", "1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("ostiary: Nobody can be garden.group_odd: they would be of two user types, ")


def test_the_standard_input_is_a_script(environment: dict[str, str], here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ostiary", "shell", "open", "--as", "gardener"],
        cwd=here,
        env=environment,
        input="beds = env['garden.bed']\nfor name in 'ab':\n    beds.create({'name': name})\n"
        "print(beds.search_count([]))\n3\nenv.sudo()\nprint(4)\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "2\n"), done.stderr
    assert done.stderr.startswith("InvalidError: superuser mode passes every access right")


def test_a_person_is_told_who_they_are_and_becomes_another(environment: dict[str, str], here: Path) -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "ostiary", "shell", "open", "--as", "gardener"],
        cwd=here,
        env={**environment, "TERM": "dumb", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        banner = _until_prompt(ours)
        assert "You are gardener, in garden.group_gardener" in banner
        assert "Your companies: My Company." in banner
        assert "rows in memory, gone at the end" in banner
        assert "env = env.with_user('portal')" in banner
        assert "garden.bed(1" in _type(ours, "env['garden.bed'].create({'name': 'Lawn'})")
        _type(ours, "env = env.with_user('portal')")
        assert "AccessError: User portal may not unlink" in _type(
            ours, "env['garden.bed'].browse(1).unlink()"
        )
        assert "'Lawn'" in _type(ours, "env['garden.bed'].browse(1).name")
        os.write(ours, b"exit(4)\n")
        assert running.wait(60) == 4
    finally:
        running.kill()
        running.wait()
        os.close(ours)


def _type(terminal: int, line: str) -> str:
    os.write(terminal, f"{line}\n".encode())
    return _until_prompt(terminal)


def _until_prompt(terminal: int) -> str:
    found = b""
    end = time.monotonic() + 60
    while not found.endswith(b">>> ") and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            found += os.read(terminal, 65536)
    return found.decode()


# ------------------------------------------------------------------------------------ an Odoo's database


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    with server.database("shell") as name:
        with server.connect(name) as connection:
            odoo.build(connection, "18.0")
            connection.execute(
                "ALTER TABLE library_book ADD active bool, ADD x_price float, ADD lend_ids int;"
                "INSERT INTO library_book (id, create_uid, active) VALUES (1, 2, true), (2, 1, true)"
            )
        yield server.url(name)


def test_a_database_is_read_as_its_user_and_never_written(ostiary: Run, url: str, server: Server) -> None:
    ran = ostiary("shell", url, "--as", "ada", "-c", "env['library.book'].search([]).ids; env.subject.name")
    assert (ran.code, ran.out) == (0, "[1]\n'ada'\n"), ran.err
    code = """
for change in (
    lambda: env["library.book"].browse(1).write({"name": "x"}),
    lambda: env.sudo(reason="try")["library.book"].browse(2).unlink(),
    lambda: env.execute("DELETE FROM library_book", reason="try"),
):
    try:
        change()
    except UserError as error:
        print(error)
"""
    ran = ostiary("shell", url, "--as", "ada", "-c", code)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("Ostiary reads them and changes nothing") == 3
    ran = ostiary("shell", url, "--as", "ada", "--records", "x.yaml", "-c", "1")
    assert ran.code == 2
    assert server.password not in ran.err


def test_python_has_the_same_of_a_database(url: str) -> None:
    with Environment.of_odoo(url, open_policy([url]), user="ada") as env:
        books = env["library.book"]
        assert books.search([]).ids == [1]
        with pytest.raises(AccessError, match="record rules keep them away"):
            books.browse(2).check_access("read")
        for change in (lambda: books.browse(1).write({"active": False}), lambda: books.create({})):
            with pytest.raises(UserError, match="changes nothing"):
                change()
