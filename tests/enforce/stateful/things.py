"""A few things, boxes, tags and lines, each somebody's own: ann and bob see theirs, eve sees all."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from enforce.stateful.definitions import (
    field,
    many2many,
    many2one,
    model,
    one2many,
    policy_of,
    right,
    rule,
)
from ostiary.enforce import Environment, install
from ostiary.policy import Model, Policy

USER, BOSS = "h.user", "h.boss"
_OWN = "[('owner_id', '=', user.id)]"
_ALL = "[(1, '=', 1)]"


def models() -> list[Model]:
    name, owner = field("name", "char"), many2one("owner_id", "res.users")
    return [
        model(
            "h.thing", name, owner, field("active", "boolean"), field("secret", "char", groups=BOSS),
            field("num", "integer"), field("amount", "float"), field("day", "date"), field("at", "datetime"),
            field("sel", "selection", selection=("a", "b")), field("ref", "reference"), field("bin", "binary"),
            field("per", "char", company_dependent=True), many2one("company_id", "res.company"),
            many2one("box_id", "h.box"), many2many("tag_ids", "h.tag", "h_thing_tag", "thing_id", "tag_id"),
            one2many("line_ids", "h.line", "thing_id"),
            field("box_name", "char", related="box_id.name", store=False), order="name",
        ),
        model(
            "h.box", name, owner, many2one("parent_id", "h.box", ondelete="cascade"),
            field("parent_path", "char"), parent_store=True,
        ),
        model("h.tag", name, owner),
        model("h.line", name, many2one("thing_id", "h.thing", ondelete="cascade")),
        model(
            "h.car", field("plate", "char"), many2one("box_id", "h.box", required=True),
            field("name", "char", related="box_id.name", store=False, inherited=True, related_sudo=False),
            inherits={"h.box": "box_id"},
        ),
    ]  # fmt: skip


def policy(*extra: Model, rights: tuple[Any, ...] = (), rules: tuple[Any, ...] = ()) -> Policy:
    """The Policy, with more models, rights and rules."""
    all_models = [*models(), *extra]
    return policy_of(
        all_models,
        [*(right(one.name, USER) for one in all_models), right("res.users", None, "r"), *rights],
        [
            *(rule(name, name, _OWN, USER) for name in ("h.thing", "h.box", "h.tag")),
            rule("line", "h.line", "[('thing_id.owner_id', '=', user.id)]", USER),
            *(rule(f"{name}.all", name, _ALL, BOSS) for name in ("h.thing", "h.box", "h.tag", "h.line")),
            *rules,
        ],
        groups={"base.group_user": (), USER: ("base.group_user",), BOSS: (USER,)},
        users={
            "ann": ((USER,), ("h.c1",)),
            "bob": ((USER,), ("h.c1", "h.c2")),
            "eve": ((BOSS,), ("h.c1", "h.c2")),
        },
    )


def installed(engine: sa.Engine, *extra: Model, **more: Any) -> Policy:
    return install(engine, policy(*extra, **more))


def filled(engine: sa.Engine, policy: Policy, hidden: str = "hidden") -> dict[str, int]:
    """Rows of ann's and of bob's, by `<model>.<login>`; every text of bob's, and what only eve may read, holds
    `hidden`."""
    ids: dict[str, int] = {user.login: user.id or 0 for user in policy.users}
    companies = [policy.companies[0].id or 0]
    with Environment(engine, policy, user=None, companies=companies) as env:
        for login in ("bob", "ann"):
            text = hidden if login == "bob" else "plain"
            mine = {"name": text, "owner_id": ids[login]}
            ids[f"box.{login}"] = env["h.box"].create(mine).id
            ids[f"tag.{login}"] = env["h.tag"].create(mine).id
            thing = env["h.thing"].create(
                {
                    **mine, "secret": hidden, "num": 7, "box_id": ids["box.bob"], "per": text,
                    "tag_ids": [(6, 0, [ids["tag.bob"], ids[f"tag.{login}"]])],
                }
            )  # fmt: skip
            ids[f"thing.{login}"] = thing.id
            ids[f"line.{login}"] = env["h.line"].create({"name": text, "thing_id": thing.id}).id
            ids[f"car.{login}"] = env["h.car"].create({"plate": text, "box_id": ids[f"box.{login}"]}).id
    return ids


def rows(engine: sa.Engine) -> dict[str, list[Any]]:
    """All rows of all tables, read past Ostiary."""
    with engine.connect() as connection:
        names = sorted(sa.inspect(connection).get_table_names())
        return {
            name: sorted(map(repr, connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()))
            for name in names
        }
