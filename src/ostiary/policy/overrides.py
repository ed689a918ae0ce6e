"""The methods by which a model decides in Python which records somebody reaches, beside rights and rules."""

from __future__ import annotations

from ostiary.policy.definitions import Mode
from ostiary.policy.policy import Policy

# What can keep records back (or let them through) in every mode, and in reading alone.
_IN_EVERY_MODE = frozenset(
    {
        "_check_access",
        "_filter_access_rules",
        "_filter_access_rules_python",
        "_filtered_access",
        "check",
        "check_access",
        "check_access_rights",
        "check_access_rule",
        "has_access",
    }
)
_IN_READING = frozenset({"_apply_ir_rules", "_fetch_query", "_search", "fetch", "read", "search_fetch"})


def deciding_overrides(policy: Policy, model: str, mode: Mode) -> tuple[str, ...]:
    """The model's overrides that may decide about records in a mode, by name; what is done to every model (`base`) is
    left out."""
    known = policy.models.get(model)
    if known is None:
        return ()
    base = policy.models.get("base")
    everywhere = frozenset(base.overrides.values()) if base else frozenset()
    methods = _IN_EVERY_MODE | _IN_READING if mode is Mode.READ else _IN_EVERY_MODE
    return tuple(
        sorted(
            name for name, origin in known.overrides.items() if name in methods and origin not in everywhere
        )
    )
