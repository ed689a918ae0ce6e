"""Nothing that was kept or worked out before answers for somebody else, or for rows that are other by now; and no name
and no search tells what may not be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from enforce.stateful.definitions import field, many2one, model, policy_of, right, rule
from ostiary.enforce import AccessError, Environment, UserError, install
from ostiary.policy import Policy

OWN = "[('owner_id', '=', user.id)]"
MODELS = [
    model(
        "h.box",
        field("name", "char"),
        field("per", "char", company_dependent=True),
        many2one("owner_id", "res.users"),
    ),
    model(
        "h.line",
        field("name", "char"),
        many2one("box_id", "h.box", ondelete="set null"),
        many2one("owner_id", "res.users", related="box_id.owner_id", store=True),
    ),
    model("h.open", field("per", "char", company_dependent=True)),
    model("h.coded", field("code", "char", groups="h.boss"), rec_name="code"),
    model(
        "h.shown",
        many2one("coded_id", "h.coded"),
        field("code", "char", related="coded_id.code", store=False),
    ),
    model("h.needs", field("name", "char"), many2one("open_id", "h.open", required=True)),
    model("h.far", many2one("shown_id", "h.shown")),
    model("h.boxed", many2one("box_id", "h.box"), rec_name="box_id"),
]


class Place:
    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://", poolclass=StaticPool)
        given = policy_of(
            MODELS,
            [right(one.name, "h.user") for one in MODELS],
            [rule("box", "h.box", OWN, "h.user"), rule("line", "h.line", OWN, "h.user")],
            groups={"base.group_user": [], "h.user": ["base.group_user"], "h.boss": ["h.user"]},
            users={"ann": (["h.user"], ["h.c1"]), "bob": (["h.user"], ["h.c1", "h.c2"])},
        )
        self.policy: Policy = install(self.engine, given)
        self.ann, self.bob = (int(self.policy.user_by_login[one].id or 0) for one in ("ann", "bob"))

    def env(self, login: str | None = "ann", **more: object) -> Environment:
        return Environment(self.engine, self.policy, user=login, **more)  # type: ignore[arg-type]


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.engine.dispose()


def test_an_order_by_values_of_a_company_is_refused_whoever_asked_before(place: Place) -> None:
    other = next(one.id for one in place.policy.companies if one.xmlid == "h.c2")
    with place.env(None) as env:
        for value in ("b", "a"):
            env["h.open"].create({}).with_company(other or 0).per = value
    for _ in range(2):
        with place.env("bob", companies=[other]) as env:
            assert env["h.open"].search([], order="per").ids == [2, 1]
        with place.env("ann", companies=[other]) as env, pytest.raises(AccessError, match="compan"):
            env["h.open"].search([], order="per")


def test_what_the_owner_of_a_connection_does_is_seen(place: Place) -> None:
    with place.env(None) as env:
        box = env["h.box"].create({"owner_id": place.bob}).id

    def gives(to: int) -> None:
        connection.execute(sa.text("UPDATE h_box SET owner_id = :to"), {"to": to})

    with place.engine.connect() as connection:
        env = Environment(connection, place.policy, user="ann")
        other = Environment(connection, place.policy, user="bob")
        mine, theirs = env["h.box"].browse(box), other["h.box"].browse(box)
        assert (mine.has_access("write"), theirs.has_access("write")) == (False, True)
        gives(place.ann)
        assert (mine.has_access("write"), theirs.has_access("write")) == (True, False)
        connection.rollback()
        assert (mine.has_access("write"), theirs.has_access("write")) == (False, True)
        nested = connection.begin_nested()
        gives(place.ann)
        assert mine.has_access("write")
        nested.rollback()
        assert not mine.has_access("write")
        theirs.write({"owner_id": place.bob, "name": "x"})
        other.sudo(reason="to give it away")["h.box"].browse(box).write({"owner_id": place.ann})
        assert mine.name == "x"
        connection.rollback()


def test_what_followed_from_a_deleted_record_goes_with_it(place: Place) -> None:
    with place.env(None) as env:
        box = env["h.box"].create({"owner_id": place.ann})
        line = env["h.line"].create({"box_id": box.id}).id
        with env.unit():
            assert env.with_user("ann")["h.line"].search([]).ids == [line]
            box.unlink()
            assert not env["h.line"].browse(line).owner_id
            assert not env.with_user("ann")["h.line"].search([])


def test_a_display_name_is_made_of_what_one_may_read(place: Place) -> None:
    with place.env(None) as env:
        coded = env["h.coded"].create({"code": "hidden"}).id
        box = env["h.box"].create({"name": "hidden", "owner_id": place.bob})
        boxed = env["h.boxed"].create({"box_id": box.id}).id
    with place.env() as env:
        for record in (env["h.coded"].browse(coded), env["h.boxed"].browse(boxed)):
            with pytest.raises(AccessError):
                _ = record.display_name
            with pytest.raises(AccessError):
                record.read(["display_name"])
            with pytest.raises(AccessError):
                record.search_read([], ["display_name"])
        # Whoever may read a link is told what it leads to, as in Odoo.
        assert env["h.boxed"].browse(boxed).read(["box_id"]) == [{"id": boxed, "box_id": (box.id, "hidden")}]


def test_statements_are_kept_with_the_tables_they_ask(place: Place) -> None:
    from ostiary.enforce.rows.shared_schema import SharedSchema

    with place.env("bob") as env:
        box = env["h.box"].create({"owner_id": place.bob, "name": "x"}).id
        for _ in range(2):  # as an Environment on an Odoo's own database has it: a schema of its own
            env.transaction.schema = SharedSchema(place.policy)
            env.transaction._store = None
            env.transaction.changed()
            assert env["h.box"].browse(box).read(["name"]) == [{"id": box, "name": "x"}]


def test_a_search_by_a_related_field_tells_nothing_of_what_groups_guard(place: Place) -> None:
    with place.env(None) as env:
        shown = env["h.shown"].create({"coded_id": env["h.coded"].create({"code": "hidden"}).id})
        by_code = [("code", "like", "hid")]
        assert env["h.shown"].search(by_code) == shown
    with place.env() as env:
        records = env["h.shown"]
        for ask in (
            records.search,
            records.search_count,
            records.search([]).filtered_domain,
            records._read_group,
        ):
            with pytest.raises(AccessError) as refused:
                ask(["|", ("id", "=", 0), *by_code])  # type: ignore[operator]
            assert refused.value.kind == "field"
        for further in ([("shown_id.code", "=", "x")], [("shown_id", "any", by_code)]):
            with pytest.raises(AccessError):
                env["h.far"].search(further)
    with place.env(strict=False) as env:  # as in Odoo
        assert env["h.shown"].search(by_code) == shown


def test_what_keeps_a_record_from_being_deleted_is_not_named(place: Place) -> None:
    with place.env(None) as env:
        first, needed = (env["h.open"].create({}) for _ in "ab")
        assert first.id == 1
        for _ in range(77):
            last = env["h.needs"].create({"open_id": needed.id}).id
        env["h.needs"].browse(range(1, last)).unlink()
    with place.env() as env, pytest.raises(UserError, match=r"open_id of a record of h\.needs") as refused:
        env["h.open"].browse(needed.id).unlink()
    assert str(last) not in str(refused.value)
