"""Rows of decisions: what stands in each, what is said where something isn't known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from ostiary.domain import FALSE, TRUE, Domain, from_python, parse
from ostiary.policy import MODES, Mode
from ostiary.records.decisions import Wanted, decisions, to_lists
from ostiary.records.errors import Undecided
from policy.build import rule
from records.mail import Mail, mail

READ, WRITE, CREATE, UNLINK = MODES


@pytest.fixture
def made() -> Iterator[Mail]:
    with mail() as found:
        yield found


def rows(made: Mail, *models: str, users: tuple[str, ...] = ("ada",), **more: Any) -> list[dict[str, Any]]:
    return list(decisions(made.access(), Wanted(users, models, **more)))


def test_a_row_for_each_user_and_mode(made: Mail) -> None:
    first = made.add("shelf", name="a", active=False, owner_id=made.user["ada"])
    made.add("shelf", name="b", owner_id=made.user["bob"])
    found = rows(made, "shelf", users=("ada", "eve"))
    assert [(row["user"], row["mode"]) for row in found] == [
        (user, mode.value) for user in ("ada", "eve") for mode in MODES
    ]
    assert found[0] == {
        "user": "ada", "uid": made.user["ada"], "model": "shelf", "mode": "read", "acl": True,
        "domain": [["owner_id", "=", made.user["ada"]]], "ids": [first], "search_ids": [first],
    }  # fmt: skip
    assert "search_ids" not in found[1]
    assert found[1]["ids"] == [first]
    assert found[4]["ids"] == []
    json.dumps(found)


def test_without_a_right_there_is_nothing_to_list(made: Mail) -> None:
    made.add("hr.employee", name="e")
    made.add("hr.employee.public", name="e")
    read, write = rows(made, "hr.employee", modes=(READ, WRITE))
    assert (read["acl"], read["domain"], read["ids"], read["search_ids"]) == (False, None, [], [1])
    assert (write["acl"], write["domain"], write["ids"]) == (False, None, [])
    made.policy.rights = [one for one in made.policy.rights if one.model != "plain"]
    made.policy = msgspec.structs.replace(made.policy)
    made.schema.policy = made.policy
    (row,) = rows(made, "plain", modes=(READ,))
    assert (row["acl"], row["ids"], row["search_ids"]) == (False, [], None)
    assert "no access right" in row["search_refused"]


def test_many_rows_are_only_listed_when_asked_for(made: Mail) -> None:
    for _ in range(3):
        made.add("shelf", name="s", owner_id=made.user["ada"])
    (row,) = rows(made, "shelf", modes=(READ,), many=2)
    assert (row["ids"], row["search_ids"], row["too_many"]) == (None, None, 3)
    assert row["domain"]
    (row,) = rows(made, "shelf", modes=(READ,), many=None)
    assert len(row["ids"]) == 3


def test_what_is_not_known_is_said(made: Mail) -> None:
    made.policy.rules.append(rule("mail.later", "shelf", "[('name', '=', time.strftime('%Y'))]"))
    made.schema.policy = made.policy = msgspec.structs.replace(made.policy)
    (row,) = rows(made, "shelf", modes=(READ,))
    assert (row["acl"], row["domain"], row["ids"], row["search_ids"]) == (True, None, None, None)
    assert row["undecided"].startswith("cannot be decided: ")


def test_what_odoo_fails_on_is_said(made: Mail) -> None:
    made.policy.rules.append(rule("mail.bad", "shelf", "[('name', '=', nobody.id)]"))
    made.schema.policy = made.policy = msgspec.structs.replace(made.policy)
    (row,) = rows(made, "shelf", modes=(WRITE,))
    assert row["ids"] is None
    assert row["fails"].startswith("NameError: ")


def test_companies_that_are_not_the_users_are_refused(made: Mail) -> None:
    (row,) = rows(made, "shelf", modes=(WRITE,), companies=(9,))
    assert row["ids"] is None
    assert "companies" in row["refused"]


def test_progress_is_reported(made: Mail) -> None:
    said: list[tuple[str, int, int]] = []
    wanted = Wanted(("ada",), ("shelf", "plain"))
    list(decisions(made.access(), wanted, lambda *each: said.append(each)))
    assert said == [("Decisions", 0, 2), ("Decisions", 1, 2), ("Decisions", 2, 2)]


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [[0, "=", 1]],
        [["a", "=", 1]],
        ["&", ["a", "=", 1], ["b", "in", [1, False, None, "x", 2.5]]],
        ["|", "|", ["a", "=", 1], ["b", "=", 2], ["c", "=", 3]],
        ["&", "|", ["a", "=", 1], ["b", "=", 2], "!", ["c", "=", 3]],
        [["a", "any", ["|", ["b", "=", 1], ["c", "not any", [["d", "=", 1]]]]]],
        [["a", "any", [[1, "=", 1]]]],
    ],
)
def test_domains_as_lists(tokens: list[Any]) -> None:
    assert to_lists(from_python(tokens)) == tokens


def test_constants_as_lists() -> None:
    assert to_lists(TRUE) == []
    assert to_lists(FALSE) == [[0, "=", 1]]


@pytest.mark.parametrize("text", ["[('a', '=', user.id)]", "x()", "[('a', '=', 1)] if user.x else []"])
def test_only_ground_domains_become_lists(text: str) -> None:
    domain: Domain = parse(text)
    with pytest.raises(Undecided):
        to_lists(domain)


def test_modes_are_named_as_odoo_names_them() -> None:
    assert [mode.value for mode in Mode] == ["read", "write", "create", "unlink"]
