"""What a rule's text comes to for a session, as Python and Odoo's records would have it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from ostiary.domain import Concat, Literal, Sequence, Symbol, Term, from_python, parse, to_odoo
from ostiary.policy import Subject
from ostiary.records.errors import Fails, RecordsError, Undecided
from ostiary.records.evaluate import MAX_ITEMS, evaluate
from ostiary.records.memory import Rows
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from policy.build import BASE, field, groups, model, module, policy

DATA: dict[str, dict[int, dict[str, Any]]] = {
    "res.users": {
        7: {
            "login": "ada", "partner_id": 70, "company_id": 1, "company_ids": (1, 2), "share": True, "rank": None,
            "born": date(1815, 12, 10), "seen": datetime(2024, 5, 6, 7, 8, 9), "employee_ids": (),
        },
        8: {"login": "bob", "partner_id": 80, "company_id": 2, "company_ids": (2,)},
    },
    "res.partner": {
        70: {"name": "Ada", "parent_id": 71, "country_id": 5, "tag_ids": (1, 2, 3), "active": True},
        71: {"name": "Analytical", "parent_id": None, "country_id": None, "active": True},
        80: {"name": "Bob", "parent_id": None, "active": True},
    },
    "res.company": {1: {"country_id": 5}, 2: {"country_id": 6}},
    "res.country": {5: {"code": "BE"}, 6: {"code": "LU"}},
    "res.tag": {1: {"active": True, "name": "a"}, 2: {"active": False, "name": "b"}, 3: {"active": True, "name": ""}},
    "website": {},
}  # fmt: skip


def _one(name: str, comodel: str, **more: Any) -> Any:
    return field(name, "many2one", comodel=comodel, **more)


def _many(name: str, comodel: str) -> Any:
    return field(
        name, "many2many", comodel=comodel, relation_table=f"{name}_rel", relation_columns=("a", "b")
    )


MODELS = [
    model("res.users", [
        field("login"), field("share", "boolean"), field("rank", "integer"), field("born", "date"),
        field("seen", "datetime"), field("secret", compute="_compute_secret", store=False),
        _one("partner_id", "res.partner"), _one("company_id", "res.company"), _many("company_ids", "res.company"),
        _one("commercial_partner_id", "res.partner", related="partner_id.parent_id", store=False),
    ]),
    model("res.partner", [
        field("name"), field("active", "boolean"), _one("parent_id", "res.partner"), _one("country_id", "res.country"),
        _many("tag_ids", "res.tag"),
    ]),
    model("res.company", [_one("country_id", "res.country")]),
    model("res.country", [field("code")]),
    model("res.tag", [field("name"), field("active", "boolean")]),
    model("website", [_one("company_id", "res.company")]),
]  # fmt: skip
GROUPS = ("base.group_user", "base.group_no_one", "sales.seller")


def session(version: str = "18.0", uid: int | None = 7) -> tuple[Rows, Session]:
    made = policy(
        version,
        models=MODELS,
        groups=groups({**BASE, "sales.seller": []}),
        modules={"website": module("website")},
    )
    who = Subject("ada", frozenset(GROUPS))
    return Rows(Schema(made), DATA), Session(who, uid, 1 if uid else None, (1, 2) if uid else ())


def ground(text: str, version: str = "18.0", uid: int | None = 7) -> str:
    rows, asking = session(version, uid)
    return to_odoo(evaluate(rows, asking, parse(text)))


def value(text: str, version: str = "18.0") -> str:
    """What `text` on the right of a term comes to."""
    found = ground(f"[('f', 'in', {text})]", version)
    return found.removeprefix("[('f', 'in', ").removesuffix(")]")


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        ("user.id", "7"),
        ("user.ids", "[7]"),
        ("company_id", "1"),
        ("company_ids", "[1, 2]"),
        ("company_ids + [False]", "[1, 2, False]"),
        ("[False] + company_ids + [company_id]", "[False, 1, 2, 1]"),
        ("user.partner_id.id", "70"),
        ("user.partner_id.parent_id.id", "71"),
        ("user.partner_id.parent_id.parent_id.id", "False"),
        ("user.partner_id.parent_id.parent_id.ids", "[]"),
        ("user.partner_id.parent_id.parent_id.name", "False"),
        ("user.commercial_partner_id.id", "71"),
        ("user.company_ids.ids", "[1, 2]"),
        ("user.company_ids.country_id.ids", "[5, 6]"),
        ("user.mapped('company_ids.country_id.id')", "[5, 6]"),
        ("user.env.companies.country_id.ids", "[5, 6]"),
        ("user.env.company.id", "1"),
        ("user.env.uid", "7"),
        ("user.env.user.partner_id.id", "70"),
        ("user.sudo().partner_id.id", "70"),
        ("user.login", "'ada'"),
        ("user.share", "True"),
        ("user.rank", "0"),
        ("user.born", "'1815-12-10'"),
        ("user.seen", "'2024-05-06 07:08:09'"),
        ("website.company_id.id", "False"),
        ("website.id", "False"),
        ("user.partner_id.tag_ids.ids", "[1, 3]"),  # archived ones are left out
        ("[t.id for t in user.partner_id.tag_ids]", "[1, 3]"),
        ("[t.id for t in user.partner_id.tag_ids if t.name]", "[1]"),
        ("[t.name or 'none' for t in user.partner_id.tag_ids]", "['a', 'none']"),
        ("[c for c in company_ids if c != company_id]", "[2]"),
        ("[user.id if user.share else False]", "[7]"),
        ("user.partner_id.parent_id.id or user.partner_id.id", "71"),
        ("user.partner_id.parent_id.parent_id.id or 0", "0"),
        ("user.partner_id and user.partner_id.id", "70"),
        ("1 if user.has_group('sales.seller') else 2", "1"),
        ("1 if user.has_group('sales.boss') else 2", "2"),
        ("1 if company_id in company_ids and user.rank < 1 else 2", "1"),
        ("1 if user.partner_id.country_id.code in ('BE', 'NL') else 2", "1"),
        ("1 if user.company_id in user.company_ids else 2", "1"),
        ("1 if user.partner_id.parent_id.parent_id else 2", "2"),
        ("1 if user.rank is None else 2", "2"),
        ("'x' + user.login", "'xada'"),
        ("len(user.company_ids)", "2"),
        ("len(company_ids)", "2"),
        ("1 if bool(user.rank) else 2", "2"),
    ],
)  # fmt: skip
def test_values(text: str, comes_to: str) -> None:
    assert value(text) == comes_to


@pytest.mark.parametrize(
    ("version", "comes_to"), [("17.0", "1"), ("18.0", "2"), ("19.0", "2")], ids=["17", "18", "19"]
)
def test_the_group_of_debug_mode_counts_up_to_17(version: str, comes_to: str) -> None:
    assert value("1 if user.has_group('base.group_no_one') else 2", version) == comes_to


def test_conditionals_choose_domains() -> None:
    text = "[('a', '=', 1)] if user.has_group('sales.seller') else [('b', '=', user.secret)]"
    assert ground(text) == "[('a', '=', 1)]"


def test_operators_and_subdomains_stay() -> None:
    text = "['|', '!', ('a', '=', user.id), ('b', 'any', [('c', 'in', company_ids)])]"
    assert ground(text) == "['|', '!', ('a', '=', 7), ('b', 'any', [('c', 'in', [1, 2])])]"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("user.company_ids.id", "ValueError"),  # expected singleton
        ("user.partner_id.tag_ids.name", "ValueError"),
        ("user.no_such_field", "ValueError"),
        ("company_ids + company_id", "TypeError"),
        ("company_ids + 'x'", "TypeError"),
        ("[x or 1 for x in company_id]", "TypeError"),
        ("1 if user.login < 3 else 2", "TypeError"),
        ("nobody.id", "NameError"),
        ("uid", "NameError"),
    ],
)
def test_what_odoo_raises(text: str, error: str) -> None:
    rows, asking = session()
    made = rows.schema.policy
    made.models["res.users"].modules = ("base",)
    made.models["res.users"].code_unread = True  # of a database every field is known
    with pytest.raises(Fails) as raised:
        evaluate(rows, asking, parse(f"[('f', '=', {text})]"))
    made.models["res.users"].code_unread = False
    assert raised.value.error == error


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[('f', '=', user.secret)]", "field secret of model res.users"),
        ("[('f', '=', time.strftime('%Y'))]", "time.strftime()"),
        ("[('f', 'in', user._get_group_ids())]", "user._get_group_ids()"),
        ("[('f', '=', user)]", "records themselves"),
        ("[('f', 'in', user.company_ids)]", "records themselves"),
        ("[('f', '=', user.login.x)]", "user.login.x"),
        ("[('f', '=', user.env.context)]", "user.env.context"),
        ("[('f', '=', [1, 2][0])]", "could not be understood"),
        ("context.get('x')", "could not be understood"),
    ],
)
def test_what_only_running_it_tells_is_named(text: str, names: str) -> None:
    rows, asking = session()
    with pytest.raises(Undecided, match="cannot be decided") as raised:
        evaluate(rows, asking, parse(text))
    assert names in str(raised.value)


def test_time_is_no_name_in_19() -> None:
    with pytest.raises(RecordsError):
        ground("[('f', '=', time.strftime('%Y'))]", "19.0")


def test_an_invalid_domain_fails() -> None:
    with pytest.raises(Fails):
        ground("[('f', '=')]")


@pytest.mark.parametrize("text", ["user.id", "company_id", "company_ids", "user.env.company.id"])
def test_somebody_without_a_row_is_nobody_in_particular(text: str) -> None:
    with pytest.raises(Undecided):
        ground(f"[('f', '=', {text})]", uid=None)
    assert ground("[('a', '=', 1 if user.has_group('sales.seller') else 2)]", uid=None) == "[('a', '=', 1)]"


def test_too_many_values_are_not_gone_through() -> None:
    rows, asking = session()
    many = Sequence(tuple(Literal(1) for _ in range(MAX_ITEMS)))
    with pytest.raises(Undecided, match="too many values"):
        evaluate(rows, asking, Term("f", "in", Concat((many, Symbol("company_ids")))))


def test_nothing_is_evaluated_twice_or_changed() -> None:
    rows, asking = session()
    plain = from_python([["a", "=", 1], ["b", "in", [1, False]]])
    assert evaluate(rows, asking, plain) == plain


@pytest.mark.parametrize(
    ("test", "true"),
    [
        ("company_ids == [1, 3]", False),  # whatever they are, they hold different things
        ("company_ids != [1]", True),
        ("company_ids == 1", False),
        ("set(company_ids) == user.company_ids", False),
        ("user.company_id == user.company_ids", False),
        ("user.company_id == user.env.company", True),
        ("user.partner_id == user.company_id", False),
        ("len(company_ids + [3]) == 3", True),
        ("len(user.login) == 3", True),
        ("1 in set(company_ids)", True),
        ("3 in sorted(company_ids)", False),
        ("user.partner_id.parent_id.parent_id in user.partner_id", False),
        ("user.company_ids in user.company_ids", False),
        ("user.share is True", True),
        ("user.share is not False", True),
        ("user.rank is False", False),  # the number 0
        ("user.login is None", False),
        ("set(user.partner_id.parent_id.parent_id.ids)", False),
    ],
)
def test_what_a_test_says_whatever_kind_its_lists_are(test: str, true: bool) -> None:
    assert value(f"1 if {test} else 2") == ("1" if true else "2")


@pytest.mark.parametrize(
    "test",
    [
        "set(user.company_ids.ids) == {2, 1}",
        "len(set(company_ids + company_ids)) == len(company_ids)",
        "len(company_ids + company_ids) == 4",
        "len(set(user.company_ids + user.company_id)) == 2",
        "sorted([2, 1] + company_ids) == [1, 1, 2, 2]",
        "set(company_ids) == company_ids",
        "tuple(company_ids) != company_ids",
        "user.company_ids.ids == [2, 1]",
        "user.company_ids.ids == [1, 2]",
        "set(user.company_ids) == user.company_ids",
        "list(user.company_ids) == [c for c in user.company_ids]",
        "company_ids < [1, 2, 3]",
        "user.company_ids > user.company_id",
        "user.company_id <= user.company_ids",
        "company_ids in [1, 2]",
        "user.company_id.id is 1",
        "user.login is 'ada'",
        "company_ids is not company_ids",
        "user.born == '1815-12-10'",
        "user.born < '1900-01-01'",
        "user.born in ['1815-12-10']",
        "'1815-12-10' in [user.born]",
        "len('x' + user.born)",
        "'login' in user",
    ],
)
@pytest.mark.filterwarnings('ignore:"is.* with .* literal:SyntaxWarning')
def test_a_test_that_rests_on_what_is_not_known_is_undecided(test: str) -> None:
    with pytest.raises(Undecided, match="cannot be decided: a record rule"):
        ground(f"[('f', '=', 1 if {test} else 2)]")


def test_what_a_term_holds_is_one_whatever_it_was_written_as() -> None:
    for text in ("set(user.company_ids.ids)", "tuple(company_ids)", "sorted(company_ids)"):
        assert value(text) == "[1, 2]"
