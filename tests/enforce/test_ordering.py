"""Orders as Odoo's search has them: on SQLite and PostgreSQL the same rows in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import msgspec
import pytest
import sqlalchemy as sa

from database.conftest import server
from database.server import Server
from enforce.library import BOOK, BOSS, CLERK, Library, library
from ostiary.enforce.lists.ordering import MAX_TERMS, found_in_order
from ostiary.records.access import Access
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.sql.scope import Found

__all__ = ["server"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest) -> Iterator[Library]:
    with ExitStack() as stack:
        engine = sa.create_engine("sqlite://")
        if request.param == "postgresql":
            running: Server = request.getfixturevalue("server")
            url = sa.make_url(running.url(stack.enter_context(running.database("ordering"))))
            engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
        yield stack.enter_context(library(engine))


@pytest.fixture(scope="module")
def small() -> Iterator[Library]:
    with library(sa.create_engine("sqlite://")) as made:
        yield made


@pytest.fixture(scope="module")
def of_17() -> Iterator[Library]:
    with library(sa.create_engine("sqlite://"), "17") as made:
        yield made


def ids(
    books: Library, order: str | None, model: str = BOOK, who: str = CLERK, access: Access | None = None
) -> list[int]:
    """The ids in an order."""
    scope = books.scope(model, who, access)
    asked = found_in_order(Found(scope, sa.true()), order).order_by(scope.id)
    return [row[0] for row in scope.store.rows(asked)]


def names(
    books: Library, order: str | None, model: str = BOOK, who: str = CLERK, access: Access | None = None
) -> str:
    table = books.scope(model).model.table
    known = {row.id: row.name for row in books.connection.execute(sa.select(table.c.id, table.c.name))}
    return "".join(known[one] for one in ids(books, order, model, who, access))


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("id", "abcde"),
        ("id desc", "edcba"),
        ("name DESC", "edcba"),
        (" name   desc ", "edcba"),
        ("pages", "acbde"),
        ("pages desc", "edbac"),
        ("pages nulls first", "eacbd"),
        ("pages desc NULLS LAST", "dbace"),
        ("pages, name desc", "cabde"),
        ("price desc, id", "debac"),
        ("done", "bcead"),
        ("done desc", "adbce"),
        ("done desc nulls first", "adbce"),
        ("printed", "abcde"),
        ("sold desc", "edcba"),
        ("title desc", "edcba"),
        ("stock", "abcde"),
        ("state, id desc", "ecabd"),
        ("printed:month desc", "edcba"),
    ],
)
def test_columns(books: Library, order: str, found: str) -> None:
    assert names(books, order) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        # By sequence desc, name: `low` has the sequence 1, `high` 9, `none` has none, as a book without a shelf.
        ("shelf_id", "dcbea"),
        ("shelf_id desc", "abecd"),
        ("shelf_id nulls first", "cdbea"),
        ("shelf_id desc nulls last", "abedc"),
        # By country (and its name), name desc: Brazil, Norway from z to a, no country, of which first no author.
        ("author_id", "bcaed"),
        ("author_id desc", "deacb"),
        ("plain_id", "beadc"),
        ("plain_id desc", "cadbe"),
        ("plain_id desc nulls last", "adbec"),
        ("author_id.id", "bacde"),
        ("country_id", "bacde"),
        ("country_id.id desc", "debac"),
    ],
)
def test_links_go_by_the_order_of_their_model(books: Library, order: str, found: str) -> None:
    assert names(books, order) == found


def test_the_model_has_an_order_of_its_own(books: Library) -> None:
    assert names(books, None) == names(books, "") == "abcde"
    assert names(books, None, access=books.access(book="name desc")) == "edcba"
    assert names(books, None, "lib.shelf") == "nonehighlow"


@pytest.mark.parametrize(
    ("order", "found"), [("weight, id", "cadbe"), ("author_name", "bdace"), ("author_secret", "acbde")]
)
def test_fields_of_other_models(books: Library, order: str, found: str) -> None:
    assert names(books, order) == found


def test_no_right_and_no_rule_of_what_a_link_leads_to_is_asked(books: Library) -> None:
    """Case 106: there is no access right on countries, and a rule hides every author."""
    hidden = books.access(("lib.author", "[('id', '=', 0)]"))
    assert names(books, "author_id", access=hidden) == "bcaed"


@pytest.mark.parametrize("order", ["secret", "secret_id", "secret_id.id", "name, secret desc"])
def test_field_groups_are_asked(books: Library, order: str) -> None:
    with pytest.raises(Refused) as refused:
        ids(books, order)
    assert refused.value.kind == "field"
    assert len(ids(books, order, who=BOSS)) == len(ids(books, order, who="su")) == 5


def test_field_groups_of_the_other_model_are_asked_too(small: Library) -> None:
    with pytest.raises(Refused, match=r"field code of lib\.hidden"):
        ids(small, None, "lib.case")
    assert ids(small, None, "lib.case", who=BOSS) == [1]


def test_a_related_field_with_groups_is_not_told_by_its_order(small: Library) -> None:
    """Odoo 18 only asks for the groups of what a related field leads to."""
    access = small.access()
    fields = access.policy.models[BOOK].fields
    fields["author_name"] = msgspec.structs.replace(fields["author_name"], groups=BOSS)
    with pytest.raises(Refused, match="field author_name"):
        ids(small, "author_name", access=access)


@pytest.mark.parametrize(
    "order",
    [
        "name;",
        "name; DROP TABLE lib_book",
        "name, ",
        ",name",
        ",",
        " ",
        "name name",
        "name asc desc",
        "name nulls",
        "name nulls  first",
        "lower(name)",
        "name--",
        "name)",
        "é",
        "a.b.c",
        "name," * 2_000 + "name",
        "(" * 100_000,
        " " * 100_000,
    ],
)
def test_a_text_that_is_no_order(small: Library, order: str) -> None:
    with pytest.raises(Fails) as failed:
        ids(small, order)
    assert failed.value.error == "UserError" and len(str(failed.value)) < 300


@pytest.mark.parametrize(
    "order",
    [
        "unknown",
        '"name"',
        "NAME",
        "name.id",
        "shelf_id.name",
        "made",
        "display_name",
        "tag_ids",
        "part_ids",
        "author_loose",
        "part_name",
    ],
)
def test_fields_that_nothing_can_be_ordered_by(small: Library, order: str) -> None:
    with pytest.raises(Fails) as failed:
        ids(small, order)
    assert failed.value.error == "ValueError"


def test_a_superuser_orders_by_what_is_related_without_sudo(small: Library) -> None:
    assert names(small, "author_loose", who="su") == "bdace"


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("made", "abcde"),
        ("author_name, name desc", "edcba"),
        ("tag_ids, id desc", "edcba"),
        ("weight, id", "cadbe"),
    ],
)
def test_17_leaves_out_what_is_no_column(of_17: Library, order: str, found: str) -> None:
    assert names(of_17, order) == found


def test_17_asks_for_the_groups_of_what_it_leaves_out(of_17: Library) -> None:
    with pytest.raises(Refused, match="field secret_ids"):
        ids(of_17, "secret_ids")
    with pytest.raises(Fails, match=r"shelf_id\.id"):
        ids(of_17, "shelf_id.id")


def test_an_order_that_comes_back_to_itself_ends(books: Library) -> None:
    """By next_id, whose also_id (which leads no further) and name; then by also_id; then by name."""
    assert ids(books, None, "lib.loop") == [2, 1, 3]


def test_an_order_that_can_not_be_read(small: Library, of_17: Library) -> None:
    with pytest.raises(Fails, match="Invalid order"):
        ids(small, "odd_id", "lib.holder")
    assert ids(of_17, "odd_id", "lib.holder") == [2, 1]
    assert small.connection.execute(sa.text("SELECT count(*) FROM lib_odd")).scalar() == 2


def test_what_rests_on_itself_and_what_is_too_long_is_undecided(small: Library) -> None:
    with pytest.raises(Undecided, match="without end"):
        ids(small, "one")
    with pytest.raises(Undecided, match=f"more than {MAX_TERMS} terms"):
        ids(small, ",".join(["name"] * (MAX_TERMS + 1)))
    many = ",".join(["shelf_id"] * (MAX_TERMS // 2 + 1))
    with pytest.raises(Undecided, match=f"more than {MAX_TERMS} terms"):
        ids(small, many)
