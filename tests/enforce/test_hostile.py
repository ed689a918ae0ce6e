"""Hostile input: one clear error of Ostiary's own, nothing changed, nothing told."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from enforce.stateful import things
from ostiary.enforce import AccessError, EnforceError, Environment, InvalidError, UserError, bypasses
from ostiary.records.errors import Undecided

HIDDEN = "zqhiddenqz"
Do = Callable[[Environment], Any]


class Place:
    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://")
        self.policy = things.installed(self.engine)
        self.ids = things.filled(self.engine, self.policy, HIDDEN)
        self.before = things.rows(self.engine)

    def env(self, login: str | None = "ann", **more: Any) -> Environment:
        return Environment(self.engine, self.policy, user=login, **more)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.engine.dispose()


def thing(env: Environment, login: str = "ann") -> Any:
    ids = {"ann": 2, "bob": 1}
    return env["h.thing"].browse(ids[login])


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


# ------------------------------------------------------------------------------------ nothing is told

REFUSED: list[Do] = [
    lambda env: thing(env, "bob").read(["name"]),
    lambda env: thing(env, "bob").read(),
    lambda env: thing(env, "bob").name,
    lambda env: thing(env, "bob").display_name,
    lambda env: thing(env, "bob").per,
    lambda env: thing(env, "bob").tag_ids,
    lambda env: thing(env, "bob").line_ids.mapped("name"),
    lambda env: thing(env, "bob").write({"name": "x"}),
    lambda env: thing(env, "bob").write({"num": 1, "line_ids": [(5,)], "tag_ids": [(5,)]}),
    lambda env: thing(env, "bob").unlink(),
    lambda env: thing(env, "bob").copy(),
    lambda env: thing(env, "bob").check_access("write"),
    lambda env: thing(env, "bob").filtered_domain([("name", "=", "x")]),
    lambda env: thing(env, "bob").mapped("box_id.name"),
    lambda env: (thing(env) | thing(env, "bob")).sorted("name"),
    lambda env: (thing(env) | thing(env, "bob")).filtered("name"),
    lambda env: (thing(env) | thing(env, "bob")).read(["num"]),
    lambda env: thing(env).secret,
    lambda env: thing(env).read(["secret"]),
    lambda env: thing(env).write({"secret": "x"}),
    lambda env: thing(env).copy(),
    lambda env: thing(env).box_id.name,
    lambda env: thing(env).mapped("box_id.name"),
    lambda env: thing(env).filtered_domain([("box_id.name", "=", "x")]),
    lambda env: thing(env).filtered_domain([("secret", "=", "x")]),
    lambda env: thing(env).search([("secret", "like", "z")]),
    lambda env: thing(env).search([], order="secret"),
    lambda env: thing(env).search_read([], ["secret"]),
    lambda env: thing(env).read_group([], ["num"], ["secret"]),
    lambda env: thing(env).read_group([], ["secret:max"], ["num"]),
    lambda env: thing(env).write({"box_id": env["h.box"].browse(1)}),
    lambda env: thing(env).write({"tag_ids": [(4, 1)]}),
    lambda env: thing(env).write({"tag_ids": [(6, 0, [1, 2])]}),
    lambda env: thing(env).write({"ref": "h.box,1"}),
    lambda env: thing(env).write({"line_ids": [(4, 1)]}),
    lambda env: thing(env).write({"line_ids": [(1, 1, {"name": "x"})]}),
    lambda env: thing(env).write({"line_ids": [(2, 1)]}),
    lambda env: thing(env).write({"owner_id": 2}),
    lambda env: thing(env).write({"box_name": "x"}),
    lambda env: env["h.line"].create({"thing_id": 1}),
    lambda env: env["h.car"].create({"box_id": 1}),
    lambda env: env["h.car"].create({"box_id": 1, "name": "x"}),
    lambda env: env["h.car"].browse(1).name,
    lambda env: env["h.car"].browse(1).plate,
    lambda env: env["h.thing"].create({"owner_id": 2}),
    lambda env: env["h.thing"].create({"owner_id": 1, "secret": "x"}),
    lambda env: env["res.partner"].search([]),
    lambda env: env["res.partner"].browse(1).name,
    lambda env: env["res.users"].browse(2).write({"login": "x"}),
    lambda env: env.with_company(2)["h.thing"].search([]),
    lambda env: env.with_company(2).company,
]


def test_a_refusal_tells_nothing_that_the_user_may_not_read_and_changes_nothing(place: Place) -> None:
    for number, do in enumerate(REFUSED):
        with place.env() as env:
            with pytest.raises(AccessError) as refused:
                do(env)
            for error in chain(refused.value):
                told = f"{error} {error!r} {error.args} {vars(error)}"
                assert HIDDEN not in told, number
                assert not isinstance(error, sa.exc.SQLAlchemyError), number
            first, _, tree = str(refused.value).partition("\n")
            assert first.endswith("."), number
            assert not tree or tree.startswith(("├─", "└─")), number
        assert things.rows(place.engine) == place.before, number


def test_the_marker_is_there_to_be_found(place: Place) -> None:
    """So that the test above can fail."""
    with place.env("eve") as env:
        assert thing(env, "bob").name == HIDDEN == thing(env).secret


def test_an_error_of_the_database_is_told_without_statement_and_values(place: Place) -> None:
    with place.env() as env:
        for do in (
            lambda: env["h.thing"].search([("bin", "=", HIDDEN)]),
            lambda: env.execute("SELECT :gone", reason="a test"),
            lambda: env.execute("SELEC 1", reason="a test"),
            lambda: env.execute(
                "INSERT INTO h_tag (id, name) VALUES (1, :name)", {"name": HIDDEN}, reason="a test"
            ),
        ):
            with pytest.raises(EnforceError) as wrong:
                do()
            assert list(chain(wrong.value)) == [wrong.value]
            assert HIDDEN not in str(wrong.value)
            assert "SELEC" not in str(wrong.value)
    assert things.rows(place.engine) == place.before


def test_records_in_order_are_those_that_a_search_finds(place: Place) -> None:
    """The model's order is by name: that of a record one may not read would tell."""
    with place.env() as env:
        assert (thing(env) | thing(env, "bob")).sorted().ids == [2]


# ------------------------------------------------------------------------------------ hostile values

TEXTS = ["a\x00b", "\ud800", "x" * 100, "%_'\"\\;--"]
IDS = [2**31, 2**63 - 1, 2**63, 2**70, -(2**70)]
WRONG: list[Any] = [
    *TEXTS, *IDS, b"x", 1.5, float("nan"), float("inf"), True, object(), object, 10**5000, [1], [[]], [()], (1, 2),
    {"a": 1}, {1, 2}, range(3), "2024-13-45", "9999999-01-01", datetime.datetime.min, datetime.date.max, "h.thing,x",
    "no.model,1", [(0,)], [(9, 1)], [(4,)], [(4, "x")], [(4, 2**70)], [(6, 0, 5)], [(6, 0, ["x"])], [(0, 0, {"no": 1})],
    [(0, 0, {5: 1})], [(1, 2**70, {})], [(2, 2**70)], [(3, 2**70)], [(5,)] * 100_001, ["create"], [(True, 0, {})],
]  # fmt: skip
FIELDS = [
    "name", "num", "amount", "day", "owner_id", "box_id", "tag_ids", "line_ids", "per", "ref", "bin",
    "box_name", "nothing", "_ids", "env", "__class__", "name; DROP TABLE h_thing", None, 5,
]  # fmt: skip


def attempt(do: Callable[[], Any]) -> BaseException | None:
    """The clear error it ended with, if it did; any other is raised."""
    try:
        do()
    except (EnforceError, Undecided) as error:
        assert "\n" not in str(error).partition("\n├")[0].partition("\n└")[0]
        return error
    return None


@pytest.mark.parametrize("name", FIELDS)
def test_no_value_does_more_than_be_refused_or_stored(place: Place, name: Any) -> None:
    with place.env() as env:
        for value in WRONG:
            before = thing(env).sudo(reason="to compare").read()
            if attempt(lambda value=value: thing(env).write({name: value})) is not None:
                assert thing(env).sudo(reason="to compare").read() == before
            attempt(lambda value=value: env["h.thing"].create({"owner_id": 1, name: value}))
        assert env["h.thing"].browse(1).exists()
        env.rollback()
    assert things.rows(place.engine) == place.before


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
def test_what_is_no_text_is_not_stored(place: Place, value: str) -> None:
    with place.env() as env, pytest.raises(EnforceError, match="no char"):
        thing(env).write({"name": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "nan", "-inf"])
def test_what_is_no_number_is_not_stored(place: Place, value: object) -> None:
    with place.env() as env, pytest.raises(EnforceError, match="no float"):
        thing(env).write({"amount": value})


def nested(depth: int) -> list[Any]:
    found: Any = ("name", "=", "x")
    for _ in range(depth):
        found = ("box_id", "any", [found])
    return [found]


def test_no_domain_does_more_than_be_refused_or_find_what_is_theirs(place: Place) -> None:
    domains: list[Any] = [
        "name = 1", 5, True, {"a": 1}, [1], [()], [("name", "=")], ["&"], ["!"] * 3_000, nested(20), nested(500),
        [[[[[]]]]], ["|"] * 200 + [("name", "=", "x")] * 201, [("id", "in", list(range(20_000)))],
        [("name", "in", ["x"] * 20_000)], [("box_id", "child_of", [2**70])], [("id", "=", "1; DROP TABLE h_thing")],
        [(["name"], "=", 1)], [("name", "=", object())], [("__class__", "=", 1)], [("env.user", "=", 1)],
        *([("name", "=", text)] for text in TEXTS), *([("id", operator, one)] for one in IDS for operator in "<=>"),
        [("num", "=", float("nan"))], [("day", "=", "\x00")], [("line_ids.thing_id.line_ids.thing_id", "=", 1)],
    ]  # fmt: skip
    with place.env() as env:
        for domain in domains:
            for do in (
                lambda domain=domain: env["h.thing"].search(domain).ids,
                lambda domain=domain: env["h.thing"].search_read(domain, ["name"]),
                lambda domain=domain: [env["h.thing"].search_count(domain)],
            ):
                found: list[Any] = []
                attempt(lambda do=do, found=found: found.append(do()))
                assert HIDDEN not in repr(found)
                assert 1 not in [one for one in found if isinstance(one, list) and one == [1, 2]]
            attempt(lambda domain=domain: thing(env).filtered_domain(domain))
    assert things.rows(place.engine) == place.before


CALLS: dict[str, Do] = {
    "ids out of range": lambda env: [
        attempt(lambda one=one, verb=verb, given=given: getattr(env["h.thing"].browse(one), verb)(*given))
        for one in IDS
        for verb, given in (
            ("read", ()), ("unlink", ()), ("exists", ()), ("has_access", ("read",)), ("write", ({"num": 1},)),
            ("copy", ()), ("sorted", ()), ("filtered_domain", ([("name", "=", "x")],)),
        )
    ],
    "ids that are none": lambda env: [
        attempt(lambda one=one: env["h.thing"].browse(one).read(["num"]))
        for one in (True, "1", 1.5, ["1"], [None], object(), {"x": 1}, [[1]], 0, None)
    ],
    "fields that are none": lambda env: [
        attempt(lambda one=one: thing(env).read(one))
        for one in ("name", 5, [5], [[]], [None], ["__class__"], ["_ids"], ["box_id.name"], ["name; x"])
    ],
    "orders that are none": lambda env: [
        attempt(lambda one=one: env["h.thing"].search([], order=one))
        for one in (
            5, ["name"], "name; DROP TABLE h_thing", "(SELECT 1)", "__class__", "name\x00", "name," * 100_000,
            "CASE WHEN 1=1 THEN 1 END", "owner_id.login", "name desc desc",
        )
    ],
    "groups that are none": lambda env: [
        attempt(lambda one=one: env["h.thing"].read_group([], ["num"], [one]))
        for one in ("name; x", "__class__", "day:x", "box_id.name", "name) FROM h_thing --")
    ],
    "limits that are none": lambda env: [
        attempt(lambda one=one, name=name: env["h.thing"].search([], **{name: one}))
        for one in ("1", -1, 2**70, 1.5, True, "1; DROP TABLE h_thing", [1])
        for name in ("limit", "offset")
    ],
    "values that are none": lambda env: [
        attempt(lambda one=one, verb=verb: getattr(thing(env), verb)(one))
        for one in ("x", 5, [5], [None], object())
        for verb in ("create", "write", "copy")
    ],
    "paths that are none": lambda env: [
        attempt(lambda one=one, verb=verb: getattr(thing(env), verb)(one))
        for one in (5, "nothing", "nothing.x", "", "name.x", "__class__")
        for verb in ("mapped", "filtered")
    ],
    "modes that are none": lambda env: [
        attempt(lambda one=one: thing(env).check_access(one)) for one in ("", "READ", None, 5, [])
    ],
    "users that are none": lambda env: [
        attempt(lambda one=one: env.with_user(one)) for one in (True, object(), 2**70, 999, [1], b"ann")
    ],
    "companies that are none": lambda env: [
        attempt(lambda one=one: env.with_company(one)["h.thing"].search([]))
        for one in ("x", True, object(), env["res.users"].browse(1))
    ] + [
        attempt(lambda one=one: env.with_context(allowed_company_ids=one)["h.thing"].search([]))
        for one in ("x", 5, [None], ["1"], {"a": 1})
    ],
    "external ids that are none": lambda env: [attempt(lambda one=one: env.ref(one)) for one in ("", "\ud800", 5)],
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_no_call_does_more_than_be_refused(place: Place, call: str) -> None:
    with place.env() as env:
        ended = CALLS[call](env)
        assert any(ended)
        env.rollback()
    assert things.rows(place.engine) == place.before


def test_twenty_thousand_ids_are_asked_at_once(place: Place) -> None:
    with place.env("eve") as env:
        many = env["h.thing"].browse(range(1, 20_001))
        assert len(many.exists()) == 2
        assert len(many.read(["num"])) == 2
    with place.env() as env, pytest.raises(AccessError):
        env["h.thing"].browse(range(1, 20_001)).read(["num"])


def test_nothing_lies_below_itself(place: Place) -> None:
    with place.env() as env:
        box = env["h.box"].browse(place.ids["box.ann"])
        below = env["h.box"].create({"name": "below", "owner_id": place.ids["ann"], "parent_id": box.id})
        for parent in (box, below):
            with pytest.raises(UserError, match="below itself"):
                box.write({"parent_id": parent.id})
        env.rollback()


# ------------------------------------------------------------------------------------ past the rules, but not unseen


def test_whatever_is_done_as_superuser_is_kept(place: Place) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "search": lambda records: records.search([]),
        "search_count": lambda records: records.search_count([]),
        "search_read": lambda records: records.search_read([], ["name"]),
        "name_search": lambda records: records.name_search(""),
        "read_group": lambda records: records.read_group([], ["num"], ["num"]),
        "_read_group": lambda records: records._read_group([], ["num"]),
        "read": lambda records: records.browse(1).read(["name"]),
        "attribute": lambda records: records.browse(1).name,
        "display_name": lambda records: records.browse(1).display_name,
        "mapped": lambda records: records.browse(1).mapped("box_id.name"),
        "sorted": lambda records: records.browse([1, 2]).sorted(),
        "filtered_domain": lambda records: records.browse(1).filtered_domain([("name", "=", "x")]),
        "create": lambda records: records.create({"name": "x"}),
        "write": lambda records: records.browse(1).write({"num": 1}),
        "copy": lambda records: records.browse(1).copy(),
        "unlink": lambda records: records.browse(1).unlink(),
    }
    for name, call in calls.items():
        for root in ("sudo", "env.user", "OdooBot"):
            with place.env() as env:
                if root == "sudo":
                    records = env["h.thing"].sudo(reason="a test")
                elif root == "env.user":
                    records = env.user.env["h.thing"]
                else:
                    records = env.with_user(None, reason="a test")["h.thing"].with_companies([1])
                assert not env.bypasses, (name, root)
                call(records)
                assert env.bypasses, (name, root)
                assert all(__file__ in one.place for one in env.bypasses), (name, root)
                env.rollback()


def test_the_users_own_row_is_read_without_ado(place: Place) -> None:
    with place.env() as env:
        assert env.user.login == "ann"
        assert env.user.has_group(things.USER)
        assert not env.bypasses
        _ = env.user.partner_id.name
        assert [(one.verb, one.model, one.reason) for one in env.bypasses] == [
            ("read", "res.partner", "env.user")
        ]


@pytest.mark.parametrize("reason", ["", "  ", None, 5, True])
def test_a_bypass_needs_a_reason_in_words(place: Place, reason: Any) -> None:
    with place.env() as env:
        for do in (
            lambda: env.sudo(reason=reason),
            lambda: thing(env).sudo(reason=reason),
            lambda: env.execute("SELECT 1", reason=reason),
        ):
            with pytest.raises(InvalidError, match="reason"):
                do()


def test_the_list_of_bypasses_is_bounded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bypasses, "MOST", 10)
    with place.env() as env:
        for number in range(30):
            _ = thing(env).sudo(reason=f"for invoice {number}").name
        kept = env.bypasses
    assert len(kept) == 11
    assert sum(one.times for one in kept) == 30
    assert kept[-1].reason == bypasses.OTHERS
