"""Tables of Ostiary's own, and the conformance fixture in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from ostiary.policy import Field, Kind, Model, Module, Origin, Policy
from ostiary.records.create import create_tables, insert, update
from ostiary.records.errors import Fails
from ostiary.records.schema import Catalog, Links, Schema
from records.fixture import DIALECTS, VERSIONS, fixture, needs_cases

_HERE = Origin(path="here.py")


def a_field(name: str, type_: str, **values: object) -> Field:
    return Field(origin=_HERE, name=name, type=type_, module="m", **values)  # type: ignore[arg-type]


def a_model(name: str, *fields: Field, **values: object) -> Model:
    given = {"modules": ("m",), "fields": {one.name: one for one in fields}, "log_access": False, **values}
    return Model(origin=_HERE, name=name, **given)  # type: ignore[arg-type]


def a_policy(*models: Model) -> Policy:
    return Policy(
        odoo="18.0",
        modules={"m": Module(origin=_HERE, name="m")},
        models={model.name: model for model in models},
    )


@contextmanager
def made(*models: Model) -> Iterator[tuple[Schema, sa.Connection]]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        schema = Schema(a_policy(*models))
        create_tables(schema, connection)
        yield schema, connection
    engine.dispose()


def test_a_record_has_what_was_given_and_nothing_else() -> None:
    model = a_model("a.b", a_field("name", "char"), a_field("number", "integer"), a_field("flag", "boolean"))
    with made(model) as (schema, connection):
        insert(schema, connection, "a.b", {"name": "", "number": 0})
        insert(schema, connection, "a.b", {"flag": False})
        table = schema.model("a.b").table
        rows = connection.execute(sa.select(table.c.id, table.c.name, table.c.number, table.c.flag))
        assert rows.all() == [(1, "", 0, None), (2, None, None, False)]


def test_a_record_is_active_where_nothing_else_is_said() -> None:
    with made(a_model("a", a_field("active", "boolean"))) as (schema, connection):
        insert(schema, connection, "a", {})
        insert(schema, connection, "a", {"active": False})
        assert connection.scalars(sa.select(schema.model("a").table.c.active)).all() == [True, False]


def test_values_of_a_delegated_parent_lie_in_a_record_of_its_own() -> None:
    parent = a_model("p", a_field("name", "char"), a_field("active", "boolean"))
    child = a_model(
        "c",
        a_field("own", "char"),
        a_field("p_id", "many2one", comodel="p", required=True),
        a_field("name", "char", related="p_id.name", store=False, inherited=True),
        inherits={"p": "p_id"},
    )
    with made(parent, child) as (schema, connection):
        insert(schema, connection, "p", {"name": "first"})
        insert(schema, connection, "c", {"name": "lent", "own": "mine"})
        insert(schema, connection, "c", {"name": "renamed", "p_id": 1})
        parents, children = schema.model("p").table, schema.model("c").table
        names = connection.scalars(sa.select(parents.c.name).order_by(parents.c.id)).all()
        links = connection.scalars(sa.select(children.c.p_id).order_by(children.c.id)).all()
        assert (names, links) == (["renamed", "lent"], [2, 1])


def test_parent_path_holds_the_ancestors_and_the_record() -> None:
    model = a_model("a", a_field("parent_id", "many2one", comodel="a"), parent_store=True)
    with made(model) as (schema, connection):
        top = insert(schema, connection, "a", {})
        below = insert(schema, connection, "a", {"parent_id": top})
        insert(schema, connection, "a", {"parent_id": below})
        assert connection.scalars(sa.select(schema.model("a").table.c.parent_path)).all() == [
            "1/",
            "1/2/",
            "1/2/3/",
        ]


def test_links_and_lines_are_given_as_ids() -> None:
    line = a_model("line", a_field("a_id", "many2one", comodel="a"))
    tag = a_model("tag")
    owner = a_model(
        "a",
        a_field("tag_ids", "many2many", comodel="tag"),
        a_field("line_ids", "one2many", comodel="line", inverse="a_id"),
    )
    with made(owner, line, tag) as (schema, connection):
        for model in ("tag", "tag", "line"):
            insert(schema, connection, model, {})
        insert(schema, connection, "a", {"tag_ids": [2, 1, 2], "line_ids": [1]})
        links = schema.field("a", "tag_ids")
        assert isinstance(links, Links)
        assert links.own is not None
        assert sorted(connection.execute(sa.select(links.own.table))) == [(1, 1), (1, 2)]
        assert connection.scalars(sa.select(schema.model("line").table.c.a_id)).all() == [1]
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.insert(links.own.table).values({"a_id": 1, "tag_id": 1}))


def test_values_by_company_are_kept_by_the_companys_id() -> None:
    with made(a_model("a", a_field("price", "float", company_dependent=True))) as (schema, connection):
        insert(schema, connection, "a", {"price": {1: 2.5, 7: 0}})
        assert connection.scalar(sa.select(schema.model("a").table.c.price)) == {"1": 2.5, "7": 0}
        with pytest.raises(Fails, match="values by company"):
            insert(schema, connection, "a", {"price": 2.5})


def test_a_field_without_a_column_takes_no_value() -> None:
    with made(a_model("a", a_field("sum", "float", store=False, compute="_sum"))) as (schema, connection):
        with pytest.raises(Fails, match=r"a\.sum is not stored"):
            insert(schema, connection, "a", {"sum": 1})
        with pytest.raises(Fails, match="nope"):
            insert(schema, connection, "a", {"nope": 1})


def test_models_that_delegate_to_each_other_are_refused() -> None:
    first = a_model("a", a_field("b_id", "many2one", comodel="b"), inherits={"b": "b_id"})
    second = a_model("b", a_field("a_id", "many2one", comodel="a"), inherits={"a": "a_id"})
    with made(first, second) as (schema, connection), pytest.raises(Fails, match="back to itself"):
        insert(schema, connection, "a", {})


def test_the_tables_of_an_odoo_are_never_written_to() -> None:
    schema = Schema(a_policy(a_model("a")), Catalog({"a": {"id": "int4"}}))
    with sa.create_engine("sqlite://").connect() as connection:
        for act in (
            lambda: create_tables(schema, connection),
            lambda: insert(schema, connection, "a", {}),
            lambda: update(schema, connection, "a", 1, {}),
        ):
            with pytest.raises(ValueError, match="an Odoo's own"):
                act()
        connection.engine.dispose()


def test_names_that_odoo_accepts_for_no_table_make_none() -> None:
    hostile = a_model('a"; DROP TABLE b; --', a_field("name", "char"))
    odd = a_model(
        "ok", a_field('x"y', "char"), a_field("n" * 64, "char"), a_field("tags", "many2many", comodel="ok")
    )
    query = a_model("q", table_query=True)
    with made(hostile, odd, query, a_model("mixin", kind=Kind.ABSTRACT)) as (schema, connection):
        tables = sa.inspect(connection).get_table_names()
        assert tables == ["ok"]
        assert list(schema.model("ok").table.c.keys()) == ["id"]


@needs_cases
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_the_fixture_of_the_conformance_cases_stands(
    version: str, dialect: str, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server") if dialect == "postgresql" else None
    with fixture(version, dialect, server) as it:
        records = [it.ids[name] for name in ("Abc", "abd", "C%d", "Éd", "Zarch")]
        assert records == sorted(records)
        assert it.names("zz.rec", records) == "Abc,abd,C%d,Éd,Zarch"
        table = it.schema.model("zz.rec").table
        row = it.connection.execute(sa.select(table).where(table.c.id == it.ids["C%d"])).one()
        assert (row.num, row.flag, row.note, row.par_id, row.active) == (None, None, "", None, True)
        users = it.schema.model("res.users").table
        share = dict(it.connection.execute(sa.select(users.c.login, users.c.share)).all())
        assert (share["iu"], share["pu"]) == (False, True)
        parent = it.schema.model("zz.par").table
        delegating = it.schema.model("zz.del").table
        found = it.connection.execute(
            sa.select(parent.c.num).join(delegating, delegating.c.base_id == parent.c.id)
        )
        assert found.scalars().all() == [3]
        assert it.session("iu2").companies == (it.ids["base.main_company"], it.ids["zz.c2"])
        assert it.session(None).superuser
