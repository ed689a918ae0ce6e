"""What Odoo decides about records in Python, beside access rights and record rules, as declared facts.

One module here describes the overrides of one model. Whatever else is known to decide in Python, by
`undecided.toml` or because source shows an override that none of this describes, is undecided.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ostiary.policy import Mode, Policy
from ostiary.records.errors import Undecided
from ostiary.records.layers import (
    account,
    hr_employee,
    ir_attachment,
    ir_ui_menu,
    mail_activity,
    mail_message,
    mail_scheduled_message,
    res_users,
    searches,
)
from ostiary.records.layers.base import Layer

_SUMMARY = "ostiary:facts/"
"""Where an override that only a bundled summary names comes from."""

__all__ = ["Layer", "Layers", "Unsettled", "undecided"]

# The order says which one describes a model where two do.
_MODULES = (
    mail_message,
    mail_activity,
    mail_scheduled_message,
    ir_attachment,
    ir_ui_menu,
    hr_employee,
    res_users,
    account,
    searches,
)

# Overrides that change which records a search finds, and those that change what may be done with records.
_SEARCHING = frozenset({"_search", "search_fetch", "_apply_ir_rules"})
_ACTING_17 = frozenset(
    {"check_access_rights", "check_access_rule", "_filter_access_rules", "_filter_access_rules_python"}
)
_ACTING_18 = _ACTING_17 | {"_check_access", "check_access", "has_access", "_filtered_access"}
# In 17 the newer names are nobody's: a model may have a method of its own that is called so.
_ACTING = {"17.0": _ACTING_17}
# What every decision rests on, by model, and the modules of Odoo whose overrides are described or change no answer.
_RULES = frozenset({"_compute_domain", "_compute_domain_keys", "_eval_context", "_get_rules"})
_RIGHTS = frozenset({"check", "_get_allowed_models", "_get_access_groups"})
_USERS = frozenset(
    {"has_group", "has_groups", "_has_group", "_get_group_ids", "_get_company_ids"}
    | {"_is_internal", "_is_portal", "_is_public", "_is_admin", "_is_system", "_is_superuser"}
)
_KNOWN_RULES = frozenset({"base", "website", "website_sale"})
_BASE = frozenset({"base"})
_MACHINERY = (
    ("ir.rule", _RULES, _KNOWN_RULES, "how record rules apply"),
    ("ir.model.access", _RIGHTS, _BASE, "how access rights apply"),
    ("res.users", _USERS, _BASE, "which groups or companies users have"),
)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A model whose records Odoo decides about in a way that is not declared; `searching` and `acting` say
    which questions that keeps open, `reason` is one sentence."""

    model: str
    series: tuple[str, ...]
    searching: bool
    acting: bool
    reason: str


@cache
def undecided() -> tuple[Unsettled, ...]:
    """The list `undecided.toml`."""
    text = files(__package__).joinpath("undecided.toml").read_text(encoding="utf-8")
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(text)["undecided"]
    return tuple(
        Unsettled(
            row["model"],
            tuple(row["series"]),
            "search" in row["questions"],
            "allowed" in row["questions"],
            row["reason"],
        )
        for row in rows
    )


class Layers:
    """The declared layers that hold for a Policy: of modules that it has, in its version."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        series = policy.semantics.series
        self._found: dict[str, Layer] = {one.model: one for one in searches.of_mixins(policy)}
        self._acting = _ACTING.get(series, _ACTING_18)
        for module in reversed(_MODULES):
            for layer in module.LAYERS:
                if series in layer.series and layer.module in policy.modules:
                    self._found[layer.model] = layer.beside(self._found.get(layer.model))
        self._unsettled = {row.model: row for row in undecided() if series in row.series}
        self._problems: dict[tuple[str, bool], str | None] = {}

    def find(self, model: str, mode: Mode | None) -> Layer | None:
        """The layer of a model, None where access rights and rules are all there is.

        `mode` is what is asked about, None for a search. Raises Undecided where Python decides that isn't
        declared.
        """
        key = (model, mode is None)
        if key not in self._problems:
            self._problems[key] = self._problem(model, searching=mode is None)
        problem = self._problems[key]
        if problem is not None:
            raise Undecided(f"cannot be decided: {problem}", model)
        return self._found.get(model)

    def _problem(self, model: str, *, searching: bool) -> str | None:
        unsettled = self._unsettled.get(model)
        if unsettled is not None and (unsettled.searching if searching else unsettled.acting):
            return f"{unsettled.reason} ({model})"
        definition = self.policy.models.get(model)
        layer = self._found.get(model)
        known = layer.overrides if layer is not None else {}
        for name, origin in (definition.overrides if definition is not None else {}).items():
            if layer is not None and origin.path.startswith(_SUMMARY):
                continue  # known by Odoo's own modules, which the layer describes
            if name in (_SEARCHING if searching else self._acting) and origin.module not in known.get(
                name, ()
            ):
                return f"model {model} has {name} of its own in module {origin.module}, which is Python"
        return self._machinery_problem()

    def _machinery_problem(self) -> str | None:
        for model, methods, known, what in _MACHINERY:
            definition = self.policy.models.get(model)
            for name, origin in (definition.overrides if definition is not None else {}).items():
                if name in methods and origin.module not in known:
                    return f"module {origin.module} changes {what} ({model}.{name}), which is Python"
        return None
