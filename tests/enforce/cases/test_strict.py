"""What a strict Environment adds to Odoo.

Each thing is refused, nothing remains of it, and Odoo's way is one word away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from enforce.cases.asking import Asking, Filled
from ostiary.enforce import AccessError, InvalidError
from records.cases import DEL, LINE, PAR, REC, TAG
from records.fixture import VERSIONS, needs_cases

pytestmark = needs_cases

FALSE = "[(0, '=', 1)]"
NUM_1 = "[('num', '=', 1)]"
T1 = "[('name', '=', 't1')]"

on_both = pytest.mark.parametrize(
    ("version", "dialect"), [*((one, "sqlite") for one in VERSIONS), ("18", "postgresql")]
)
in_all = pytest.mark.parametrize(("version", "dialect"), [(one, "sqlite") for one in VERSIONS])


def rows(case: Asking) -> dict[str, list[str]]:
    """Everything that is stored."""
    connection = case.made.connection
    names = [
        name for name in case.made.schema.metadata.tables if name.startswith("zz_") or name == "res_users"
    ]
    return {name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {name}"))) for name in names}


@contextmanager
def refused(case: Asking, kind: str) -> Iterator[None]:
    """What is done inside raises an AccessError of a kind, and all rows are as before; the connection goes on."""
    before = rows(case)
    with pytest.raises(AccessError) as error:
        yield
    assert error.value.kind == kind
    assert rows(case) == before


@dataclass(frozen=True)
class Refusal:
    """Something that Odoo does (in the versions named) and a strict Environment doesn't. `again` is what Odoo's way
    comes to."""

    setup: Callable[[Asking], Any]
    ask: Callable[[Asking], Any]
    kind: str
    again: Any
    versions: tuple[str, ...] = VERSIONS


def rule(model: str, domain: str) -> Callable[[Asking], Any]:
    return lambda case: case.rule(model, domain)


def nothing(case: Asking) -> None:
    """The fixture as it is."""


def write(name: str, **values: Any) -> Callable[[Asking], Any]:
    return lambda case: case.record(REC, name, "iu").write(_ids(case, values))


def create(**values: Any) -> Callable[[Asking], Any]:
    return lambda case: case(REC, "iu").create(_ids(case, {"name": "n", **values})).exists()._name


def _ids(case: Asking, value: Any) -> Any:
    """The value with `@name` as the id of that record."""
    if isinstance(value, str) and value.startswith("@"):
        return case.ids[value[1:]]
    if isinstance(value, dict):
        return {key: _ids(case, one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_ids(case, one) for one in value)
    return value


OLD = ("17", "18")
LINES = "[('rec_id.name', '=', 'Abc')]"
REFUSALS: dict[str, Refusal] = {
    # A record that is written out of what its writer may write.
    "its own value": Refusal(rule(REC, NUM_1), write("Abc", num=9), "rule", True),
    "its parent": Refusal(rule(REC, "[('par_id.num', '=', 5)]"), write("Abc", par_id="@P2"), "rule", True),
    "its links": Refusal(
        rule(REC, "[('tag_ids.name', '=', 't1')]"), write("Abc", tag_ids=[(3, "@t1")]), "rule", True
    ),
    "its lines": Refusal(
        rule(REC, "[('line_ids.name', '=', 'la')]"), write("Abc", line_ids=[(3, "@la")]), "rule", True
    ),
    "a line of it": Refusal(
        rule(LINE, LINES), write("Abc", line_ids=[(1, "@la", {"rec_id": "@abd"})]), "rule", True
    ),
    "archived": Refusal(rule(REC, "[('active', '=', True)]"), write("Abc", active=False), "rule", True),
    "a value it inherits": Refusal(
        rule(PAR, "[('num', '=', 3)]"), lambda c: c.record(DEL, "del", "iu").write({"num": 4}), "rule", True
    ),
    "one of several": Refusal(
        rule(REC, "['|', ('num', '=', 1), ('sel', '=', 'b')]"),
        lambda c: c(REC, "iu").browse([c.ids["abd"], c.ids["Abc"]]).write({"num": 9}),
        "rule",
        True,
    ),
    "an attribute": Refusal(
        rule(REC, NUM_1), lambda c: setattr(c.record(REC, "Abc", "iu"), "num", 9), "rule", None
    ),
    # Field groups on what is created.
    "a field when creating": Refusal(nothing, create(secret="x"), "field", REC, OLD),
    "links when creating": Refusal(nothing, create(stag_ids=[(4, "@t1")]), "field", REC, OLD),
    "a default of the context": Refusal(
        nothing, lambda c: c(REC, "iu", default_secret="x").create({"name": "n"})._name, "field", REC, OLD
    ),
    "a field of a parent": Refusal(
        nothing, lambda c: c(DEL, "iu").create({"name": "n", "secret": "x"})._name, "field", DEL, OLD
    ),
    "a field of a line": Refusal(
        nothing,
        lambda c: c.record(PAR, "P1", "iu").write({"rec_ids": [(0, 0, {"name": "n", "secret": "x"})]}),
        "field",
        True,
        OLD,
    ),
    "the second of two": Refusal(
        nothing,
        lambda c: len(c(REC, "iu").create([{"name": "n"}, {"name": "m", "secret": "x"}])),
        "field",
        2,
        OLD,
    ),
    # Links to records that the user can't read.
    "a hidden parent": Refusal(rule(PAR, FALSE), write("abd", par_id="@P1"), "rule", True),
    "a parent without a right": Refusal(lambda c: c.close(PAR), write("abd", par_id="@P1"), "rule", True),
    "a hidden parent when creating": Refusal(rule(PAR, FALSE), create(par_id="@P1"), "rule", REC),
    "a hidden parent by default": Refusal(
        rule(PAR, FALSE),
        lambda c: c(REC, "iu", default_par_id=c.ids["P1"]).create({"name": "n"})._name,
        "rule",
        REC,
    ),
    "a hidden tag": Refusal(rule(TAG, T1), write("abd", tag_ids=[(4, "@t2")]), "rule", True, OLD),
    "all tags anew": Refusal(
        rule(TAG, T1), write("abd", tag_ids=[(6, 0, ["@t1", "@t2"])]), "rule", True, OLD
    ),
    "a hidden tag when creating": Refusal(rule(TAG, T1), create(tag_ids=[(4, "@t2")]), "rule", REC, OLD),
    "a hidden tag by default": Refusal(
        rule(TAG, T1),
        lambda c: c(REC, "iu", default_tag_ids=[(4, c.ids["t2"])]).create({"name": "n"})._name,
        "rule",
        REC,
        OLD,
    ),
}


@on_both
@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_leaves_nothing(tables: Filled, name: str) -> None:
    one = REFUSALS[name]
    with Asking(tables, strict=True) as case:
        one.setup(case)
        with refused(case, one.kind):
            one.ask(case)


@in_all
@pytest.mark.parametrize("name", REFUSALS)
def test_odoos_way_is_one_word_away(tables: Filled, version: str, name: str) -> None:
    one = REFUSALS[name]
    with Asking(tables) as case:
        one.setup(case)
        if version in one.versions:
            assert one.ask(case) == one.again
        else:
            with refused(case, one.kind):
                one.ask(case)


@on_both
def test_a_write_within_reach_is_done(tables: Filled) -> None:
    with Asking(tables, strict=True) as case:
        case.rule(REC, NUM_1)
        case.rule(PAR, "[('num', '=', 5)]")
        case.rule(TAG, T1)
        record = case.record(REC, "Abc", "iu")
        parent, tag = case.ids["P1"], case.ids["t1"]
        assert record.write({"name": "k", "num": 1, "par_id": parent, "tag_ids": [(6, 0, [tag])]})
        assert (record.name, record.par_id.id) == ("k", parent)
        # What the user doesn't see stays linked, and needn't be named.
        assert case.record(REC, "Abc").tag_ids.mapped("name") == ["t1", "t2"]


# ------------------------------------------------------------------------------------ what somebody else has read


@on_both
def test_what_a_superuser_has_read_is_asked_for_again(tables: Filled) -> None:
    with Asking(tables, strict=True) as case:
        record = case.record(REC, "Abc", "iu")
        assert record.sudo(reason="a test").secret == "S"
        with refused(case, "field"):
            _ = record.secret


@on_both
def test_what_another_user_has_read_is_asked_for_again(tables: Filled) -> None:
    with Asking(tables, strict=True) as case:
        case.rule(REC, NUM_1, "zz.gA")
        hidden = case.record(REC, "abd", "iu")
        assert hidden.name == "abd"
        with refused(case, "rule"):
            _ = hidden.with_user("ia").name


@in_all
def test_odoo_gives_what_another_user_has_read(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(REC, NUM_1, "zz.gA")
        hidden = case.record(REC, "abd", "iu")
        assert hidden.name == "abd"
        assert hidden.with_user("ia").name == "abd"
        case.invalidate()
        with refused(case, "rule"):
            _ = hidden.with_user("ia").name


@in_all
def test_values_of_new_records_are_asked_for(tables: Filled) -> None:
    with Asking(tables, strict=True) as case, pytest.raises(AccessError, match="secret"):
        _ = case(REC, "iu").new({"secret": "q"}).secret


# ------------------------------------------------------------------------------------ the reason


@in_all
def test_superuser_mode_needs_a_reason(tables: Filled) -> None:
    with Asking(tables, strict=True) as case:
        record = case.record(REC, "Abc", "iu")
        for ask in (record.sudo, record.env.sudo, lambda: record.sudo(reason=" ")):
            with pytest.raises(InvalidError, match="say why that is right"):
                ask()
        for superuser in (1, None, "__system__"):
            with pytest.raises(InvalidError, match="say why that is right"):
                record.with_user(superuser)
        assert record.sudo(reason="a test").env.su
        assert record.with_user(1, reason="a bot").name == "Abc"
        done = case.env.bypasses[-1]
        assert (done.login, done.model, done.verb, done.reason) == ("__system__", REC, "read", "a bot")
        assert not record.sudo(reason="a test").sudo(False).env.su
        assert not record.sudo(False).env.su


@in_all
def test_odoo_asks_for_no_reason(tables: Filled) -> None:
    with Asking(tables) as case:
        record = case.record(REC, "Abc", "iu")
        assert record.sudo().env.su
        assert record.with_user(1).env.su


@in_all
def test_sql_needs_a_reason_in_any_case(tables: Filled) -> None:
    for strict in (True, False):
        with Asking(tables, strict=strict) as case:
            env = case(REC, "iu").env
            with pytest.raises(InvalidError, match="say why that is right"):
                env.execute("UPDATE zz_rec SET num = 7", reason="")
            assert case.record(REC, "Abc").num == 1


# ------------------------------------------------------------------------------------ the unit of work


@on_both
def test_a_refusal_undoes_its_unit_and_no_more(tables: Filled) -> None:
    with Asking(tables, strict=True) as case:
        case.rule(LINE, FALSE)
        env = case(REC, "iu").env
        kept = env[REC].create({"name": "before"})
        before = rows(case)
        with pytest.raises(AccessError), env.unit():
            env[REC].create({"name": "in it"})
            kept.name = "in it"
            env[LINE].create({"name": "n", "rec_id": kept.id})
        assert rows(case) == before
        assert kept.name == "before"
        assert case(REC).search_count([("name", "=", "in it")]) == 0
