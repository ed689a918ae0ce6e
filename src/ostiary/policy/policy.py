"""The Policy: everything one Odoo's security definitions say, in one value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

import msgspec

from ostiary.policy.code import Code
from ostiary.policy.definitions import (
    AccessRight,
    Company,
    Contact,
    Edit,
    Group,
    Model,
    Module,
    Note,
    Overwrite,
    Parameter,
    Problem,
    RecordRule,
    Suppression,
    Toggle,
    UnloadedFile,
    Unresolved,
    User,
)
from ostiary.policy.screens import Action, Menu, View
from ostiary.policy.semantics import Semantics


class Policy(msgspec.Struct, kw_only=True, dict=True, omit_defaults=True):
    """What one Odoo's definitions say; the value every decision, proof and audit starts from.

    `odoo` is the series, `"18.0"`. `groups`, `menus`, `actions`, `views` are keyed by external id, `models`
    by technical name, `modules` by name. Lists keep loading order. `demo` says whether demo data is included.
    `contacts` (by external id), `parameters` (by key, None where they were not read) and `edits` are only known of a
    database, the last where the source of its modules is given too. `overwrites` are only known
    of source, in loading order, and so are `suppressions`, the comments that accept findings. `publishing` names fields
    that somebody sets so that others see a record, beside those that are known by their names.
    `code` is what routes, methods and pages do, None where it was not read.
    A Policy is a value: build a new one instead of changing it, since the indexes below are computed once.
    """

    odoo: str
    modules: dict[str, Module] = {}
    models: dict[str, Model] = {}
    groups: dict[str, Group] = {}
    rights: list[AccessRight] = []
    rules: list[RecordRule] = []
    users: list[User] = []
    companies: list[Company] = []
    contacts: dict[str, Contact] = {}
    parameters: dict[str, Parameter] | None = None
    edits: list[Edit] = []
    menus: dict[str, Menu] = {}
    actions: dict[str, Action] = {}
    views: dict[str, View] = {}
    unloaded: list[UnloadedFile] = []
    problems: list[Problem] = []
    unresolved: list[Unresolved] = []
    notes: list[Note] = []
    overwrites: list[Overwrite] = []
    toggles: list[Toggle] = []
    suppressions: list[Suppression] = []
    publishing: tuple[str, ...] = ()
    demo: bool = False
    code: Code | None = None

    @cached_property
    def semantics(self) -> Semantics:
        """What this Odoo's version means by its definitions."""
        return Semantics.of(self.odoo)

    @cached_property
    def rights_by_model(self) -> Mapping[str, tuple[AccessRight, ...]]:
        """Active access rights by model; a model without any is absent."""
        found: dict[str, list[AccessRight]] = defaultdict(list)
        for right in self.rights:
            if right.active:
                found[right.model].append(right)
        return {model: tuple(rights) for model, rights in found.items()}

    @cached_property
    def rules_by_model(self) -> Mapping[str, tuple[RecordRule, ...]]:
        """Active record rules by model; a model without any is absent."""
        found: dict[str, list[RecordRule]] = defaultdict(list)
        for rule in self.rules:
            if rule.active:
                found[rule.model].append(rule)
        return {model: tuple(rules) for model, rules in found.items()}

    @cached_property
    def user_by_login(self) -> Mapping[str, User]:
        return {user.login: user for user in self.users}
