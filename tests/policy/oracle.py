"""A Policy from what a real Odoo 18.0 said of its definitions (`../shared/oracle/policy.json.xz`)."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ostiary.policy import (
    MODES,
    AccessRight,
    Action,
    Field,
    Group,
    GroupLink,
    Implication,
    Kind,
    Menu,
    Model,
    Module,
    Origin,
    Policy,
    RecordRule,
    User,
)

SHARED = Path(__file__).parents[3] / "shared"
ORACLE = SHARED / "oracle"

needs_oracle = pytest.mark.skipif(
    not ORACLE.is_dir(), reason="the recorded answers of a real Odoo (../shared/oracle) are not here"
)


def read(name: str) -> Any:
    with lzma.open(ORACLE / name, "rt", encoding="utf-8") as stream:
        return json.load(stream)


def rows(name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(ORACLE / name, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _at(table: str, row: dict[str, Any]) -> Origin:
    return Origin(path=table, line=row["id"])


def _kind(row: dict[str, Any]) -> Kind:
    return Kind.ABSTRACT if row["abstract"] else Kind.TRANSIENT if row["transient"] else Kind.MODEL


def _model(row: dict[str, Any]) -> Model:
    origin = Origin(path="ir_model")
    fields = {
        field["name"]: Field(
            origin=origin,
            name=field["name"],
            type=field["type"],
            comodel=field["relation"],
            groups=field["groups"],
            related=field["related"],
            store=field["store"],
            inherited=field["inherited"],
        )
        for field in row["fields"]
    }
    return Model(
        origin=origin,
        name=row["model"],
        kind=_kind(row),
        inherit=tuple(name for name in row["inherit"] if name != "base"),
        inherits=row["inherits"],
        fields=fields,
    )


@cache
def oracle_policy() -> Policy:
    """The definitions of the recorded server. External ids stand for database ids throughout."""
    data = read("policy.json.xz")
    names = {group["id"]: group["xmlid"] for group in data["groups"]}
    menu_names = {menu["id"]: menu["xmlid"] for menu in data["menus"]}

    def links(ids: list[int], origin: Origin) -> tuple[GroupLink, ...]:
        return tuple(GroupLink(names[one], origin) for one in ids)

    groups = {}
    for row in data["groups"]:
        origin = _at("res_groups", row)
        implies = tuple(Implication(names[one], origin) for one in row["implied_ids"])
        groups[row["xmlid"]] = Group(origin=origin, xmlid=row["xmlid"], implies=implies, share=row["share"])
    actions = {}
    for key, kind, model in (
        ("window_actions", "ir.actions.act_window", "res_model"),
        ("server_actions", "ir.actions.server", "model"),
        ("report_actions", "ir.actions.report", "model"),
        ("other_actions", None, None),
    ):
        for row in data[key]:
            name = f"{kind or row['type']},{row['id']}"
            actions[name] = Action(
                origin=_at(key, row),
                xmlid=name,
                type=kind or row["type"],
                model=(model and row[model]) or None,
            )
    return Policy(
        odoo="18.0",
        modules={
            row["name"]: Module(origin=Origin(path="ir_module_module"), name=row["name"])
            for row in data["modules"]
        },
        models={row["model"]: _model(row) for row in data["models"]},
        groups=groups,
        rights=[
            AccessRight(
                origin=_at("ir_model_access", row),
                xmlid=row["xmlid"],
                model=row["model"],
                group=row["group_xmlid"] or None,
                modes=tuple(mode for mode in MODES if row[f"perm_{mode}"]),
                active=row["active"],
            )
            for row in data["ir_model_access"]
        ],
        rules=[
            RecordRule(
                origin=_at("ir_rule", row),
                xmlid=row["xmlid"],
                model=row["model"],
                domain_force=row["domain_force"] or "",
                groups=links(row["groups"], _at("ir_rule", row)),
                modes=tuple(mode for mode in MODES if row[f"perm_{mode}"]),
                active=row["active"],
            )
            for row in data["ir_rule"]
        ],
        users=[
            User(
                origin=_at("res_users", row),
                login=row["login"],
                xmlid=row["xmlid"] or "",
                active=row["active"],
                groups=links(row["groups_id"], _at("res_users", row)),
                groups_closed=True,
            )
            for row in data["users"]
        ],
        menus={
            row["xmlid"]: Menu(
                origin=_at("ir_ui_menu", row),
                xmlid=row["xmlid"],
                parent=menu_names.get(row["parent_id"]),
                action=row["action"],
                groups=links(row["groups_id"], _at("ir_ui_menu", row)),
                active=row["active"],
                sequence=row["sequence"],
            )
            for row in data["menus"]
        },
        actions=actions,
    )


def menu_ids() -> dict[int, str]:
    return {row["id"]: row["xmlid"] for row in read("policy.json.xz")["menus"]}
