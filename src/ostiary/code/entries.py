"""What a client may call, as an `Entry` of a Policy."""

from __future__ import annotations

from ostiary.code.program import Declared, DeclaredMethod, Program
from ostiary.policy.code import Entry, EntryKind


def wanted(program: Program) -> list[Declared]:
    """What a client may call of the modules that are no context, sorted by module, file and line."""
    context = program.context_modules
    routes = (one for one in program.routes() if any(each.module not in context for each in one.chain))
    return sorted((*routes, *program.rpc_methods()), key=_place)


# What Odoo's own client calls on every model. An override runs beside Odoo's method, which asks for the right.
_FRAMEWORK = frozenset({
    "create", "write", "unlink", "copy", "copy_data", "copy_translations", "read", "web_read", "web_save", "search",
    "search_count", "search_read", "search_fetch", "web_search_read", "name_search", "name_get", "name_create",
    "default_get", "fields_get", "get_view", "get_views", "fields_view_get", "load", "export_data", "onchange",
    "read_group", "web_read_group", "toggle_active", "action_archive", "action_unarchive", "message_new",
    "message_update", "message_post", "get_empty_list_help", "value_to_html", "record_to_html", "get_formview_id",
    "get_formview_action", "get_access_action", "set_values", "get_values", "fetch", "flush_model", "exists",
    "check_access_rule", "check_access_rights", "check_access", "get_suggested_controllers", "module_uninstall",
})  # fmt: skip


def of_interest(declared: Declared) -> bool:
    """Whether its body is worth going through: every route, and methods that do, or lead to, something of interest.

    Overrides of what every model has (`create`, `write`, `search`, ...) are not: Odoo's own method asks there.
    """
    if not isinstance(declared, DeclaredMethod):
        return True
    return declared.risky and declared.function.name not in _FRAMEWORK


def entry_of(declared: Declared) -> Entry:
    """An `Entry` whose body was not gone through."""
    function = declared.function
    entry = Entry(
        kind=EntryKind.RPC,
        name=declared.name,
        module=function.module,
        origin=function.origin,
        method=function.name,
        parameters=function.parameters[1:],
        overrides=tuple(one.origin for one in declared.chain[1:]),
        read=False,
    )
    if isinstance(declared, DeclaredMethod):
        entry.model, entry.static = declared.model, declared.static
    else:
        entry.kind, entry.route = EntryKind.ROUTE, declared.route
    return entry


def _place(declared: Declared) -> tuple[str, str, int, str]:
    function = declared.function
    return (function.module, function.file.path, function.index.line, declared.name)
