"""Names of records: the `display_name` that a model's template gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ostiary.records.errors import Undecided
from ostiary.records.memory.convert import NUMBERS, RELATIONAL, TEXTS, X2MANY, Referenced
from ostiary.records.schema import Names

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

Show = Callable[[int], Any]

_PART = re.compile(r"<([^<>]*)>|([^<]+)")
_FIELD = re.compile(r"\{([^{}]*)\}")


def display_of(env: Env, model: str, names: Names) -> Show:
    """What a record of the model is called: a text, or False where its only name is not set.

    Raises Undecided where Python makes the name or a value has no text that is known.
    """
    if names.display is None:
        raise Undecided.computed(model, "display_name")
    if not names.display:
        return lambda record: f"{model},{record}"
    alone = _FIELD.fullmatch(names.display)
    if alone is not None:
        return _value(env, model, alone[1])
    parts = [_part(env, model, match) for match in _PART.finditer(names.display)]
    return lambda record: "".join(part(record) for part in parts)


def _part(env: Env, model: str, match: re.Match[str]) -> Callable[[int], str]:
    if match[1] is None:
        always = _text(env, model, match[2])
        return lambda record: always(record)[0]
    choices = [_text(env, model, text) for text in match[1].split("|")]

    def show(record: int) -> str:
        for choice in choices:
            text, whole = choice(record)
            if whole:
                return text
        return ""

    return show


def _text(env: Env, model: str, text: str) -> Callable[[int], tuple[str, bool]]:
    """A text with the values of its fields, and whether none of them is empty."""
    pieces: list[str | Show] = []
    for place, piece in enumerate(_FIELD.split(text)):
        pieces.append(_value(env, model, piece) if place % 2 else piece)

    def show(record: int) -> tuple[str, bool]:
        shown = [piece if isinstance(piece, str) else piece(record) for piece in pieces]
        whole = all(value for value, piece in zip(shown, pieces, strict=True) if callable(piece))
        return "".join(str(value or "") for value in shown), whole

    return show


def _value(env: Env, model: str, path: str) -> Show:
    """The text of a field's value: `Field.convert_to_display_name`."""
    name, _, rest = path.partition(".")
    kind = env.kind(model, name) if name not in ("id", "display_name") else None
    if kind is not None and kind.type in RELATIONAL:
        if kind.type in X2MANY or kind.comodel is None:
            raise Undecided.computed(model, "display_name", f"is made of {name}, which holds several records")
        if not rest:
            return _other(env, kind.comodel, env.related_ids(model, name))
        ids, shown = env.related_ids(model, name), _value(env, kind.comodel, rest)
        return lambda record: shown(found[0]) if (found := ids(record)) else False
    column = env.column(model, name) if name != "id" else None
    if column is None:
        return str
    if kind is None or kind.type in TEXTS:
        return lambda record: str(value) if (value := column[record]) else value
    if kind.type in NUMBERS or kind.type == "boolean":
        return lambda record: str(value) if (value := column[record]) else False
    if kind.type == "reference":
        return lambda record: _referenced(env, column[record])
    if kind.type in ("selection", "date"):
        return lambda record: str(value) if (value := column[record]) else False
    raise Undecided.computed(model, "display_name", f"is made of {name}, whose text is not known")


def _other(env: Env, model: str, ids: Callable[[int], Sequence[int]]) -> Show:
    """The name of the record that a field leads to; it may be one whose name rests on that of its parent."""

    def show(record: int) -> Any:
        found = ids(record)
        try:
            return env.column(model, "display_name")[found[0]] if found else False
        except RecursionError:
            raise Undecided.computed(model, "display_name", "rests on too many other names") from None

    return show


def _referenced(env: Env, value: Referenced | None) -> Any:
    return env.column(value.model, "display_name")[value.id] if value is not None else False
