"""The database of a real Odoo 18.0 against what that server said of its definitions: every row of every kind.

What a database does not hold is named below; with the modules' source beside it (`complete`) it is held too.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from ostiary.policy import MODES, AccessRight, Kind, Policy, RecordRule, closure
from ostiary.sources import UnreadableTarget, open_policy, snapshot
from ostiary.sources.database import read_database
from policy.oracle import needs_oracle, read

pytestmark = needs_oracle

# Without a table, an abstract model with fields and access rights looks like one that reads a query; with a view of
# its name, like one that reads that.
KINDS = {"hr.employee.skill.report", "project.task.burndown.chart.report", "res.users.apikeys.show"}
# Related fields written out by hand that look like a delegated parent's, and the other way round.
INHERITED = 14
SECONDS = 2.0


@pytest.fixture(scope="module")
def url(oracle_url: str) -> str:
    return oracle_url


@pytest.fixture(scope="module")
def policy(url: str) -> Policy:
    return read_database(url)


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    found: dict[str, Any] = read("policy.json.xz")
    return found


@pytest.fixture(scope="module")
def groups(oracle: dict[str, Any]) -> dict[int, str]:
    return {row["id"]: row["xmlid"] for row in oracle["groups"]}


def by_id(definitions: Any) -> dict[int, Any]:
    found = {one.origin.line: one for one in definitions}
    assert len(found) == len(list(definitions))
    return found


def test_modules(policy: Policy, oracle: dict[str, Any]) -> None:
    assert {name: module.version for name, module in policy.modules.items()} == {
        row["name"]: row["version"] for row in oracle["modules"]
    }
    assert (policy.odoo, policy.demo, policy.problems) == ("18.0", True, [])


def test_groups(policy: Policy, oracle: dict[str, Any], groups: dict[int, str]) -> None:
    for row in oracle["groups"]:
        group = policy.groups[row["xmlid"]]
        assert (group.origin.line, group.name, group.share) == (row["id"], row["name"], row["share"])
        assert group.category == (row["category_xmlid"] or "")
        assert {link.group for link in group.implies} == {groups[id] for id in row["implied_ids"]}
        assert closure(policy, [group.xmlid]) == {groups[id] for id in row["trans_implied_ids"]} | {
            group.xmlid
        }
    assert len(policy.groups) == len(oracle["groups"]) == 107


def test_access_rights(policy: Policy, oracle: dict[str, Any]) -> None:
    found = by_id(policy.rights)
    for row in oracle["ir_model_access"]:
        right: AccessRight = found[row["id"]]
        assert (right.xmlid, right.name, right.model) == (row["xmlid"], row["name"], row["model"])
        assert (right.group, right.active) == (row["group_xmlid"], row["active"])
        assert right.modes == tuple(mode for mode in MODES if row[f"perm_{mode}"])
    assert len(found) == len(oracle["ir_model_access"]) == 1404


def test_record_rules(policy: Policy, oracle: dict[str, Any]) -> None:
    found = by_id(policy.rules)
    for row in oracle["ir_rule"]:
        rule: RecordRule = found[row["id"]]
        assert (rule.xmlid, rule.name, rule.model) == (row["xmlid"], row["name"] or "", row["model"])
        assert rule.domain_force == (row["domain_force"] or "").strip()
        assert set(rule.group_names) == set(row["group_xmlids"])
        assert (rule.is_global, rule.active) == (row["global"], row["active"])
        assert rule.modes == tuple(mode for mode in MODES if row[f"perm_{mode}"])
    assert len(found) == len(oracle["ir_rule"]) == 396


def test_users(policy: Policy, oracle: dict[str, Any], groups: dict[int, str]) -> None:
    found = by_id(policy.users)
    companies = {company.xmlid: company.origin.line for company in policy.companies}
    for row in oracle["users"]:
        user = found[row["id"]]
        assert (user.login, user.name, user.active) == (row["login"], row["name"], row["active"])
        assert user.xmlid == (row["xmlid"] or f"res.users({row['id']})")
        assert user.groups_closed
        assert {link.group for link in user.groups} == {groups[id] for id in row["groups_id"]}
        assert companies[user.company] == row["company_id"]
        # The server gave them by id.
        assert sorted(companies[name] for name in user.companies) == row["company_ids"]
        assert row["xmlid"] or user.partner.endswith(f"({row['partner_id']})") or "." in user.partner
    assert len(found) == len(oracle["users"]) == 48


def test_companies(policy: Policy, oracle: dict[str, Any]) -> None:
    found = by_id(policy.companies)
    names = {company.origin.line: company.xmlid for company in policy.companies}
    for row in oracle["companies"]:
        company = found[row["id"]]
        assert (company.name, company.active) == (row["name"], row["active"])
        assert company.parent == names.get(row["parent_id"])
    assert len(found) == len(oracle["companies"]) == 4


def test_menus(policy: Policy, oracle: dict[str, Any], groups: dict[int, str]) -> None:
    names = {row["id"]: row["xmlid"] for row in oracle["menus"]}
    actions = {(action.type, action.origin.line): action.xmlid for action in policy.actions.values()}
    for row in oracle["menus"]:
        menu = policy.menus[row["xmlid"]]
        assert (menu.origin.line, menu.name, menu.active) == (row["id"], row["name"], row["active"])
        assert (menu.parent, menu.sequence) == (names.get(row["parent_id"]), row["sequence"])
        assert {link.group for link in menu.groups} == {groups[id] for id in row["groups_id"]}
        model, _, id = (row["action"] or "").partition(",")
        assert menu.action == (actions[model, int(id)] if id else None)
    assert len(policy.menus) == len(oracle["menus"]) == 651


def test_actions(policy: Policy, oracle: dict[str, Any], groups: dict[int, str]) -> None:
    found = by_id(policy.actions.values())
    about = ("window_actions", "res_model"), ("server_actions", "model"), ("report_actions", "model")
    for kind, column in about:
        for row in oracle[kind]:
            action = found[row["id"]]
            assert action.xmlid == (row["xmlid"] or f"{action.type}({row['id']})")
            assert (action.name, action.model) == (row["name"], row[column])
            assert {link.group for link in action.groups} == {groups[id] for id in row["groups_id"]}
            assert action.domain == (row.get("domain") or None)
    for row in oracle["other_actions"]:
        assert (found[row["id"]].type, found[row["id"]].name) == (row["type"], row["name"])
    assert len(found) == sum(len(oracle[kind]) for kind in (*dict(about), "other_actions"))


def test_models(policy: Policy, oracle: dict[str, Any]) -> None:
    assert policy.models.keys() == {row["model"] for row in oracle["models"]}
    for row in oracle["models"]:
        model = policy.models[row["model"]]
        kind = Kind.ABSTRACT if row["abstract"] else Kind.TRANSIENT if row["transient"] else Kind.MODEL
        assert model.kind is kind or (model.name in KINDS and model.kind is Kind.MODEL), model.name
        assert (model.description, model.table) == (row["description"], row["table"])
        assert (model.order, model.active_name) == (row["order"], row["active_name"])
        assert (model.inherits, model.parent_store) == (row["inherits"], row["parent_store"])


def test_fields(policy: Policy, oracle: dict[str, Any]) -> None:
    inherited = total = 0
    for row in oracle["models"]:
        fields = policy.models[row["model"]].fields
        assert fields.keys() == {field["name"] for field in row["fields"]}
        for said in row["fields"]:
            field = fields[said["name"]]
            assert (field.type, field.comodel) == (said["type"], said["relation"]), field.origin
            assert (field.store, field.related) == (said["store"], said["related"]), field.origin
            assert (field.required, field.readonly) == (said["required"], said["readonly"]), field.origin
            assert (field.company_dependent, field.translate) == (
                said["company_dependent"],
                bool(said["translate"]),
            )
            if field.type == "one2many":
                assert field.inverse == said["inverse"], field.origin
            assert field.groups is None
            assert field.groups_unread or not said["groups"], field.origin
            inherited += field.inherited is not said["inherited"]
            total += 1
    assert (total, inherited) == (14823, INHERITED)


def test_a_snapshot_holds_it_all(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("saved") / "odoo.json"
    snapshot.save(policy, path)
    assert snapshot.load(path) == policy


def test_it_is_fast(url: str) -> None:
    start = time.perf_counter()
    read_database(url)
    assert time.perf_counter() - start < SECONDS


def test_it_is_the_same_twice(url: str, policy: Policy) -> None:
    assert snapshot.dump(read_database(url)) == snapshot.dump(policy)


def test_source_of_other_modules_is_refused(url: str) -> None:
    with pytest.raises(UnreadableTarget, match="None of the database's modules"):
        open_policy([url], addons_path=["examples"])
