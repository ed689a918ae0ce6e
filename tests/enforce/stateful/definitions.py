"""Short forms to write a whole Policy in: models with the four that people need, groups, rights, rules, users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ostiary.enforce import new_company, new_user
from ostiary.policy import (
    MODES,
    AccessRight,
    Field,
    Group,
    GroupLink,
    Implication,
    Mode,
    Model,
    Module,
    Origin,
    Policy,
    RecordRule,
)

HERE = Origin(module="h", path="definitions.py", line=1)


def field(name: str, type_: str, **more: Any) -> Field:
    return Field(origin=HERE, name=name, type=type_, module="h", **more)


def many2one(name: str, comodel: str, **more: Any) -> Field:
    return field(name, "many2one", comodel=comodel, **more)


def many2many(name: str, comodel: str, table: str, own: str, other: str, **more: Any) -> Field:
    return field(
        name, "many2many", comodel=comodel, relation_table=table, relation_columns=(own, other), **more
    )


def one2many(name: str, comodel: str, inverse: str, **more: Any) -> Field:
    return field(name, "one2many", comodel=comodel, inverse=inverse, **more)


def model(name: str, *fields: Field, **more: Any) -> Model:
    return Model(origin=HERE, name=name, modules=("h",), fields={one.name: one for one in fields}, **more)


def people(version: str) -> list[Model]:
    """The models of who is asking, no larger than they must be."""
    name, active = field("name", "char"), field("active", "boolean")
    groups = "group_ids" if version == "19" else "groups_id"
    return [
        model("res.partner", name, active),
        model("res.groups", name),
        model(
            "res.company",
            name,
            active,
            many2one("partner_id", "res.partner"),
            many2one("parent_id", "res.company"),
        ),
        model(
            "res.users",
            field("login", "char"),
            active,
            field("share", "boolean"),
            many2one("partner_id", "res.partner"),
            many2one("company_id", "res.company"),
            many2many("company_ids", "res.company", "res_company_users_rel", "user_id", "cid"),
            many2many(groups, "res.groups", "res_groups_users_rel", "uid", "gid"),
            rec_name="login",
        ),
    ]


def right(model_name: str, group: str | None, modes: str = "crwu") -> AccessRight:
    """An access right; `modes` are the first letters of create, read, write, unlink."""
    given = tuple(mode for mode in MODES if str(mode)[0] in modes)
    return AccessRight(
        origin=HERE, xmlid=f"h.right_{model_name}_{group}_{modes}", model=model_name, group=group, modes=given
    )


def rule(
    number: object, model_name: str, domain: str, *groups: str, modes: Sequence[Mode] = MODES
) -> RecordRule:
    return RecordRule(
        origin=HERE,
        xmlid=f"h.rule_{number}",
        model=model_name,
        domain_force=domain,
        groups=tuple(GroupLink(group, HERE) for group in groups),
        modes=tuple(modes),
    )


def policy_of(
    models: Sequence[Model],
    rights: Sequence[AccessRight],
    rules: Sequence[RecordRule],
    *,
    groups: Mapping[str, Sequence[str]],
    users: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    companies: Sequence[str] = ("h.c1", "h.c2"),
    version: str = "18",
) -> Policy:
    """A Policy of these. `groups` maps a group to those it implies, `users` a login to its groups and companies."""
    all_models = [*people(version), *models]
    return Policy(
        odoo=f"{version}.0",
        modules={"h": Module(origin=HERE, name="h")},
        models={one.name: one for one in all_models},
        groups={
            name: Group(
                origin=HERE,
                xmlid=name,
                name=name,
                implies=tuple(Implication(other, HERE) for other in implied),
            )
            for name, implied in groups.items()
        },
        rights=list(rights),
        rules=list(rules),
        users=[
            new_user(login, held, company=theirs[0], companies=theirs)
            for login, (held, theirs) in users.items()
        ],
        companies=[new_company(name) for name in companies],
    )
