"""What stands on the right of a term, and the tests that choose between values.

A record rule's domain is Python: its values are constants, names of the evaluation context (``user``,
``company_ids``, ...) and expressions over them. They are kept here as small immutable trees; nothing is
evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .nodes import Domain

Scalar: TypeAlias = bool | int | float | str | None


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A constant. ``Literal(False)``, ``Literal(0)`` and ``Literal(None)`` are three different values,
    because Odoo reads ``= False`` and ``= 0`` differently (``False`` is "not set")."""

    value: Scalar

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Literal):
            return NotImplemented
        return type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name and a path read from it: ``user.partner_id.id`` is ``Symbol("user", ("partner_id", "id"))``.

    ``.id`` and ``.ids`` stay as the last element. ``.mapped('a.b')`` is written into the path, and its final
    ``id`` becomes ``ids`` since ``mapped`` gives a list.
    """

    root: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, tuple or set of values (Odoo treats them alike on the right of a term)."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Concat:
    """Values joined by ``+``: ``company_ids + [False]``. At least two parts."""

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``then if test else otherwise``. ``a or b`` is ``Choice(Truthy(a), a, b)``."""

    test: Test
    then: Value
    otherwise: Value


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a name: ``time.strftime('%Y')``. What it returns is for the caller to know."""

    function: Symbol
    args: tuple[Value, ...] = ()
    kwargs: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """A comprehension over something symbolic: ``[element for variable in source if condition]``.

    Inside ``element`` and ``condition``, ``Symbol(variable, ...)`` is the item, not a name of the context.
    """

    element: Value
    variable: str
    source: Value
    condition: Test | None = None


@dataclass(frozen=True, slots=True)
class Subdomain:
    """The domain on the right of ``any`` and ``not any``; its paths start at the comodel."""

    domain: Domain


@dataclass(frozen=True, slots=True)
class OpaqueValue:
    """A value that cannot be known without running code: its text, its offset in the source and why."""

    text: str
    position: int | None = field(default=None, compare=False)
    why: str = ""


Value: TypeAlias = Literal | Symbol | Sequence | Concat | Choice | Call | Each | Subdomain | OpaqueValue


@dataclass(frozen=True, slots=True)
class HasGroup:
    """``user.has_group('module.name')``: the user holds the group, directly or by implication."""

    xmlid: str


@dataclass(frozen=True, slots=True)
class Truthy:
    """The value is true in Python's sense (an empty recordset, ``False``, ``0`` and ``''`` are not)."""

    value: Value


@dataclass(frozen=True, slots=True)
class Compare:
    """A Python comparison: ``op`` is one of ``== != < <= > >= in``, ``not in``, ``is``, ``is not``."""

    op: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every test holds. At least two items."""

    items: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one test holds. At least two items."""

    items: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """The test does not hold."""

    item: Test


Test: TypeAlias = HasGroup | Truthy | Compare | AllOf | AnyOf | Negated


def concat(parts: list[Value]) -> Value:
    """Join values with ``+``: nested joins are opened up, neighbouring lists (and texts) become one.

    Gives the single part back when one is left, and an empty :class:`Sequence` when there is none.
    """
    result: list[Value] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Concat) else (part,):
            last = result[-1] if result else None
            if isinstance(last, Sequence) and isinstance(piece, Sequence):
                result[-1] = Sequence(last.items + piece.items)
            elif _is_text(last) and _is_text(piece):
                result[-1] = Literal(str(last.value) + str(piece.value))  # type: ignore[union-attr]
            else:
                result.append(piece)
    if len(result) > 1:
        return Concat(tuple(result))
    return result[0] if result else Sequence(())


def _is_text(value: Value | None) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, str)
