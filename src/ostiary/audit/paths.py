"""Following a field path from a model: whether each step exists, where the models are known in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.sensitivity import AUTOMATIC, ancestors
from ostiary.policy.definitions import Field, Model
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

_RELATIONAL = frozenset({"many2one", "one2many", "many2many"})
_SCALAR = frozenset(
    {
        "boolean",
        "char",
        "date",
        "datetime",
        "float",
        "html",
        "integer",
        "json",
        "monetary",
        "selection",
        "text",
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way, on the model it was looked up on."""

    model: str
    field: Field


@dataclass(frozen=True, slots=True)
class Missing:
    """The first name on the way that its model has no field for."""

    model: str
    name: str


def walk(policy: Policy, model: str, path: str) -> Iterator[Step | Missing]:
    """The fields along a path; ends early where what follows can't be known, with Missing where it can."""
    names = path.split(".")
    here = model
    for place, name in enumerate(names):
        if name in AUTOMATIC or name in ("ids", "env"):
            return
        field = find_field(policy, here, name)
        if field is None:
            if known_in_full(policy, here) and not name.startswith("x_"):
                yield Missing(here, name)
            return
        yield Step(here, field)
        rest = names[place + 1 :]
        if not rest:
            return
        if field.type in _SCALAR:
            if rest[0] not in policy.semantics.domain.date_parts:
                yield Missing(here, ".".join(names[place:]))
            return
        if field.type not in _RELATIONAL or field.comodel is None:
            return
        here = field.comodel


def find_field(policy: Policy, model: str, name: str) -> Field | None:
    """The field of a model, its mixins or a model it delegates to."""
    for other in (model, *ancestors(policy, model)):
        known = policy.models.get(other)
        if known is not None and name in known.fields:
            return known.fields[name]
    return None


def known_in_full(policy: Policy, model: str) -> bool:
    """Whether every field of the model is known: all its modules were read, and so were its mixins'."""
    return remembered(policy, ("audit known", model), lambda: _known_in_full(policy, model))


def _known_in_full(policy: Policy, name: str) -> bool:
    for other in (name, *ancestors(policy, name)):
        model = policy.models.get(other)
        if other == "base":
            continue
        if model is None or model.unresolved or not model.fields or _partly_read(policy, model):
            return False
    return True


def _partly_read(policy: Policy, model: Model) -> bool:
    """Whether a module of the model was not read as source, or some of its Python could not be."""
    broken = remembered(
        policy,
        ("audit broken",),
        lambda: frozenset(
            problem.origin.module for problem in policy.problems if problem.origin.path.endswith(".py")
        ),
    )
    return any(
        name not in policy.modules or policy.modules[name].facts or name in broken for name in model.modules
    )
