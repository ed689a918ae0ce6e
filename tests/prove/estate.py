"""A small agency for tests of invariants and waste: agents, managers, clients and properties."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from ostiary.policy import AccessRight, Model, Policy, RecordRule
from ostiary.policy.semantics import Semantics
from policy.build import BASE, field, groups, model, module, policy, right, rule
from prove.corpus import ModelSpec, _delegate, _model

PROPERTY = "estate.property"
AGENT, MANAGER, CLIENT, AUDITOR = "estate.agent", "estate.manager", "estate.client", "estate.auditor"
GROUPS: dict[str, list[str]] = {
    **BASE,
    AGENT: ["base.group_user"],
    MANAGER: [AGENT],
    CLIENT: ["base.group_portal"],
    AUDITOR: [],
}
OWN = "[('user_id', '=', user.id)]"
ELSES = "[('user_id', '!=', False), ('user_id', '!=', user.id)]"
TRUE = "[(1, '=', 1)]"
_BASE = Path(__file__).parent / "corpus" / "base" / "models.toml"


def estate(
    rules: Iterable[RecordRule] = (),
    rights: Iterable[AccessRight] | None = None,
    *,
    spec: Mapping[str, Sequence[str]] | None = None,
    models: Iterable[Model] = (),
    version: str = "18.0",
) -> Policy:
    """The agency with these rules; agents and managers may do everything where no rights are given."""
    specs = msgspec.convert(tomllib.loads(_BASE.read_text("utf-8")), dict[str, ModelSpec])
    if Semantics.of(version).group_fields_renamed:
        users = specs["res.users"].fields
        users["group_ids"] = users.pop("groups_id")
    made = {name: _model(name, one) for name, one in specs.items()}
    for one in made.values():
        _delegate(made, one)
    made[PROPERTY] = model(
        PROPERTY,
        [
            field("name"),
            field("user_id", "many2one", comodel="res.users"),
            field("buyer_id", "many2one", comodel="res.partner"),
            field("state", "selection"),
            field("price", "float"),
            field("score", "float", compute="_compute_score", search="_search_score", store=False),
        ],
        modules=("estate",),
    )
    for one in models:
        made[one.name] = one
    return policy(
        version,
        models=made,
        modules={name: module(name) for name in ("base", "mail", "estate", "x")},
        groups=groups(spec or GROUPS),
        rights=list(rights)
        if rights is not None
        else [right("estate.access_agent", PROPERTY, AGENT, "rwcu")],
        rules=list(rules),
    )


def on_property(name: str, domain: str, *group: str, modes: str = "rwcu", **more: object) -> RecordRule:
    return rule(f"estate.{name}", PROPERTY, domain, group, modes, **more)
