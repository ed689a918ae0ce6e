"""What each Odoo version means by its access definitions, as data.

A `Semantics` value is passed wherever versions differ, so that no code asks for a version number.
Sources: Odoo's `odoo/addons/base/models/{res_users,res_groups,ir_rule,ir_ui_menu}.py` of 17.0, 18.0, 19.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from ostiary.domain import DomainSemantics

USER_TYPES = ("base.group_user", "base.group_portal", "base.group_public")
INTERNAL, PORTAL, PUBLIC = USER_TYPES


@dataclass(frozen=True, slots=True)
class Semantics:
    """How one series of Odoo decides.

    - `membership_closed`: `res_groups_users_rel` stores the closure (17, 18) or only explicit groups (19).
    - `dot_denies`: `has_groups('.')` is False (18, 19); 17 handles it in the field layer.
    - `menu_through_actions`: a menu keeps its ancestors visible even where they open something (19);
      before, only ancestors that are folders.
    - `group_fields_renamed`: `groups_id` is `group_ids`, `users` is `user_ids`, ... (19).
    - `has_group_needs_debug`: `user.has_group('base.group_no_one')` is true only in debug mode (18, 19);
      17 asks that only of specifications.
    - `field_groups_on_create`: values given to `create` are checked against field groups (19).
    - `stored_links_only`: rules of an `_inherits` parent count only where the link is stored (19).
    - `single_access_table`: `ir.access` replaces access rights and record rules (after 19).
    - `test_modules_last`: `test_*` modules are loaded right after the last module they depend on (19).
    - `dotted_class_names`: a model class without `_name` is named by its class name with dots, `ResPartner`
    is
      `res.partner` (19); before, by the class name as it is.
    - `private_methods`: what is `@api.private` can't be called over RPC, beside what begins with `_` (19).
    - `domain`: what the series means by a domain.
    """

    series: str
    membership_closed: bool
    dot_denies: bool
    menu_through_actions: bool
    group_fields_renamed: bool
    has_group_needs_debug: bool
    field_groups_on_create: bool
    stored_links_only: bool
    single_access_table: bool
    test_modules_last: bool
    dotted_class_names: bool
    private_methods: bool
    domain: DomainSemantics

    @classmethod
    def of(cls, version: str) -> Semantics:
        """The semantics of a version text (`"18.0"`, `"17"`); ValueError names what is known otherwise."""
        return _TABLE[DomainSemantics.of(version).version]


def _row(series: str, **facts: bool) -> Semantics:
    return Semantics(series=series, domain=DomainSemantics.of(series), **facts)


_17 = {
    "membership_closed": True,
    "dot_denies": False,
    "menu_through_actions": False,
    "group_fields_renamed": False,
    "has_group_needs_debug": False,
    "field_groups_on_create": False,
    "stored_links_only": False,
    "single_access_table": False,
    "test_modules_last": False,
    "dotted_class_names": False,
    "private_methods": False,
}
_18 = _17 | {"dot_denies": True, "has_group_needs_debug": True}
_19 = _18 | {
    "membership_closed": False,
    "menu_through_actions": True,
    "group_fields_renamed": True,
    "field_groups_on_create": True,
    "stored_links_only": True,
    "test_modules_last": True,
    "dotted_class_names": True,
    "private_methods": True,
}
_NEXT = _19 | {"single_access_table": True}

_TABLE = {
    "17": _row("17.0", **_17),
    "18": _row("18.0", **_18),
    "19": _row("19.0", **_19),
    "next": _row("next", **_NEXT),
}
