"""The sentences findings share: how an audience, a model, a mode and a rule are said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.policy import Policy

_AUDIENCES = {
    "everyone": "everybody",
    "portal": "portal users",
    "public": "public visitors",
    "internal": "internal users",
}
_VERBS = {Mode.READ: "read", Mode.WRITE: "change", Mode.CREATE: "create", Mode.UNLINK: "delete"}
_COLUMNS = {mode: f"perm_{mode.value}" for mode in Mode}


def audience_words(labels: Iterable[str]) -> str:
    """`portal users and public visitors`."""
    return enumerated([_AUDIENCES.get(label, f"users of {label}") for label in labels])


def sentence(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]


def enumerated(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def at_most(words: Sequence[str], limit: int = 4) -> str:
    """`a, b, c, d and 3 more`."""
    if len(words) <= limit:
        return enumerated(words)
    return f"{', '.join(words[:limit])} and {len(words) - limit} more"


def verbs(modes: Iterable[Mode]) -> str:
    """What somebody with those modes may do: `change and delete`."""
    return enumerated([_VERBS[mode] for mode in modes])


def words_of(modes: Iterable[Mode]) -> str:
    """The modes in Odoo's own words: `write and unlink`."""
    return enumerated([mode.value for mode in modes])


def columns(modes: Iterable[Mode]) -> str:
    """The columns of an access right: `perm_write and perm_unlink`."""
    return enumerated([_COLUMNS[mode] for mode in modes])


def model_words(policy: Policy, name: str) -> str:
    """`Sales Order (sale.order)`."""
    model = policy.models.get(name)
    if model is None or not model.description or model.description == name:
        return name
    return f"{model.description} ({name})"


def rule_words(rule: RecordRule) -> str:
    """`Own orders (sale.portal_own)`."""
    return f"“{rule.name}” ({rule.xmlid})" if rule.name and rule.name != rule.xmlid else rule.xmlid


def model_ref(policy: Policy, model: str, module: str) -> str:
    """How a data file of `module` refers to a model: with a prefix unless the module defines or extends it."""
    known = policy.models.get(model)
    name = "model_" + model.replace(".", "_")
    if known is None or not known.modules or module in known.modules:
        return name
    return f"{known.modules[0]}.{name}"
