"""Models as tables and fields as kinds, on tables of Ostiary's own and on an Odoo's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from database import odoo
from database.server import Server
from ostiary.policy import Field, Kind, Model, Module, Origin, Policy
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import (
    Catalog,
    Column,
    Inherited,
    Lines,
    Links,
    Python,
    Related,
    Schema,
    Storage,
    read_catalog,
)
from ostiary.sources import open_policy

_HERE = Origin(path="here.py")


def a_field(name: str, type_: str, **values: object) -> Field:
    return Field(origin=_HERE, name=name, type=type_, module="m", **values)  # type: ignore[arg-type]


def a_model(name: str, *fields: Field, **values: object) -> Model:
    given = {"modules": ("m",), "fields": {one.name: one for one in fields}, **values}
    return Model(origin=_HERE, name=name, **given)  # type: ignore[arg-type]


def schema_of(*models: Model, catalog: Catalog | None = None) -> Schema:
    policy = Policy(
        odoo="18.0",
        modules={"m": Module(origin=_HERE, name="m")},
        models={model.name: model for model in models},
    )
    return Schema(policy, catalog)


# -- tables ----------------------------------------------------------------------------------------


def test_a_table_has_the_columns_of_stored_fields_and_the_automatic_ones() -> None:
    model = a_model("a.b", a_field("name", "char"), a_field("sum", "float", store=False, compute="_sum"))
    table = schema_of(model).model("a.b").table
    assert table.name == "a_b"
    assert set(table.c.keys()) == {"id", "name", "create_uid", "create_date", "write_uid", "write_date"}


def test_in_an_odoo_there_is_what_the_catalog_says() -> None:
    model = a_model(
        "a", a_field("name", "char"), a_field("gone", "char"), a_field("title", "char", translate=True)
    )
    schema = schema_of(model, catalog=Catalog({"a": {"id": "int4", "name": "varchar", "title": "jsonb"}}))
    assert set(schema.model("a").table.c.keys()) == {"id", "name", "title"}
    title = schema.field("a", "title")
    assert isinstance(title, Column)
    assert title.storage is Storage.TRANSLATED
    gone = schema.field("a", "gone")
    assert isinstance(gone, Python)
    assert gone.why == "is not a column of its table"


@pytest.mark.parametrize(
    ("model", "catalog"),
    [
        (a_model("a", kind=Kind.ABSTRACT), None),
        (a_model("a", table_query=True), None),
        (a_model("a", auto=False), None),
        (a_model("a"), Catalog({"b": {"id": "int4"}})),
        (a_model("a"), Catalog({"a": {"name": "varchar"}})),
        (a_model("a b"), None),
        (a_model("a" * 64), None),
    ],
    ids=["abstract", "query", "view", "not there", "without id", "odd name", "long name"],
)
def test_a_model_without_a_table_is_undecided(model: Model, catalog: Catalog | None) -> None:
    with pytest.raises(Undecided):
        schema_of(model, catalog=catalog).model(model.name)


def test_a_view_of_an_odoo_is_read_like_a_table() -> None:
    schema = schema_of(a_model("a", auto=False), catalog=Catalog({"a": {"id": "int8"}}))
    assert schema.model("a").table.name == "a"


def test_two_models_may_share_a_table() -> None:
    schema = schema_of(
        a_model("a", a_field("name", "char"), table="t"), a_model("b", a_field("type", "char"), table="t")
    )
    assert schema.model("a").table is schema.model("b").table
    assert {"name", "type"} <= set(schema.model("a").table.c.keys())


def test_the_relation_table_of_a_many2many_may_be_a_model() -> None:
    member = a_model(
        "member",
        a_field("a_id", "many2one", comodel="a"),
        a_field("b_id", "many2one", comodel="b"),
        a_field("on", "date"),
    )
    link = a_field(
        "b_ids", "many2many", comodel="b", relation_table="member", relation_columns=("a_id", "b_id")
    )
    schema = schema_of(a_model("a", link), a_model("b"), member)
    assert isinstance(schema.field("a", "b_ids"), Links)
    table = schema.model("member").table
    assert {"id", "a_id", "b_id", "on"} <= set(table.c.keys())
    assert [column.name for column in table.primary_key] == ["id"]


def test_which_field_archives_and_which_leads_to_the_parent() -> None:
    schema = schema_of(
        a_model("a", a_field("active", "boolean"), parent_name="up_id", parent_store=True),
        a_model("b", a_field("x_active", "boolean")),
        a_model("c"),
    )
    model = schema.model("a")
    assert (model.active, model.parent_name, model.parent_store) == ("active", "up_id", True)
    assert "parent_path" in model.table.c
    assert [schema.model(name).active for name in ("b", "c")] == ["x_active", None]


def test_the_parent_of_a_location_is_declared() -> None:
    place = a_model(
        "stock.location", a_field("location_id", "many2one", comodel="stock.location"), modules=("stock",)
    )
    policy = Policy(
        odoo="18.0", modules={"stock": Module(origin=_HERE, name="stock")}, models={"stock.location": place}
    )
    assert Schema(policy).model("stock.location").parent_name == "location_id"


def test_a_model_that_is_not_there_is_an_error_of_odoos() -> None:
    with pytest.raises(Fails, match="no model nope"):
        schema_of().model("nope")


# -- fields ----------------------------------------------------------------------------------------


def test_a_field_that_is_not_there_is_an_error_of_odoos() -> None:
    with pytest.raises(Fails, match=r"Invalid field a\.nope"):
        schema_of(a_model("a", a_field("name", "char"))).field("a", "nope")


def test_a_field_of_a_model_that_was_not_read_in_full_may_be_there() -> None:
    with pytest.raises(Undecided):
        schema_of(a_model("a", a_field("name", "char"), partial=True)).field("a", "nope")


def test_fields_of_a_delegated_parent_and_related_ones_lead_elsewhere() -> None:
    parent = a_model("p", a_field("name", "char"), a_field("boss_id", "many2one", comodel="p"))
    child = a_model(
        "c",
        a_field("p_id", "many2one", comodel="p", required=True),
        a_field("name", "char", related="p_id.name", store=False, inherited=True),
        a_field("boss_name", "char", related="p_id.boss_id.name", store=False, related_sudo=False),
        inherits={"p": "p_id"},
    )
    schema = schema_of(parent, child)
    name = schema.field("c", "name")
    assert isinstance(name, Inherited)
    assert name.link == "p_id"
    boss = schema.field("c", "boss_name")
    assert isinstance(boss, Related)
    assert (boss.path, boss.sudo) == (("p_id", "boss_id", "name"), False)


def test_a_computed_field_is_python_and_known_to_have_no_search() -> None:
    schema = schema_of(
        a_model(
            "a",
            a_field("sum", "float", store=False, compute="_sum"),
            a_field("found", "float", store=False, compute="_found", search="_search_found"),
        ),
        a_model("b", a_field("sum", "float", store=False, compute="_sum"), partial=True),
    )
    kinds = [schema.field(*one) for one in (("a", "sum"), ("a", "found"), ("b", "sum"))]
    assert [isinstance(kind, Python) and kind.unsearchable for kind in kinds] == [True, False, False]


def test_lines_held_by_a_number_need_the_field_of_the_models_name() -> None:
    noted = a_field("note_ids", "one2many", comodel="note", inverse="res_id")
    plain = a_model("note", a_field("res_id", "integer"))
    lines = schema_of(a_model("a", noted), plain).field("a", "note_ids")
    assert isinstance(lines, Lines)
    assert lines.model_field is None  # Odoo adds nothing: the field's own domain has to say it.
    reference = a_model("note", a_field("res_id", "many2one_reference"), a_field("res_model", "char"))
    unknown = schema_of(a_model("a", noted), reference).field("a", "note_ids")
    assert isinstance(unknown, Python)
    assert "in a field that is not known" in unknown.why


def test_a_one2many_that_is_only_computed_is_python() -> None:
    computed = a_field("b_ids", "one2many", comodel="b", inverse="a_id", store=False, compute="_b")
    schema = schema_of(a_model("a", computed), a_model("b", a_field("a_id", "many2one", comodel="a")))
    assert isinstance(schema.field("a", "b_ids"), Python)


# -- relation tables -------------------------------------------------------------------------------


def linked(catalog: Catalog | None = None, **values: object) -> object:
    models = a_model("z.a", a_field("b_ids", "many2many", comodel="b", **values)), a_model("b")
    return schema_of(*models, catalog=catalog).field("z.a", "b_ids")


def test_a_relation_table_is_called_as_odoo_calls_it() -> None:
    links = linked()
    assert isinstance(links, Links)
    assert links.own is not None
    assert links.other is not None
    assert (links.own.table.name, links.own.name, links.other.name) == ("b_z_a_rel", "z_a_id", "b_id")


def test_columns_that_are_called_otherwise_are_found_where_only_one_pair_fits() -> None:
    links = linked(Catalog({"b_z_a_rel": {"z_a_id": "int4", "other": "int4"}}))
    assert isinstance(links, Links)
    assert links.own is not None
    assert links.other is not None
    assert (links.own.name, links.other.name) == ("z_a_id", "other")


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"x": "int4", "y": "int4"},
        {"z_a_id": "int4", "x": "int4", "y": "int4"},
        {"z_a_id": "int4", "x": "varchar"},
    ],
    ids=["no table", "no column", "two that fit", "no number"],
)
def test_a_relation_table_that_does_not_fit_is_said(columns: dict[str, str]) -> None:
    found = linked(Catalog({"b_z_a_rel": columns} if columns else {}))
    assert isinstance(found, Python)
    assert "relation table b_z_a_rel" in found.why


def test_a_model_is_not_linked_with_itself_by_one_column() -> None:
    model = a_model("a", a_field("a_ids", "many2many", comodel="a"))
    kind = schema_of(model).field("a", "a_ids")
    assert isinstance(kind, Python)
    assert kind.why == "links a with itself by one column"


# -- names -----------------------------------------------------------------------------------------


def test_names_of_a_model_that_was_read() -> None:
    schema = schema_of(
        a_model("a", a_field("name", "char"), rec_name="name"),
        a_model(
            "b", a_field("code", "char"), a_field("day", "date"), rec_name="day", names_search=("code", "day")
        ),
        a_model("c"),
    )
    assert (schema.names("a").search, schema.names("a").display) == (("name",), "{name}")
    assert (schema.names("b").search, schema.names("b").display) == (("code", "day"), None)
    assert (schema.names("c").search, schema.names("c").display) == ((), "")


def test_names_of_a_model_whose_classes_nobody_read_are_undecided() -> None:
    with pytest.raises(Undecided, match="how records of model a are named"):
        schema_of(a_model("a", a_field("name", "char"), code_unread=True)).names("a")


# -- company-dependent values ----------------------------------------------------------------------


def test_values_by_company_are_rows_of_ir_property_where_there_is_such_a_model() -> None:
    model = a_model("a", a_field("price", "float", company_dependent=True))
    tables = {"a": {"id": "int4"}, "ir_property": {"id": "int4"}}
    price = schema_of(model, a_model("ir.property"), catalog=Catalog(tables)).field("a", "price")
    assert isinstance(price, Column)
    assert (price.storage, price.column) == (Storage.PROPERTY, None)
    assert isinstance(schema_of(model, catalog=Catalog(tables)).field("a", "price"), Python)


def test_values_by_company_are_json_in_later_versions_and_in_tables_of_ones_own() -> None:
    model = a_model("a", a_field("price", "float", company_dependent=True))
    for catalog in (None, Catalog({"a": {"id": "int4", "price": "jsonb"}})):
        price = schema_of(model, catalog=catalog).field("a", "price")
        assert isinstance(price, Column)
        assert price.storage is Storage.BY_COMPANY


# -- a real catalog --------------------------------------------------------------------------------


def test_the_catalog_is_what_the_database_has(server: Server) -> None:
    with server.database("catalog") as name:
        with server.connect(name) as connection:
            odoo.build(connection, "18.0")
            connection.execute('CREATE VIEW odd AS SELECT 1 AS id, 2 AS "x""y"')
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as opened:
            catalog = read_catalog(opened)
    assert catalog.type_of("res_users", "id") == "int4"
    assert catalog.has("odd", 'x"y')
    assert not catalog.has("nope")


@pytest.mark.parametrize("series", ["17.0", "18.0", "19.0"])
def test_every_field_of_a_database_is_of_some_kind(make: Callable[..., str], series: str) -> None:
    url = make(series)
    policy = open_policy([url])
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.connect() as opened:
        schema = Schema(policy, read_catalog(opened))
        kinds = []
        for name, model in policy.models.items():
            for field in model.fields:
                with contextlib.suppress(Undecided):
                    kinds.append(schema.field(name, field))
        assert any(isinstance(kind, Column) for kind in kinds)
        for table in schema.metadata.tables.values():
            opened.execute(sa.select(table).limit(1)).all()
