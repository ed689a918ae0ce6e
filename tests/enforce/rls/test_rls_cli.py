"""`ostiary rls`: of addons, of a database, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from database import odoo
from database.server import Server
from ostiary.cli.app import run
from ostiary.enforce.people import install, new_user
from ostiary.records.create import insert
from ostiary.records.schema import Schema
from ostiary.sources import open_policy

ESTATE = Path(__file__).parents[3] / "examples" / "estate" / "secured"
PAGE = Path(__file__).parents[3] / "docs" / "rls.md"
MORE = """
ALTER TABLE library_book ADD active bool;
INSERT INTO library_book (id, create_uid, active) VALUES (1, 2, true), (2, 1, true), (3, 2, false);
UPDATE ir_model SET state = 'manual' WHERE model = 'library.book';
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["rls", "--no-cache", *arguments])
    found = capsys.readouterr()
    assert "Traceback" not in found.err
    return code, found.out, found.err


@pytest.mark.usefixtures("cache")
def test_the_example_holds_what_its_rules_say(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """With the grants that the page tells to make, which the script takes."""
    grants = re.findall(r"-c '(GRANT [^']+) TO estate_app'", PAGE.read_text(encoding="utf-8"))
    assert len(grants) == 3
    code, script, err = said(capsys, str(ESTATE), "--model", "estate.*", "--role", "rls_estate_app")
    assert (code, err) == (0, "")
    policy = open_policy([ESTATE], odoo="18.0", cache=False)
    groups = {"agent": "estate.estate_group_user", "other": "estate.estate_group_user",
              "manager": "estate.estate_group_manager", "customer": "base.group_portal"}  # fmt: skip
    users = [new_user(login, [group], company="base.main_company") for login, group in groups.items()]
    role = "rls_estate_app"
    with server.database("rls_estate") as name:
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            policy = install(
                connection, policy, users=users, models=["estate.property", "estate.property.offer"]
            )
            schema = Schema(policy)
            ids = {user.login: user.id for user in policy.users}
            company = policy.companies[0].id
            table = schema.model("res.users").table
            contact = connection.execute(
                sa.select(table.c.partner_id).where(table.c.login == "customer")
            ).scalar_one()
            for who, buyer in (("agent", None), (None, contact), ("other", None)):
                values: dict[str, Any] = {"name": who, "company_id": company, "user_id": ids.get(who or "")}
                insert(schema, connection, "estate.property", values | {"buyer_id": buyer})
            for model in [one for one in policy.models if one.startswith("estate.")]:
                assert schema.model(model).table.name in script
        with server.connect(name) as driver:
            for table in sorted(set(re.findall(r'ALTER TABLE "public"."(\w+)"', script))):
                driver.execute(f'CREATE TABLE IF NOT EXISTS "{table}" (id serial PRIMARY KEY)')  # type: ignore[arg-type]
        try:
            with server.connect(name) as driver:
                driver.execute(f"CREATE ROLE {role}")  # type: ignore[arg-type]
                for grant in grants:
                    driver.execute(f"{grant} TO {role}")  # type: ignore[arg-type]
                driver.execute(script.encode())
            seen = {}
            with server.connect(name) as driver:
                driver.execute(f"SET ROLE {role}")  # type: ignore[arg-type]
                for login in ("agent", "manager", "customer"):
                    driver.execute("SELECT set_config('ostiary.uid', %s, false)", [str(ids[login])])
                    seen[login] = len(driver.execute("SELECT id FROM estate_property").fetchall())
            assert seen == {"agent": 2, "manager": 3, "customer": 1}
        finally:
            engine.dispose()
            with server.connect(name) as driver:
                driver.execute(f"DROP OWNED BY {role}")  # type: ignore[arg-type]
                driver.execute(f"DROP ROLE {role}")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[tuple[Server, str]]:
    with server.database("rls_odoo") as name:
        with server.connect(name) as connection:
            odoo.build(connection, "18.0")
            connection.execute(MORE)
        yield server, name


@pytest.mark.usefixtures("cache")
def test_of_a_database_it_is_for_its_own_tables(
    database: tuple[Server, str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, name = database
    code, script, err = said(capsys, server.url(name), "--model", "library.book", "--role", "pg_monitor")
    assert (code, err) == (0, "")
    assert server.password not in script
    with server.connect(name) as connection:
        connection.execute(script.encode())
        connection.execute("GRANT SELECT ON library_book TO pg_monitor")
    with server.connect(name) as connection:
        connection.execute("SET ROLE pg_monitor")
        seen = {}
        for uid in ("", "1", "2"):
            connection.execute("SELECT set_config('ostiary.uid', %s, false)", [uid])
            seen[uid] = [
                row[0] for row in connection.execute("SELECT id FROM library_book ORDER BY id").fetchall()
            ]
    assert seen == {"": [], "1": [], "2": [1, 3]}
    code, script, _ = said(capsys, server.url(name), "--model", "library.book", "--drop")
    assert code == 0
    with server.connect(name) as connection:
        connection.execute(script.encode())
        assert connection.execute("SELECT count(*) FROM pg_policies").fetchone() == (0,)


@pytest.mark.usefixtures("cache")
def test_classes_that_were_not_read_are_refused(
    database: tuple[Server, str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, name = database
    code, out, err = said(capsys, server.url(name), "--model", "res.partner")
    assert (code, out) == (1, "")
    assert "res.partner" in err
    assert "its classes were not read" in err


@pytest.mark.usefixtures("cache")
def test_what_cannot_be_expressed_makes_no_script_unless_it_is_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = _addon(tmp_path, "[('name', '=', user.company_id.compute_it())]")
    target = tmp_path / "out.sql"
    code, out, err = said(capsys, str(module), "-o", str(target))
    assert (code, out, target.exists()) == (1, "", False)
    assert "read of shop.thing can't be held by row security: record rule shop.odd" in err
    assert "--close closes them" in err
    code, out, _ = said(capsys, str(module), "-o", str(target), "--close")
    assert (code, out) == (0, "")
    assert "CREATE POLICY" not in target.read_text()
    assert "FORCE ROW LEVEL SECURITY" in target.read_text()
    code, _, err = said(capsys, str(module), "--skip", "shop.*")
    assert code == 2


@pytest.mark.usefixtures("cache")
def test_wrong_usage_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = _addon(tmp_path, "[]")
    assert said(capsys, str(module), "--model", "nothing.*")[::2] == (
        2,
        "ostiary: No model is called nothing.* in what was read.\n",
    )
    assert said(capsys, str(module), "-o", str(tmp_path / "no" / "a.sql"))[0] == 2
    assert said(capsys, str(tmp_path / "missing"))[0] == 2
    assert said(capsys, "--help")[0] == 0


def _addon(folder: Path, domain: str) -> Path:
    module = folder / "shop"
    module.mkdir()
    (module / "__init__.py").write_text(
        "from odoo import fields, models\n\n\nclass Thing(models.Model):\n"
        "    _name = 'shop.thing'\n    name = fields.Char()\n"
    )
    (module / "__manifest__.py").write_text(
        "{'name': 'Shop', 'version': '18.0.1', 'depends': ['base'], 'data': ['data.xml']}"
    )
    (module / "data.xml").write_text(
        f"""<odoo>
  <record id="right" model="ir.model.access"><field name="name">r</field>
    <field name="model_id" ref="model_shop_thing"/><field name="perm_read" eval="True"/></record>
  <record id="odd" model="ir.rule"><field name="name">r</field>
    <field name="model_id" ref="model_shop_thing"/><field name="domain_force">{domain}</field></record>
</odoo>"""
    )
    return module
