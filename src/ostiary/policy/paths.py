"""Following a field path from a model: whether each step exists, where the models are known in full."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.policy.definitions import Field, Model
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of

_NO_FIELDS = frozenset({*AUTOMATIC, "__last_update", "ids", "env", "pool"})
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


def walk(policy: Policy, model: str, path: str, *, python: bool = False) -> Iterator[Step | Missing]:
    """The fields along a path; ends early where what follows can't be known, with Missing where it can.

    `python` is for a path that Python reads (`user.partner_id.id`): what follows a plain value is then an
    attribute of that value, about which nothing is said.
    """
    names = path.split(".")
    here = model
    for place, name in enumerate(names):
        if name in _NO_FIELDS or name.startswith("_"):
            return
        field = field_of(policy, here, name)
        if field is None:
            if known_in_full(policy, here) and not name.startswith("x_"):
                yield Missing(here, name)
            return
        yield Step(here, field)
        rest = names[place + 1 :]
        if not rest:
            return
        if field.type in _SCALAR:
            if not python and rest[0] not in policy.semantics.domain.date_parts:
                yield Missing(here, ".".join(names[place:]))
            return
        if field.type not in _RELATIONAL or field.comodel is None:
            return
        here = field.comodel


def field_of(policy: Policy, model: str, name: str) -> Field | None:
    """The field of a model, its mixins or a model it delegates to."""
    for other in (model, *_ancestors(policy, model)):
        known = policy.models.get(other)
        if known is not None and name in known.fields:
            return known.fields[name]
    return None


def origin_of_inherited(policy: Policy, model: str, field: Field) -> Field:
    """The field itself, or that of the `_inherits` parent which it stands for."""
    seen = {model}
    while field.inherited:
        parents = (parent for parent in parents_of(policy, model) if parent not in seen)
        found = next(
            (
                (parent, one)
                for parent in parents
                if (one := field_of(policy, parent, field.name)) is not None
            ),
            None,
        )
        if found is None:
            break
        model, field = found
        seen.add(model)
    return field


def known_in_full(policy: Policy, model: str) -> bool:
    """Whether every field of the model is known: all its modules were read, and so were its mixins'."""
    return remembered(policy, ("known in full", model), lambda: _known_in_full(policy, model))


def _known_in_full(policy: Policy, name: str) -> bool:
    for other in (name, *_ancestors(policy, name)):
        if other == "base":
            continue
        model = policy.models.get(other)
        if model is None or model.unresolved or model.partial or not model.fields:
            return False
        if not model.modules or _partly_read(policy, model):
            return False
    return True


def _partly_read(policy: Policy, model: Model) -> bool:
    """Whether a module of the model was not read as source, or some of its Python could not be."""
    broken = broken_python(policy)
    return any(
        name not in policy.modules or policy.modules[name].facts or name in broken for name in model.modules
    )


def broken_python(policy: Policy) -> frozenset[str]:
    """The modules some of whose Python could not be read: what else they define isn't known."""
    return remembered(
        policy,
        ("modules with unreadable Python",),
        lambda: frozenset(
            problem.origin.module for problem in policy.problems if problem.origin.path.endswith(".py")
        ),
    )


def _ancestors(policy: Policy, name: str) -> tuple[str, ...]:
    """The models it takes fields from, the ones it delegates to included, nearest first."""

    def find() -> tuple[str, ...]:
        found: list[str] = []
        waiting = deque([name])
        while waiting:
            model = policy.models.get(waiting.popleft())
            for other in (*model.inherit, *model.inherits) if model else ():
                if other != name and other not in found:
                    found.append(other)
                    waiting.append(other)
        return tuple(found)

    return remembered(policy, ("ancestors", name), find)
