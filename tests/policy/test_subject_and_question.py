"""How a person names who and what, and what is said where that fails."""

from __future__ import annotations

import pytest

from ostiary.policy import BadQuestion, Question, Subject, UnknownSubject
from policy.build import BASE, CREATE, READ, field, groups, menu, model, policy, user

MADE = policy(
    groups=groups({"zz.boss": ["base.group_user"], **BASE}),
    users=[
        user("ann", "zz.boss"), user("stored", "zz.boss", closed=True),
        user("__system__", "base.group_user", xmlid="base.user_root"), user("nobody"),
    ],
    models=[
        model("sale.order", [field("amount"), field("line_ids")]), model("sale.order.line", [field("price")]),
        model("product.template", [field("list_price")]),
        model("product.product", [field("tmpl_id")], inherits={"product.template": "tmpl_id"}),
        model("unread.model", unresolved=True),
    ],
    menus=[menu("sale.menu_root")],
)  # fmt: skip


def test_of_user_closes_groups_unless_they_are_stored_closed() -> None:
    assert Subject.of_user(MADE, "ann").groups == {"zz.boss", "base.group_user", "base.group_no_one"}
    assert Subject.of_user(MADE, "stored").groups == {"zz.boss"}
    assert Subject.of_user(MADE, "stored").share


@pytest.mark.parametrize("text,name,kind,phrase", [
    ("ann", "ann", "user", "user ann"), ("zz.boss", "zz.boss", "group", "a user who holds only zz.boss"),
    ("portal", "base.group_portal", "group", "a portal user"),
    ("Public", "base.group_public", "group", "a public user"),
    (" internal ", "base.group_user", "group", "an internal user"),
    ("__system__", "__system__", "superuser", "the superuser __system__"),
])  # fmt: skip
def test_find(text: str, name: str, kind: str, phrase: str) -> None:
    found = Subject.find(MADE, text)
    assert (found.name, found.kind, found.phrase, found.superuser) == (
        name,
        kind,
        phrase,
        kind == "superuser",
    )


def test_a_login_comes_before_the_word() -> None:
    made = policy(users=[user("portal", "base.group_portal")])
    assert Subject.find(made, "portal").kind == "user"


def test_user_type() -> None:
    assert Subject.find(MADE, "ann").user_type == "base.group_user"
    assert Subject.find(MADE, "portal").user_type == "base.group_portal"
    assert Subject.find(MADE, "nobody").user_type is None
    assert Subject.find(MADE, "nobody").share


@pytest.mark.parametrize("text,message", [
    ("an", "There is no user or group 'an'; did you mean ann?"),
    ("zz.bos", "There is no user or group 'zz.bos'; did you mean zz.boss?"),
    ("qqqqqq", "There is no user or group 'qqqqqq' in what was read."),
])  # fmt: skip
def test_an_unknown_subject_names_near_misses(text: str, message: str) -> None:
    with pytest.raises(UnknownSubject) as caught:
        Subject.find(MADE, text)
    assert str(caught.value) == message


def test_of_group_and_of_user_refuse_what_is_not_there() -> None:
    with pytest.raises(UnknownSubject, match=r"There is no group zz\.bosss; did you mean zz.boss"):
        Subject.of_group(MADE, "zz.bosss")
    with pytest.raises(UnknownSubject, match="There is no user anne; did you mean ann"):
        Subject.of_user(MADE, "anne")


@pytest.mark.parametrize("text,expected", [
    ("read sale.order", Question(READ, "sale.order")),
    ("read sale.order.line", Question(READ, "sale.order.line")),
    ("Read sale.order.line_ids", Question(READ, "sale.order", "line_ids")),
    ("create sale.order.line.price", Question(CREATE, "sale.order.line", "price")),
    ("read product.product.list_price", Question(READ, "product.product", "list_price")),
    ("read sale.order.write_date", Question(READ, "sale.order", "write_date")),
    ("read unread.model.anything", Question(READ, "unread.model", "anything")),
    ("see sale.menu_root", Question(menu="sale.menu_root")),
])  # fmt: skip
def test_parse(text: str, expected: Question) -> None:
    assert Question.parse(text, MADE) == expected
    assert Question.parse(str(expected), MADE) == expected


@pytest.mark.parametrize("text,message", [
    ("sale.order", "A question is a verb and a name, such as 'read res.partner', not 1 words."),
    ("read sale.order 42", "A question is a verb and a name, such as 'read res.partner', not 3 words."),
    ("delete sale.order", "'delete' is not something Odoo controls; did you mean unlink?"),
    ("ponder sale.order", "'ponder' is not something Odoo controls; use one of read, write, create, unlink, see."),
    ("read sale.ordr", "There is no model sale.ordr; did you mean sale.order or sale.order.line?"),
    ("read sale.order.amont", "There is no model or field sale.order.amont; did you mean sale.order.amount"),
    ("unlink sale.order.amount", "Records are unlinked, fields are not: ask 'unlink sale.order'."),
    ("see sale.menu_rot", "There is no menu sale.menu_rot; did you mean sale.menu_root?"),
    ("read zzz", "There is no model zzz in what was read."),
    ("read sale.order:5.amount", "'5.amount' is not the id of a record: the field stands before it, as in "
     "'read sale.order.amount:5'."),
    ("read sale.order:x", "'x' is not the id of a record: ask about one as in 'read sale.order:42'."),
    ("read sale.order.amount:5.x", "'5.x' is not the id of a record: ask about one as in "
     "'read sale.order.amount:42'."),
])  # fmt: skip
def test_a_bad_question_says_why(text: str, message: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        Question.parse(text, MADE)
    assert str(caught.value).startswith(message)


def test_near_misses_are_named_once() -> None:
    made = policy(
        groups=groups(BASE),
        users=[user("portal", "base.group_portal"), user("portal_c2")],
    )
    with pytest.raises(UnknownSubject) as caught:
        Subject.find(made, "portl")
    assert str(caught.value) == "There is no user or group 'portl'; did you mean portal or portal_c2?"
