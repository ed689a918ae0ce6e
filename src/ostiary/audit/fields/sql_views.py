"""SQL views: models without a table of their own, and the models whose records they show."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.weighing.sensitivity import PEOPLE
from ostiary.policy.definitions import Kind, Model
from ostiary.policy.policy import Policy

# What the name of a view has more than that of the model it is about.
_WORDS = frozenset(
    {
        "analysis",
        "calendar",
        "history",
        "overview",
        "report",
        "reports",
        "stat",
        "statistics",
        "stats",
        "view",
    }
)
# A link to one of these says whom or what a row is about, not which record it is made of.
_MASTER = ("res.", "product.", "uom.", "utm.", "ir.")


def sql_views(policy: Policy) -> Iterator[Model]:
    """The models whose rows a query makes of other tables' rows, test modules' included."""
    for model in policy.models.values():
        if model.kind is Kind.MODEL and not model.unresolved and (model.table_query or not model.auto):
            yield model


def sources(policy: Policy, view: Model) -> tuple[tuple[str, str], ...]:
    """The models a view is likely to be made of, each with the link that says so (empty where its name does).

    The query itself is not read: these are the records that a row of it links to, contacts, users, products and the
    like left out, and the model that it is named after.
    """
    found: dict[str, str] = {}
    named = ".".join(word for word in view.name.split(".") if word not in _WORDS)
    if named != view.name and _stored(policy, named):
        found[named] = ""
    for field in view.fields.values():
        other = field.comodel or ""
        if field.type != "many2one" or not field.store or field.inherited or other in (view.name, *PEOPLE):
            continue
        if not other.startswith(_MASTER) and _stored(policy, other):
            found[other] = found.get(other) or field.name
    return tuple(found.items())


def _stored(policy: Policy, name: str) -> bool:
    """Whether a model has a table of its own."""
    model = policy.models.get(name)
    return (
        model is not None
        and model.kind is Kind.MODEL
        and not model.unresolved
        and model.auto
        and not model.table_query
    )
