"""Rows to what shows or hides: menus, actions and views."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.policy import Action, Menu, View
from ostiary.sources.database.names import Names, linked, links
from ostiary.sources.database.tables import Database


def menus(database: Database, names: Names) -> dict[str, Menu]:
    """Menus by external id, archived ones too."""
    held = links(database, names, "ir_ui_menu_group_rel", "menu_id gid")
    found = {}
    columns = "id name parent_id action active sequence"
    for id, name, parent, action, active, sequence in database.rows("ir_ui_menu", columns, order="id"):
        origin = names.origin("ir_ui_menu", "ir.ui.menu", id)
        xmlid = names.xmlid("ir.ui.menu", id)
        found[xmlid] = Menu(
            origin=origin,
            xmlid=xmlid,
            name=name or "",
            parent=names.maybe("ir.ui.menu", parent),
            action=_reference(names, action),
            groups=linked(held, id, origin),
            active=bool(active),
            sequence=10 if sequence is None else sequence,
        )
    return found


def _reference(names: Names, value: str | None) -> str | None:
    """The external id of what a reference such as `ir.actions.act_window,12` names."""
    model, _, id = (value or "").partition(",")
    return names.xmlid(model, int(id)) if id.isdecimal() and int(id) else None


# Each action's table, its model, the column that says which model it is about, and the relation to groups.
_ACTIONS = (
    ("ir_act_window", "res_model", "ir_act_window_group_rel", "act_id gid"),
    ("ir_act_server", "model_id", "ir_act_server_group_rel", "act_id gid"),
    ("ir_act_report_xml", "model", "res_groups_report_rel", "uid gid"),
    ("ir_act_client", "res_model", "", ""),
    ("ir_act_url", "", "", ""),
    ("ir_actions", "", "", ""),
)


def actions(database: Database, names: Names, models: Mapping[int, str]) -> dict[str, Action]:
    """Actions of every type by external id."""
    found = {}
    for table, about, relation, columns in _ACTIONS:
        held = links(database, names, relation, columns) if relation else {}
        domain = "domain" if table == "ir_act_window" else "NONE"
        for id, type_, name, model, where in database.rows(
            table, f"id type name {about or 'NONE'} {domain}", order="id"
        ):
            origin = names.origin(table, type_, id)
            xmlid = names.xmlid(type_, id)
            found[xmlid] = Action(
                origin=origin,
                xmlid=xmlid,
                type=type_,
                name=name or "",
                model=models.get(model) if about == "model_id" else model or None,
                domain=where or None,
                groups=linked(held, id, origin),
            )
    return found


def views(database: Database, names: Names) -> dict[str, View]:
    """Views by external id, archived ones too, without their arch."""
    held = links(database, names, "ir_ui_view_group_rel", "view_id group_id")
    found = {}
    columns = "id name type model inherit_id active"
    for id, name, type_, model, inherit, active in database.rows("ir_ui_view", columns, order="id"):
        origin = names.origin("ir_ui_view", "ir.ui.view", id)
        xmlid = names.xmlid("ir.ui.view", id)
        found[xmlid] = View(
            origin=origin,
            xmlid=xmlid,
            name=name or "",
            type=type_ or "",
            model=model or None,
            inherit=names.maybe("ir.ui.view", inherit),
            groups=linked(held, id, origin),
            active=bool(active),
        )
    return found
