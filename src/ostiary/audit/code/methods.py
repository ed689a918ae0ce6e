"""Methods over RPC: those of the ORM itself, which ask for access by themselves, and those of a model's own."""

from __future__ import annotations

from ostiary.audit.asking.facts import may
from ostiary.policy.code import Choice, Entry, EntryKind, Use, UseKind
from ostiary.policy.definitions import Kind, Mode
from ostiary.policy.policy import Policy

# What every model answers to: an override runs after the caller's rights were asked, or asks by super().
_ORM = frozenset({
    "action_archive", "action_unarchive", "action_unfollow", "authenticate", "browse", "check_access",
    "check_access_rights", "check_access_rule", "check_field_access_rights", "copy", "copy_data",
    "copy_multi", "create", "default_get", "exists", "export_data", "fields_get", "fields_view_get",
    "filtered", "filtered_domain", "flush_model", "flush_recordset", "formatted_read_group",
    "get_field_translations", "get_formview_action", "get_formview_id", "get_metadata",
    "get_property_definition", "get_view", "get_views", "has_access", "init", "load", "load_views",
    "mapped", "message_new", "message_post", "message_process", "message_route", "message_subscribe",
    "message_unsubscribe", "message_update", "modified", "name_create", "name_get", "name_search", "new",
    "onchange", "read", "read_group", "read_progress_bar", "search", "search_count", "search_fetch",
    "search_panel_select_multi_range", "search_panel_select_range", "search_read", "sorted", "sudo",
    "toggle_active", "unlink", "update", "update_field_translations", "web_name_search",
    "web_override_translations", "web_read", "web_read_group", "web_resequence", "web_save",
    "web_save_multi", "web_search_read", "with_user", "write",
})  # fmt: skip


def is_orm(entry: Entry) -> bool:
    """Whether an entry is a method over RPC that every model has, and a model only overrides."""
    return entry.kind is EntryKind.RPC and entry.method in _ORM


def is_given_back(use: Use) -> bool:
    """Whether what a method over RPC reads may come back to its caller.

    A page that a helper of it renders is mostly a text for others: a mail, or what is sent to another service.
    """
    return use.kind is not UseKind.READ or not use.steps or "_render(" not in use.text


def has_records_to_call(policy: Policy, entry: Entry, use: Use, label: str) -> bool:
    """Whether somebody can call the method on records at all, where the use is of these.

    A wizard exists once somebody has created it, which takes the right to; an abstract model has no records.
    """
    if use.choice is not Choice.SELF and not any(one.source == "self" for one in use.given):
        return True
    if entry.static:
        return False
    known = policy.models.get(entry.model)
    if known is None or known.kind is Kind.MODEL:
        return True
    return known.kind is Kind.TRANSIENT and may(policy, label, entry.model, Mode.CREATE)
