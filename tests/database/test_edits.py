"""Access rights and rules that a database has otherwise than their module's source."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.policy import (
    AccessRight,
    Edit,
    Group,
    GroupLink,
    Mode,
    Model,
    Module,
    Note,
    Origin,
    Policy,
    RecordRule,
)
from ostiary.sources.database import complete

MODULES = ("base", "shop")


def source_at(line: int, module: str = "shop") -> Origin:
    return Origin(f"{module}/security/x.xml", line, module)


def stored_at(id: int, module: str = "shop") -> Origin:
    return Origin("ir_rule", id, module)


def rule(at: Origin, **said: Any) -> RecordRule:
    groups = tuple(GroupLink(name, at) for name in said.pop("groups", ()))
    return RecordRule(
        origin=at,
        **{
            "xmlid": "shop.rule",
            "model": "shop.order",
            "domain_force": "[('company_id', 'in', company_ids)]",
            "groups": groups,
            **said,
        },
    )


def right(at: Origin, **said: Any) -> AccessRight:
    said = {
        "xmlid": "shop.right",
        "model": "shop.order",
        "group": "base.group_user",
        "modes": (Mode.READ,),
        **said,
    }
    return AccessRight(origin=at, **said)


def policy(**said: Any) -> Policy:
    at = Origin("x")
    return Policy(
        odoo="18.0",
        **{
            "modules": {name: Module(origin=at, name=name) for name in MODULES},
            "models": {"shop.order": Model(origin=at, name="shop.order", modules=("shop",))},
            "groups": {
                name: Group(origin=at, xmlid=name) for name in ("base.group_user", "base.group_portal")
            },
            **said,
        },
    )


def edits(source: Policy, database: Policy) -> list[Edit]:
    return complete(database, source).edits


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"name": "Another name"},
        {"domain_force": '[ ("company_id", "in", company_ids) ]'},
        {"domain_force": "['&', (1, '=', 1), ('company_id','in',company_ids)]"},
        {"noupdate": True},
    ],
)
def test_what_means_the_same_is_no_edit(stored: dict[str, Any]) -> None:
    assert edits(policy(rules=[rule(source_at(1))]), policy(rules=[rule(stored_at(7), **stored)])) == []


@pytest.mark.parametrize(
    "stored",
    [
        {"domain_force": "[]"},
        {"groups": ["base.group_portal"]},
        {"modes": (Mode.READ,)},
        {"active": False},
        {"model": "shop.line"},
    ],
)
def test_a_rule_that_says_something_else_is_one(stored: dict[str, Any]) -> None:
    said = rule(source_at(1))
    (found,) = edits(policy(rules=[said]), policy(rules=[rule(stored_at(7), **stored)]))
    assert found == Edit(origin=stored_at(7), xmlid="shop.rule", rule=said)


@pytest.mark.parametrize("stored", [{"group": None}, {"modes": (Mode.READ, Mode.WRITE)}, {"active": False}])
def test_and_so_is_an_access_right(stored: dict[str, Any]) -> None:
    said = right(source_at(1))
    (found,) = edits(policy(rights=[said]), policy(rights=[right(stored_at(7), **stored)]))
    assert found == Edit(origin=stored_at(7), xmlid="shop.right", right=said)


def test_what_was_deleted_and_what_was_left() -> None:
    said = rule(source_at(1))
    found = edits(policy(rules=[said]), policy(rules=[rule(stored_at(7), xmlid="shop.old")]))
    assert found == [
        Edit(origin=source_at(1), xmlid="shop.rule", rule=said),
        Edit(origin=stored_at(7), xmlid="shop.old"),
    ]


def test_what_code_switches_on_is_no_edit_and_its_domain_is() -> None:
    note = Note(
        origin=source_at(9),
        kind="switched",
        message="shop.rule ships inactive, and this code may switch it on.",
    )
    source = policy(rules=[rule(source_at(1), active=False)], notes=[note])
    assert edits(source, policy(rules=[rule(stored_at(7))])) == []
    assert len(edits(source, policy(rules=[rule(stored_at(7), domain_force="[]")]))) == 1


@pytest.mark.parametrize("doubt", [{"uncertain": True}, {"groups_uncertain": True}])
def test_what_only_code_says_is_not_compared(doubt: dict[str, Any]) -> None:
    assert (
        edits(
            policy(rules=[rule(source_at(1), **doubt)]), policy(rules=[rule(stored_at(7), domain_force="[]")])
        )
        == []
    )


def test_modules_that_were_not_read_or_are_not_installed_are_not_compared() -> None:
    stored = policy(rules=[rule(stored_at(7), domain_force="[]")])
    summary = {
        "base": Module(origin=Origin("x"), name="base"),
        "shop": Module(origin=Origin("x"), name="shop", facts=True),
    }
    assert edits(policy(modules=summary, rules=[rule(source_at(1))]), stored) == []
    assert edits(policy(rules=[rule(source_at(1))]), policy(modules={})) == []


def test_what_went_with_its_model_or_group_is_no_edit() -> None:
    source = policy(rules=[rule(source_at(1))], rights=[right(source_at(2), group="shop.gone")])
    assert edits(source, policy(models={})) == []
