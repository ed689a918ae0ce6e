"""Held against what a real Odoo 18.0 with 171 modules answered: every user, model and mode, exactly.

Each comparison is of everything; what differs is named here one by one, with the reason.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest

from ostiary.domain import from_python, terms, truth
from ostiary.policy import (
    Mode,
    Policy,
    Question,
    Subject,
    Verdict,
    closure,
    decide,
    effective,
    field_access,
    field_groups,
    matrix,
    may,
    menu_visibility,
    user_type_conflict,
)
from policy.oracle import menu_ids, needs_oracle, oracle_policy, read, rows

pytestmark = needs_oracle


@cache
def subject(login: str) -> Subject:
    return Subject.of_user(oracle_policy(), login)


@cache
def decisions() -> list[dict[str, Any]]:
    """One row for each user, model and mode; rows of a narrowed company choice repeat the others."""
    wanted = ("user", "model", "op", "acl", "rule_domain")
    return [
        {key: row[key] for key in wanted}
        for row in rows("decisions.jsonl.xz")
        if "allowed_company_ids" not in row
    ]


def granted() -> Iterator[tuple[dict[str, Any], Any]]:
    """The rows that an access right lets through, with our effective rights and rules."""
    made = oracle_policy()
    for row in decisions():
        if row["acl"]:
            yield row, effective(made, subject(row["user"]), row["model"], Mode(row["op"]))


# ------------------------------------------------------------------------------------ access rights


def test_access_rights_are_those_of_the_server() -> None:
    made = oracle_policy()
    wrong = [
        row
        for row in decisions()
        if may(made, subject(row["user"]), row["model"], Mode(row["op"])) is not row["acl"]
    ]
    assert len(decisions()) == 45 * 570 * 4
    assert sum(row["acl"] for row in decisions()) == 20_256
    assert wrong == []


# ------------------------------------------------------------------------------------ record rules

# `_inherits` links are required, so `link any (everything)` is everything; Odoo keeps it where the parent has a rule.
TRIVIAL_LINKS = {
    "mail.mail": [["mail_message_id", "any", [[1, "=", 1]]]],
    "website.page": [["view_id", "any", [[1, "=", 1]]]],
    "website.controller.page": [["view_id", "any", [[1, "=", 1]]]],
}


def test_the_rules_let_everything_through_exactly_where_the_server_says() -> None:
    trivial_links = set()
    for row, found in granted():
        theirs = row["rule_domain"] in ([], [[1, "=", 1]])
        if row["rule_domain"] == TRIVIAL_LINKS.get(row["model"]):
            trivial_links.add(row["model"])
            theirs = True
        assert truth(found.domain) is (True if theirs else None), row
        assert found.verdict is (Verdict.ALLOWED if theirs else Verdict.FILTERED)
    assert trivial_links == set(TRIVIAL_LINKS)


def test_the_effective_domain_has_the_terms_of_the_servers() -> None:
    """The server's domain has values where ours has names; fields and operators are the same."""
    wrong = set()
    for row, found in granted():
        ours, theirs = (
            {(term.path, term.operator) for term, _ in terms(domain, inner=True)}
            for domain in (found.domain, from_python(row["rule_domain"]))
        )
        if ours != theirs and row["rule_domain"] != TRIVIAL_LINKS.get(row["model"]):
            wrong.add(
                (row["user"], row["model"], row["op"], frozenset(theirs - ours), frozenset(ours - theirs))
            )
    # The public user reads departments with published jobs or `child_ids not in []`, which is everything.
    loose = frozenset({("jobs_ids.website_published", "="), ("child_ids", "not in")})
    assert wrong == {("public", "hr.department", "read", loose, frozenset())}


def test_matrix_agrees_and_takes_about_a_second() -> None:
    made = msgspec.structs.replace(oracle_policy())
    people = [subject(login) for login in sorted({row["user"] for row in decisions()})]
    started = time.perf_counter()
    table = {(row.subject, row.model): row.verdicts for row in matrix(made, people)}
    assert time.perf_counter() - started < 10
    assert len(table) == 45 * 570
    for row in decisions():
        assert (table[row["user"], row["model"]][Mode(row["op"])] is Verdict.DENIED) is not row["acl"]


# ------------------------------------------------------------------------------------ menus


@pytest.mark.parametrize("key,debug", [("visible", False), ("visible_debug", True)])
def test_menus_are_those_of_the_server(key: str, debug: bool) -> None:
    made, names = oracle_policy(), menu_ids()
    compared = without = 0
    for login, answer in read("menus-visible.json.xz").items():
        if key not in answer and "error" not in answer:
            assert (login, debug) == ("__superuser__", True)
            continue
        who = subject("__system__" if login == "__superuser__" else login)
        found = menu_visibility(made, who, debug)
        assert found.visible == {names[one] for one in answer.get(key, ())}, login
        assert not found.unknown
        compared += 1
        if "error" in answer:
            assert may(made, who, "ir.ui.menu", Mode.READ) is False
            without += 1
    assert (compared, without) == (46 - debug, 14)


# ------------------------------------------------------------------------------------ fields


def test_hidden_fields_are_those_of_the_server() -> None:
    made = oracle_policy()
    more: dict[str, dict[str, set[str]]] = defaultdict(dict)
    fewer: dict[str, dict[str, set[str]]] = defaultdict(dict)
    compared = 0
    for row in rows("fields-access.jsonl.xz"):
        who, model, theirs = row["user"], row["model"], set(row["hidden"])
        ours = {
            name for name in made.models[model].fields if not field_access(made, subject(who), model, name)
        }
        compared += 1
        if ours - theirs:
            more[model][who] = ours - theirs
        if theirs - ours:
            fewer[model][who] = theirs - ours
    assert compared == 25_650
    # `res.users` reads the fields it lists in SELF_READABLE_FIELDS of oneself as superuser, in Python.
    assert set(more) == {"res.users"}
    listed = set().union(*more["res.users"].values())
    assert len(listed) == 40
    assert {"employee_cars_count", "equipment_count", "pin", "private_street", "barcode"} <= listed
    specs = {made.models["res.users"].fields[name].groups for name in listed}
    assert specs == {"hr.group_hr_user", "fleet.fleet_group_manager"}
    assert all(names in (listed, {"employee_cars_count"}) for names in more["res.users"].values())
    # `project.task` shows portal users only the fields it lists, in Python.
    assert set(fewer) == {"project.task"}
    portal = {row for row in {r["user"] for r in decisions()} if "base.group_portal" in subject(row).groups}
    assert set(fewer["project.task"]) == portal
    assert len({frozenset(names) for names in fewer["project.task"].values()}) == 1
    assert len(fewer["project.task"]["portal"]) == 50


def test_related_fields_take_the_groups_the_server_gave_them() -> None:
    """Without the groups of related fields, those of their targets give them back, or they were stated."""
    made = oracle_policy()
    bare = msgspec.structs.replace(
        made,
        models={
            name: msgspec.structs.replace(
                model,
                fields={
                    key: msgspec.structs.replace(field, groups=None) if field.related else field
                    for key, field in model.fields.items()
                },
            )
            for name, model in made.models.items()
        },
    )
    same = stated = 0
    for name, model in made.models.items():
        for key, field in model.fields.items():
            if field.related:
                guard = field_groups(bare, name, key)
                assert guard.known, (name, key)
                if guard.spec:
                    assert guard.spec == field.groups, (name, key)
                    same += 1
                elif field.groups:
                    stated += 1
    assert (same, stated) == (109, 104)


# ------------------------------------------------------------------------------------ groups and portal


def test_stored_groups_are_closed_but_for_the_one_that_was_forced() -> None:
    made: Policy = oracle_policy()
    open_ = {
        user.login
        for user in made.users
        if closure(made, subject(user.login).groups) != subject(user.login).groups
    }
    assert open_ == {"portal_misconf_sql"}
    assert [user.login for user in made.users if user_type_conflict(subject(user.login).groups)] == []


@pytest.mark.parametrize("question,expected", [
    ("read res.users", Verdict.FILTERED),  # cases 179 and 180
    ("write res.users", Verdict.DENIED),  # case 182
    ("read res.partner", Verdict.FILTERED),  # case 183
    ("write res.partner", Verdict.DENIED),  # case 184
])  # fmt: skip
def test_portal_users(question: str, expected: Verdict) -> None:
    made = oracle_policy()
    assert decide(made, subject("portal"), Question.parse(question, made)).verdict is expected
    portal = Subject.of_group(made, "base.group_portal")
    assert decide(made, portal, Question.parse(question, made)).verdict is expected
