"""Hostile definitions: models that lead back to themselves, models without rows, rules that nobody can decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from enforce.stateful import things
from enforce.stateful.definitions import field, many2one, model, rule
from ostiary.enforce import AccessError, EnforceError, Environment
from ostiary.policy import Kind
from ostiary.records.errors import Undecided

HIDDEN = "zqhiddenqz"


def cyclic(engine: sa.Engine) -> Any:
    """Models that lead back to themselves, and some that have no rows."""
    return things.installed(
        engine,
        model("x.a", many2one("b_id", "x.b", required=True), inherits={"x.b": "b_id"}),
        model("x.b", many2one("a_id", "x.a", required=True), inherits={"x.a": "a_id"}),
        model("x.self", field("name", "char"), many2one("up_id", "x.self", ondelete="cascade")),
        model("x.abstract", field("name", "char"), kind=Kind.ABSTRACT),
        model("x.view", field("name", "char"), table_query=True),
        model("x.opaque", field("name", "char")),
        rules=(rule("opaque", "x.opaque", "[('name', '=', some_method())]", things.USER),),
    )


@pytest.fixture
def odd() -> Iterator[Environment]:
    engine = sa.create_engine("sqlite://")
    policy = cyclic(engine)
    with Environment(engine, policy, user="ann") as env:
        yield env
        env.rollback()
    engine.dispose()


def test_records_that_inherit_from_each_other_are_not_made(odd: Environment) -> None:
    with pytest.raises(EnforceError, match="inherits from itself"):
        odd["x.a"].create({})


def test_a_circle_of_records_is_deleted_together(odd: Environment) -> None:
    one = odd["x.self"].create({"name": "one"})
    two = odd["x.self"].create({"name": "two", "up_id": one.id})
    odd.execute(
        "UPDATE x_self SET up_id = :two WHERE id = :one", {"one": one.id, "two": two.id}, reason="a circle"
    )
    one.unlink()
    assert not odd["x.self"].search([])


@pytest.mark.parametrize("name", ["x.abstract", "x.view"])
def test_a_model_without_rows_says_so(odd: Environment, name: str) -> None:
    for do in (
        lambda: odd[name].search([]),
        lambda: odd[name].create({"name": "x"}),
        lambda: odd[name].browse(1).write({"name": "x"}),
        lambda: odd[name].browse(1).unlink(),
        lambda: odd[name].browse(1).name,
    ):
        with pytest.raises((EnforceError, Undecided)):
            do()


def test_a_model_that_is_not_there_is_a_key_error(odd: Environment) -> None:
    with pytest.raises(KeyError):
        odd["no.model"]


def test_what_cannot_be_decided_is_not_allowed(odd: Environment) -> None:
    for do in (
        lambda: odd["x.opaque"].search([]),
        lambda: odd["x.opaque"].create({"name": "x"}),
        lambda: odd["x.opaque"].browse(1).has_access("read"),
        lambda: odd["x.opaque"].browse(1).filtered_access("read"),
        lambda: odd["x.opaque"].browse(1).write({"name": "x"}),
        lambda: odd["x.opaque"].browse(1).unlink(),
    ):
        with pytest.raises((EnforceError, Undecided)):
            do()
    assert odd.execute("SELECT count(*) FROM x_opaque", reason="a test")[0][0] == 0


@pytest.mark.parametrize("strict", [True, False])
def test_values_of_a_company_are_for_those_who_work_in_it(strict: bool) -> None:
    """No rule looks at this model, and so at nobody's companies: what holds for the current one does."""
    engine = sa.create_engine("sqlite://")
    free = model(
        "x.free",
        field("name", "char"),
        field("per", "char", company_dependent=True),
        many2one("company_id", "res.company", default="<company>"),
    )
    policy = things.installed(engine, free)
    with Environment(engine, policy, user="bob") as env:
        one = env["x.free"].create({"name": "one"}).id
        env["x.free"].browse(one).with_company(2).write({"per": HIDDEN})
    before = things.rows(engine)
    with Environment(engine, policy, user="ann", strict=strict) as env:
        records = env["x.free"].browse(one).with_company(2)
        assert records.name == "one"
        for do in (
            lambda: records.per,
            lambda: records.read(["per"]),
            lambda: records.search([("per", "=", HIDDEN)]),
            lambda: records.search([], order="per"),
            lambda: records.read_group([], ["name"], ["per"]),
            lambda: records.filtered_domain([("per", "=", HIDDEN)]),
            lambda: records.write({"per": "x"}),
            lambda: records.create({"name": "two"}),
        ):
            with pytest.raises(AccessError) as refused:
                do()
            assert refused.value.kind == "company"
    assert things.rows(engine) == before
    engine.dispose()
