"""Loaded records and merged models, to one Policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ostiary.policy import (
    MODES,
    AccessRight,
    Action,
    Company,
    Field,
    Group,
    Implication,
    Kind,
    Menu,
    Mode,
    Model,
    Overwrite,
    Problem,
    RecordRule,
    Toggle,
    Unresolved,
    User,
    View,
)
from ostiary.sources.addons import passwords, values, view_fields
from ostiary.sources.addons.declared import Declared
from ostiary.sources.addons.names import MODEL_XMLID, Names
from ostiary.sources.addons.records import Record, Store
from ostiary.sources.addons.xml_data import ACTION_TYPES

# The name that stands for a group only running code knows.
UNREADABLE = "group_only_code_knows"


def groups(store: Store, names: Names) -> dict[str, Group]:
    found: dict[str, Group] = {}
    for record in store.of_model("res.groups"):
        implied = record.links.get("implied", {}).items()
        links = tuple(
            Implication(group=names.group(xmlid, origin), origin=origin) for xmlid, origin in implied
        )
        category = values.as_ref(record.get("category_id")) or values.as_ref(record.get("privilege_id")) or ""
        found[record.xmlid] = Group(
            origin=record.origin,
            xmlid=record.xmlid,
            name=record.text("name"),
            category=category,
            implies=links,
            share=record.flag("share", False),
            noupdate=record.noupdate,
            unresolved=record.xmlid.partition(".")[0] not in names.modules,
            uncertain="implied" in record.uncertain,
        )
    return found


def rights(store: Store, names: Names) -> Iterator[AccessRight]:
    return _rights(store.of_model("ir.model.access"), names)


def _rights(records: Iterable[Record], names: Names) -> Iterator[AccessRight]:
    for record in records:
        model = names.model(record)
        if model is None:
            _no_model(record, names, "access right")
            continue
        group_value, group_origin = record.values.get("group_id", (None, record.origin))
        group = values.as_ref(group_value)
        if group is None and group_value:
            message = f"The group of the access right {record.xmlid} can't be known without running code."
            names.problems.append(Problem(origin=group_origin, kind="unreadable-value", message=message))
            # Some group has the right: which one is as unknown as if its module had not been read.
            group = f"{record.origin.module}.{UNREADABLE}"
            names.need("group", group, group_origin)
        yield AccessRight(
            origin=record.origin,
            xmlid=record.xmlid,
            name=record.text("name"),
            model=model,
            group=names.group(group, group_origin) if group and not group.endswith(UNREADABLE) else group,
            modes=_modes(record, False, names),
            active=record.flag("active", True),
            noupdate=record.noupdate,
            uncertain=_uncertain(record),
        )


def _uncertain(record: Record) -> bool:
    """Whether a value that only code knows says for which modes a right or rule is there, or whether it is."""
    return any(values.is_code(record.get(name)) for name in ("active", *(f"perm_{mode}" for mode in MODES)))


def rules(store: Store, names: Names) -> Iterator[RecordRule]:
    return _rules(store.of_model("ir.rule"), names)


def _rules(records: Iterable[Record], names: Names) -> Iterator[RecordRule]:
    for record in records:
        model = names.model(record)
        if model is None:
            _no_model(record, names, "record rule")
            continue
        domain, place = record.values.get("domain_force", ("", None))
        yield RecordRule(
            origin=record.origin,
            xmlid=record.xmlid,
            name=record.text("name"),
            model=model,
            domain_force=_domain_text(domain),
            groups=names.links(record, "groups"),
            modes=_modes(record, True, names),
            active=record.flag("active", True),
            noupdate=record.noupdate,
            domain_origin=place if place != record.origin else None,
            groups_uncertain="groups" in record.uncertain,
            uncertain=_uncertain(record),
        )


def overwrites(store: Store, names: Names) -> list[Overwrite]:
    """What later places say otherwise; of a right or rule that was taken away, with what it said."""
    found = list(store.overwrites.found)
    # What a record that is gone names is nobody's problem any more.
    apart = Names(store, names.models, names.modules, names.unreadable)
    for place, record in store.overwrites.removed.items():
        if record.model == "ir.model.access":
            right = next(_rights([record], apart), None)
            found[place] = msgspec.structs.replace(found[place], right=right)
        elif record.model == "ir.rule":
            rule = next(_rules([record], apart), None)
            found[place] = msgspec.structs.replace(found[place], rule=rule)
    return found


def _domain_text(value: Any) -> str:
    """The text Odoo stores for a domain: a list written in `eval` is stored as its text."""
    if isinstance(value, str):
        return value.strip()
    if values.is_code(value):
        return str(value["$code"])
    return repr(value) if value else ""


def _no_model(record: Record, names: Names, what: str) -> None:
    if not names.known_whole(record.xmlid):
        names.need("record", record.xmlid, record.origin)
        return
    # A model that is named but can't be found was reported where it is named.
    if values.as_ref(record.get("model_id")) is None:
        message = f"The {what} {record.xmlid} says no model that can be read."
        names.problems.append(Problem(origin=record.origin, kind="unknown-model", message=message))
    elif record.values["model_id"][1] not in names.reported:
        message = f"The {what} {record.xmlid} is about {values.as_ref(record.get('model_id'))}, which names no model."
        names.problems.append(
            Problem(origin=record.origin, kind="unknown-model", message=message, fatal=True)
        )


def _modes(record: Record, default: bool, names: Names) -> tuple[Mode, ...]:
    for flag in ("active", *(f"perm_{mode}" for mode in MODES)):
        if flag in record.values and values.truthy(record.get(flag)) is None:
            message = f"The value of {record.xmlid}'s {flag} can't be known without running code."
            origin = record.values[flag][1]
            names.problems.append(Problem(origin=origin, kind="unreadable-value", message=message))
    return tuple(mode for mode in MODES if record.flag(f"perm_{mode}", default))


def users(store: Store, names: Names) -> Iterator[User]:
    for record in store.of_model("res.users"):
        company = values.as_ref(record.get("company_id"))
        companies = tuple(record.links.get("companies", {})) or ((company,) if company else ())
        yield User(
            origin=record.origin,
            login=record.text("login") or record.xmlid,
            xmlid=record.xmlid,
            name=record.text("name"),
            active=record.flag("active", True),
            groups=names.links(record, "groups"),
            company=company,
            companies=companies,
            partner=values.as_ref(record.get("partner_id")),
            **_password(record),
        )


def _password(record: Record) -> dict[str, Any]:
    """The place that gives a user a password, and whether it is one that is easily guessed."""
    for name in ("password", "new_password"):
        guessed = passwords.mark_of(record.get(name))
        if guessed is not None:
            return {"password": record.values[name][1], "password_guessed": guessed}
    return {}


def companies(store: Store) -> Iterator[Company]:
    for record in store.of_model("res.company"):
        yield Company(
            origin=record.origin,
            xmlid=record.xmlid,
            name=record.text("name"),
            parent=values.as_ref(record.get("parent_id")),
            active=record.flag("active", True),
        )


def actions(store: Store, names: Names) -> Iterator[Action]:
    for record in store.of_model(*ACTION_TYPES, "ir.cron"):
        model: str | None = record.text("res_model") or record.text("model") or None
        if record.model in ("ir.actions.server", "ir.cron"):
            reference = values.as_ref(record.get("model_id"))
            known = values.as_search(record.get("model_id")) or (reference and MODEL_XMLID.match(reference))
            model = names.model(record) if known else None
        yield Action(
            origin=record.origin,
            xmlid=record.xmlid,
            type="ir.actions.server" if record.model == "ir.cron" else record.model,
            name=record.text("name"),
            model=model,
            domain=record.text("domain") or None,
            groups=names.links(record, "groups"),
        )


def menus(store: Store, names: Names) -> Iterator[Menu]:
    for record in store.of_model("ir.ui.menu"):
        sequence = record.get("sequence")
        name = record.text("name")
        action = values.as_ref(record.get("action"))
        if not name and action and action in store.records:
            # A <menuitem> without a name takes its action's.
            name = store.records[action].text("name")
        yield Menu(
            origin=record.origin,
            xmlid=record.xmlid,
            name=name or record.xmlid.partition(".")[2],
            parent=values.as_ref(record.get("parent_id")),
            action=action,
            groups=names.links(record, "groups"),
            active=record.flag("active", True),
            sequence=sequence if isinstance(sequence, int) else 10,
        )


def views(store: Store, names: Names) -> dict[str, View]:
    found = {record.xmlid: _view(record, names) for record in store.of_model("ir.ui.view")}
    view_fields.settle(found, store)
    return found


def _view(record: Record, names: Names) -> View:
    return View(
        origin=record.origin,
        xmlid=record.xmlid,
        name=record.text("name"),
        type=record.text("type"),
        model=record.text("model") or None,
        inherit=values.as_ref(record.get("inherit_id")),
        groups=names.links(record, "groups"),
        active=record.flag("active", True),
        **view_fields.marks_of(record),
    )


def toggles(classes: Iterable[Declared]) -> Iterator[Toggle]:
    """The settings that make groups imply another: boolean or selection fields `group_...` of `res.config.settings`."""
    for declared in classes:
        for item in declared.decl.fields:
            implied, groups = item.args.get("implied_group"), item.args.get("group", "base.group_user")
            if isinstance(implied, str) and isinstance(groups, str) and item.name.startswith("group_"):
                yield Toggle(
                    origin=declared.origin(item.line),
                    field=item.name,
                    groups=tuple(group.strip() for group in groups.split(",")),
                    implies=implied,
                )


def mentioned_groups(known: Mapping[str, Group], unresolved: Iterable[Unresolved]) -> dict[str, Group]:
    """The groups with a placeholder for each that is named but was not read."""
    placeholders = {
        item.name: Group(origin=item.origin, xmlid=item.name, unresolved=True)
        for item in unresolved
        if item.kind == "group" and item.name not in known
    }
    return {**known, **placeholders}


def mentioned_models(known: Mapping[str, Model], unresolved: Iterable[Unresolved]) -> dict[str, Model]:
    """The models with a placeholder for each that is named but was not read."""
    placeholders = {
        item.name: Model(origin=item.origin, name=item.name, unresolved=True)
        for item in unresolved
        if item.kind == "model" and item.name not in known
    }
    return {**known, **placeholders}


def manual_models(store: Store, known: Mapping[str, Model]) -> dict[str, Model]:
    """Models and fields that data files make as records (`ir.model`, `ir.model.fields`), added to the known ones."""
    found = dict(known)
    for record in store.of_model("ir.model"):
        name = record.text("model")
        if name and name not in found:
            found[name] = Model(
                origin=record.origin,
                name=name,
                description=record.text("name") or name,
                kind=Kind.TRANSIENT if record.flag("transient", False) else Kind.MODEL,
                table=name.replace(".", "_"),
                modules=(record.origin.module,),
                partial=True,
            )
    names = Names(store, found, {})
    for record in store.of_model("ir.model.fields"):
        owner, name = names.model(record), record.text("name")
        if owner in found and name and name not in found[owner].fields:
            found[owner].fields[name] = Field(
                origin=record.origin,
                name=name,
                type=record.text("ttype") or "char",
                comodel=record.text("relation") or None,
                inverse=record.text("relation_field") or None,
                related=record.text("related") or None,
                store=record.flag("store", not record.text("related")),
                module=record.origin.module,
            )
    return found
