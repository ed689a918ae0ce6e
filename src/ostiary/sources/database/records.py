"""Rows to definitions: modules, groups, access rights, record rules, users and companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ostiary.policy import (
    MODES,
    AccessRight,
    Company,
    Group,
    Implication,
    Mode,
    Module,
    Origin,
    RecordRule,
    Semantics,
    User,
)
from ostiary.sources.database.logins import Logins
from ostiary.sources.database.names import Names, linked, links
from ostiary.sources.database.tables import Database

SUPERUSER_ID, SUPERUSER = 1, "base.user_root"


def modules(database: Database) -> dict[str, Module]:
    """The installed modules in the order in which Odoo loads them: by depth in the dependency graph, then by name."""
    columns = "id name latest_version shortdesc category_id application auto_install"
    rows = database.rows("ir_module_module", columns, where="state = 'installed'")
    depends: dict[int, list[str]] = defaultdict(list)
    for name, module in database.rows("ir_module_module_dependency", "name module_id", order="name"):
        depends[module].append(name)
    categories = _categories(database)
    needs = {name: depends[id] for id, name, *_ in rows}
    depths: dict[str, int] = {}
    found = {
        name: Module(
            origin=Origin(path="ir_module_module", line=id, module=name),
            name=name,
            version=version or "",
            title=title or "",
            depends=tuple(depends[id]),
            category=categories.get(category, ""),
            auto_install=bool(auto),
            application=bool(application),
        )
        for id, name, version, title, category, application, auto in rows
    }
    return {name: found[name] for name in sorted(found, key=lambda name: (_depth(name, needs, depths), name))}


def _depth(name: str, needs: Mapping[str, Iterable[str]], depths: dict[str, int]) -> int:
    if name not in depths:
        # A loop, which Odoo would not load, ends here.
        depths[name] = 0
        depths[name] = max((_depth(need, needs, depths) + 1 for need in needs.get(name, ())), default=0)
    return depths[name]


def _categories(database: Database) -> dict[int | None, str]:
    """Categories as manifests write them: `Sales/Point of Sale`."""
    rows = {
        id: (name, parent) for id, name, parent in database.rows("ir_module_category", "id name parent_id")
    }
    found: dict[int | None, str] = {}
    for id in rows:
        path: list[str] = []
        here: int | None = id
        while here in rows and len(path) < len(rows):
            name, here = rows[here]
            path.insert(0, name or "")
        found[id] = "/".join(path)
    return found


def groups(database: Database, names: Names) -> dict[str, Group]:
    """Groups by external id, with the links each has to what it implies."""
    implied: dict[int, list[int]] = defaultdict(list)
    for group, other in database.rows("res_groups_implied_rel", "gid hid", order="gid, hid"):
        implied[group].append(other)
    found: dict[str, Group] = {}
    for id, name, share, category, privilege in database.rows(
        "res_groups", "id name share category_id privilege_id", order="id"
    ):
        origin = names.origin("res_groups", "res.groups", id)
        xmlid = names.xmlid("res.groups", id)
        section = names.maybe("ir.module.category", category) or names.maybe(
            "res.groups.privilege", privilege
        )
        found[xmlid] = Group(
            origin=origin,
            xmlid=xmlid,
            name=name or "",
            category=section or "",
            implies=tuple(
                Implication(group=names.xmlid("res.groups", other), origin=origin) for other in implied[id]
            ),
            share=bool(share),
            noupdate=names.noupdate("res.groups", id),
        )
    return found


def rights(database: Database, names: Names, models: Mapping[int, str]) -> list[AccessRight]:
    """Access rights, archived ones too, in the order in which they were made."""
    columns = "id name model_id group_id active perm_read perm_write perm_create perm_unlink"
    found = []
    for id, name, model, group, active, *allowed in database.rows("ir_model_access", columns, order="id"):
        # Odoo joins the model's row: a right about none gives nothing.
        if model not in models:
            continue
        found.append(
            AccessRight(
                origin=names.origin("ir_model_access", "ir.model.access", id),
                xmlid=names.xmlid("ir.model.access", id),
                name=name or "",
                model=models[model],
                group=names.maybe("res.groups", group),
                modes=_modes(allowed),
                active=bool(active),
                noupdate=names.noupdate("ir.model.access", id),
            )
        )
    return found


def rules(database: Database, names: Names, models: Mapping[int, str]) -> list[RecordRule]:
    """Record rules, archived ones too. Which are global follows from the groups, not from the stored `global`."""
    held = links(database, names, "rule_group_rel", "rule_group_id group_id")
    columns = "id name model_id domain_force active perm_read perm_write perm_create perm_unlink"
    found = []
    for id, name, model, domain, active, *allowed in database.rows("ir_rule", columns, order="id"):
        if model not in models:
            continue
        origin = names.origin("ir_rule", "ir.rule", id)
        found.append(
            RecordRule(
                origin=origin,
                xmlid=names.xmlid("ir.rule", id),
                name=name or "",
                model=models[model],
                domain_force=(domain or "").strip(),
                groups=linked(held, id, origin),
                modes=_modes(allowed),
                active=bool(active),
                noupdate=names.noupdate("ir.rule", id),
            )
        )
    return found


def users(database: Database, names: Names, semantics: Semantics, logins: Logins) -> list[User]:
    """Users, archived ones too. In 17 and 18 the groups stored are all a user holds; in 19 those given."""
    held = links(database, names, "res_groups_users_rel", "uid gid")
    partners: dict[int, str] = dict(
        database.rows("res_partner", "id name", where="id IN (SELECT partner_id FROM res_users)")
    )
    allowed: dict[int, list[int]] = defaultdict(list)
    order = {id: place for place, (id, *_) in enumerate(_companies(database))}
    for user, company in database.rows("res_company_users_rel", "user_id cid"):
        allowed[user].append(company)
    found = []
    for id, login, active, partner, company in database.rows(
        "res_users", "id login active partner_id company_id", order="id"
    ):
        origin = names.origin("res_users", "res.users", id)
        theirs = sorted(allowed[id], key=lambda one: order.get(one, len(order)))
        found.append(
            User(
                origin=origin,
                login=login or "",
                id=id,
                # Odoo knows its superuser by id.
                xmlid=SUPERUSER if id == SUPERUSER_ID else names.xmlid("res.users", id),
                name=partners.get(partner) or "",
                active=bool(active),
                groups=linked(held, id, origin),
                groups_closed=semantics.membership_closed,
                company=names.maybe("res.company", company),
                companies=tuple(names.xmlid("res.company", one) for one in theirs),
                partner=names.maybe("res.partner", partner),
                created=logins.created.get(id),
                last_login=logins.logins.get(id),
                last_activity=logins.activity.get(id),
                employee=id in logins.employees,
            )
        )
    return found


def companies(database: Database, names: Names) -> list[Company]:
    """Companies in Odoo's order, archived ones too, each with the company it is a branch of."""
    return [
        Company(
            origin=names.origin("res_company", "res.company", id),
            xmlid=names.xmlid("res.company", id),
            id=id,
            name=name or "",
            parent=names.maybe("res.company", parent),
            partner=names.maybe("res.partner", partner),
            active=bool(active),
        )
        for id, name, parent, active, partner in _companies(database)
    ]


def _companies(database: Database) -> list[tuple[int, str, int | None, bool, int | None]]:
    rows = database.rows("res_company", "id name parent_id active sequence partner_id")
    # `res.company._order`: by sequence, those without last, then by name.
    rows.sort(key=lambda row: (row[4] is None, row[4] or 0, row[1] or "", row[0]))
    return [(id, name, parent, active, partner) for id, name, parent, active, _, partner in rows]


def _modes(allowed: Iterable[bool | None]) -> tuple[Mode, ...]:
    return tuple(mode for mode, given in zip(MODES, allowed, strict=True) if given)
