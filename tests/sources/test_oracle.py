"""What is read of a whole Odoo 18 is what a real server of it holds, and what a reader by eye found in it."""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import compare_policy
import pytest

from ostiary.policy import MODES, AccessRight, Group, Menu, Policy, RecordRule, View
from ostiary.sources import open_policy

SHARED = Path(__file__).parents[3] / "shared"
SERVER = SHARED / "oracle/policy.json.xz"
FACTS = SHARED / "odoo/portal-rules-18.json"
ODOO = os.environ.get("OSTIARY_ODOO_18", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ODOO, reason="OSTIARY_ODOO_18 names no Odoo 18 tree"),
    pytest.mark.skipif(
        not SERVER.is_file() or not FACTS.is_file(), reason="the server's facts are not at hand"
    ),
]

# What differs from the server for no reason that the source states, by kind.
DIFFERENT = {
    # Odoo's own field, added to the model in the registry's setup.
    "fields": {"ir.rule.global"},
    # Switched off by a hook of the module.
    "menus": {"point_of_sale.menu_pos_preparation_printer"},
    # Users were given groups by code and by hand on the server.
    "users": {"base.user_demo", "base.user_root"},
}


@pytest.fixture(scope="module")
def server() -> Mapping[str, Any]:
    with lzma.open(SERVER) as file:
        found: dict[str, Any] = json.load(file)
    return found


@pytest.fixture(scope="module")
def installed(server: Mapping[str, Any], odoo_cache: Path) -> Policy:
    modules = [module["name"] for module in server["modules"]]
    policy = open_policy([ODOO], modules=modules, demo=True, cache=odoo_cache)
    return compare_policy.with_links(policy, compare_policy.switched_on(policy, server))


@pytest.mark.parametrize("kind", compare_policy.KINDS)
def test_the_server_holds_what_was_read(kind: str, installed: Policy, server: Mapping[str, Any]) -> None:
    of_server, of_policy = compare_policy.KINDS[kind]
    expected, read = of_server(server), of_policy(installed)
    equal, explained, lines = compare_policy.compare(kind, installed, expected, read)
    total = len(expected.keys() | read.keys())
    unexplained = {line.split()[1].rstrip(":") for line in lines if not line.endswith(")")}
    assert unexplained == DIFFERENT.get(kind, set())
    assert 100 * (equal + explained) / total >= compare_policy.BOUNDS.get(kind, 0)


def test_reading_it_meets_no_problem_but_what_needs_code(installed: Policy) -> None:
    assert {item.kind for item in installed.problems} <= {"unreadable-value"}
    assert [item.name for item in installed.unresolved] == []


# -- what was found by another reader, in every addon ----------------------------------------------


@pytest.fixture(scope="module")
def facts() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(FACTS.read_text())
    return found


@pytest.fixture(scope="module")
def whole(odoo_cache: Path) -> Policy:
    return open_policy([ODOO], demo=True, cache=odoo_cache)


def test_origins_point_at_what_they_name(whole: Policy) -> None:
    files: dict[str, list[str]] = {}
    wrong = []
    named: list[AccessRight | RecordRule | Group | Menu | View] = [*whole.rights, *whole.rules]
    named += [*whole.groups.values(), *whole.menus.values(), *whole.views.values()]
    for item in named:
        place = item.origin
        lines = files.setdefault(place.path, Path(place.path).read_text("utf-8").split("\n"))
        tags = ("<record", "<menuitem", "<template", item.xmlid.partition(".")[2])
        if not place.line or not any(tag in lines[place.line - 1] for tag in tags):
            wrong.append(f"{place} {item.xmlid}")
    assert wrong == []


# What differs from the facts, by name, and why.
KNOWN = {
    # They ship inactive, which the facts say of rules only.
    "hr_timesheet.access_account_analytic_line_portal_user": {"active"},
    "project.access_project_sharing_task_portal": {"active"},
    # website_sale switches them off: the facts list that among the overrides.
    "product.product_pricelist_comp_rule": {"active"},
    "product.product_pricelist_item_comp_rule": {"active"},
}


def differences(fact: Mapping[str, Any], found: AccessRight | RecordRule | None) -> set[str]:
    """What a definition says else than the fact does."""
    if found is None:
        return {"missing"}
    wrong = {str(mode) for mode in MODES if fact[f"perm_{mode}"] is not (mode in found.modes)}
    if found.model != fact["model"]:
        wrong.add("model")
    if found.active is not (str(fact.get("active", True)).lower() not in ("0", "false")):
        wrong.add("active")
    if isinstance(found, AccessRight):
        return wrong | ({"group"} if found.group != fact["group"] else set())
    if "".join(found.domain_force.split()) != "".join((fact["domain"] or "").split()):
        wrong.add("domain")
    return wrong | ({"groups"} if sorted(found.group_names) != sorted(fact["groups"]) else set())


@pytest.mark.parametrize("kind", ["acl", "groupless_acl", "rules", "global_rules"])
def test_every_known_definition_is_there(kind: str, whole: Policy, facts: Mapping[str, Any]) -> None:
    rights = {item.xmlid: item for item in whole.rights}
    rules = {item.xmlid: item for item in whole.rules}
    known: Mapping[str, AccessRight | RecordRule] = rights if kind.endswith("acl") else rules
    assert len(facts[kind]) == facts["counts"][kind] > 0
    wrong = {fact["id"]: found for fact in facts[kind] if (found := differences(fact, known.get(fact["id"])))}
    listed = {fact["id"] for fact in facts[kind]}
    assert wrong == {name: what for name, what in KNOWN.items() if name in listed}


def test_every_known_override_is_in_force(whole: Policy, facts: Mapping[str, Any]) -> None:
    rules = {item.xmlid: item for item in whole.rules}
    assert len(facts["partial_overrides"]) == facts["counts"]["partial_overrides"] > 0
    for fact in facts["partial_overrides"]:
        found = rules[fact["override_of"]]
        if fact["domain"] is not None:
            assert "".join(found.domain_force.split()) == "".join(fact["domain"].split())
            assert found.domain_origin is not None and found.domain_origin.module == fact["module"]
        if "active" in fact:
            assert found.active is (fact["active"] not in ("0", "False"))
