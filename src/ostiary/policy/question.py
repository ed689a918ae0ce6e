"""Question: what is asked of a policy, and how a person writes it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from ostiary.policy.definitions import MODES, Mode
from ostiary.policy.fields import AUTOMATIC, find_field
from ostiary.policy.policy import Policy

SEE = "see"
VERBS = (*(mode.value for mode in MODES), SEE)
_SYNONYMS = {
    "delete": "unlink",
    "remove": "unlink",
    "update": "write",
    "edit": "write",
    "view": "see",
    "show": "see",
}


class BadQuestion(ValueError):
    """A question that can't be understood, or names what isn't there. The message is one sentence."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """May a subject use a model (`mode`, `model`), a field of it (`field`), one record (`record`, its id) or see a
    menu (`menu`)?

    A question is about a mode and a model, or about a menu: never both.
    """

    mode: Mode | None = None
    model: str | None = None
    field: str | None = None
    menu: str | None = None
    record: int | None = None

    def __str__(self) -> str:
        if self.menu is not None:
            return f"{SEE} {self.menu}"
        return f"{self.mode} {self.target}"

    @property
    def target(self) -> str:
        """What is asked about, as a person writes it."""
        if self.menu is not None:
            return self.menu
        what = f"{self.model}.{self.field}" if self.field else str(self.model)
        return what if self.record is None else f"{what}:{self.record}"

    @classmethod
    def parse(cls, text: str, policy: Policy) -> Question:
        """Read `read sale.order`, `write sale.order.amount_total`, `read sale.order:42` or `see sale.menu_root`.

        The longest model that fits is meant; what is left is its field. What follows a colon is a record's id.
        Raises BadQuestion, with near misses.
        """
        words = text.split()
        if len(words) != 2:
            raise BadQuestion(
                f"A question is a verb and a name, such as 'read res.partner', not {len(words)} words."
            )
        verb, target = words[0].lower(), words[1]
        if verb not in VERBS:
            meant = _SYNONYMS.get(verb)
            hint = f"did you mean {meant}?" if meant else f"use one of {', '.join(VERBS)}."
            raise BadQuestion(f"{words[0]!r} is not something Odoo controls; {hint}")
        if verb == SEE:
            return _about_menu(target, policy)
        target, colon, id = target.partition(":")
        question = _about_model(Mode(verb), target, policy)
        return msgspec.structs.replace(question, record=_record(question, id)) if colon else question


def _about_menu(target: str, policy: Policy) -> Question:
    if target not in policy.menus:
        raise BadQuestion(_unknown("menu", target, policy.menus))
    return Question(menu=target)


def _about_model(mode: Mode, target: str, policy: Policy) -> Question:
    if target in policy.models:
        return Question(mode=mode, model=target)
    model, _, field = target.rpartition(".")
    definition = policy.models.get(model)
    if definition is None:
        raise BadQuestion(_unknown("model", target, policy.models))
    known = find_field(policy, model, field) is not None or field in AUTOMATIC
    if not known and not definition.unresolved:
        near = {*policy.models, *(f"{model}.{name}" for name in definition.fields)}
        raise BadQuestion(_unknown("model or field", target, sorted(near)))
    if mode is Mode.UNLINK:
        raise BadQuestion(f"Records are unlinked, fields are not: ask 'unlink {model}'.")
    return Question(mode=mode, model=model, field=field)


def _record(question: Question, id: str) -> int:
    # An id is a positive number of four bytes; `str.isdecimal` alone takes other scripts' digits too.
    if not (id.isascii() and id.isdecimal() and len(id) <= 10 and 0 < int(id) < 2**31):
        number, dot, field = id.partition(".")
        if dot and question.field is None and number.isdecimal():
            raise BadQuestion(
                f"{id!r} is not the id of a record: the field stands before it, as in "
                f"'{question}.{field or 'name'}:{number}'."
            )
        raise BadQuestion(f"{id!r} is not the id of a record: ask about one as in '{question}:42'.")
    if question.mode is Mode.CREATE and question.field is not None:
        raise BadQuestion(f"A record that exists is not created again: ask '{question}' without an id.")
    return int(id)


def _unknown(what: str, target: str, known: Iterable[str]) -> str:
    near = get_close_matches(target, dict.fromkeys(known), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else " in what was read."
    return f"There is no {what} {target}{hint}"
