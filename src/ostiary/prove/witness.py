"""A witness: the records of a solver's answer as rows, told as a story."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from ostiary.domain import (
    Domain,
    Literal,
    Opaque,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Value,
    value_to_odoo,
)
from ostiary.policy.rules import parents_of
from ostiary.prove.encode import Rec, Unreadable, World
from ostiary.prove.question import Question
from ostiary.prove.solver import Model
from ostiary.prove.taken import Asked
from ostiary.prove.verdict import Row, Witness
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Inherited, Kind, Lines, Python, Related, Schema, Storage

COMPANY = "res.company"
PARTNER = "res.partner"
USER = "res.users"
_DEEPEST = 8
_LONGEST = 40
_NAMED = ("name", "x_name")
_OWNERS = ("partner_id", "user_id")

Key = tuple[str, int]


class Story:
    """The rows of a model of a question.

    `small`: with ids counted from 1, in the order that the model gives them. `pruned`: only what is linked to the user
    or the record, be it over others.
    """

    def __init__(self, question: Question, model: Model, *, small: bool = True, pruned: bool = True) -> None:
        self.question = question
        self.pruned = pruned
        self._taken: dict[str, str] = {}
        self.world: World = question.world
        self.schema: Schema = question.schema
        self.model = model
        self.rows: dict[Key, dict[str, Any]] = {}
        self._ids = self._counted() if small else {}
        self._raw = {new: old for old, new in self._ids.items()}
        self.user = self._place(question.who.user)
        self.record = self._place(question.record)
        self.company = self._place(question.who.company)

    def witness(self) -> Witness:
        """The whole story, the user and the record first."""
        self._read()
        if self.pruned:
            self._prune()
        self._complete()
        names = self._names()
        rows = []
        for key, values in self.rows.items():
            shown = values | ({names[key][0]: names[key][1]} if key in names else {})
            rows.append(Row(key[0], key[1], shown, self._role(key)))
        rows.sort(key=lambda row: (row.role != "the user", row.role != "the record", row.model, row.id))
        found = {(row.model, row.id): row for row in rows}
        return Witness(found[self.user], found[self.record], tuple(rows), self._companies())

    def _place(self, record: Rec) -> Key:
        key = (record.model, self._number(record.term))
        self.rows.setdefault(key, {})
        return key

    def _number(self, term: str) -> int:
        """The id that a term stands for, 0 for none."""
        found = self._valued(term)
        return self._ids.get(found, found)

    def _valued(self, term: str) -> int:
        found = self.model.value(term)
        return found if isinstance(found, int) and not isinstance(found, bool) else 0

    def _counted(self) -> dict[int, int]:
        """Small ids for those of the model; none where a domain names ids, which have to stay what they are."""
        if any(term.isdigit() for terms in self.world.records.values() for term in terms):
            return {}
        reads = self.world.reads.values()
        terms = {read.record.term for read in reads} | {read.term for read in reads if read.comodel}
        for link in self.world.links.values():
            if self.model.value(link.term) is True:
                terms |= {link.record.term, link.other.term}
        who = self.question.who
        terms |= {who.user.term, who.company.term, self.question.record.term}
        found = sorted({self._valued(term) for term in terms} - {0})
        return {old: new for new, old in enumerate(found, 1) if old > 0}

    def _read(self) -> None:
        for read in self.world.reads.values():
            record = self._number(read.record.term)
            if record <= 0 or read.record.model == "website":
                continue
            row = self.rows.setdefault((read.record.model, record), {})
            if read.comodel is not None:
                other = self._number(read.term)
                row[read.field] = other or None
                if other > 0:
                    self.rows.setdefault((read.comodel, other), {})
            elif read.null != "false" and self.model.value(read.null) is not False:
                row[read.field] = None
            else:
                row[read.field] = self._plain(read.type, self.model.value(read.term))
        for link in self.world.links.values():
            if self.model.value(link.term) is True:
                record, other = self._number(link.record.term), self._number(link.other.term)
                if record > 0 and other > 0:
                    self.rows.setdefault((link.other.model, other), {})
                    row = self.rows.setdefault((link.record.model, record), {})
                    linked = row.setdefault(link.field, [])
                    if other not in linked:
                        linked.append(other)

    def _prune(self) -> None:
        """Leave out what has nothing to do with the user or the record. A company links nobody but other companies."""
        near: dict[Key, set[Key]] = {key: set() for key in self.rows}
        for key, one in self._edges():
            if key in near and one in near:
                near[key].add(one)
                near[one].add(key)
        kept: set[Key] = set()
        waiting = [self.user, self.record, self.company]
        while waiting:
            key = waiting.pop()
            if key not in kept:
                kept.add(key)
                waiting += [one for one in near[key] if key[0] != COMPANY or one[0] == COMPANY]
        self.rows = {key: row for key, row in self.rows.items() if key in kept}

    def _edges(self) -> Iterator[tuple[Key, Key]]:
        for read in self.world.reads.values():
            if read.comodel is not None:
                yield (
                    (read.record.model, self._number(read.record.term)),
                    (read.comodel, self._number(read.term)),
                )
        for link in self.world.links.values():
            if self.model.value(link.term) is True:
                yield (
                    (link.record.model, self._number(link.record.term)),
                    (link.other.model, self._number(link.other.term)),
                )

    def _plain(self, type_: str, value: object) -> object:
        if type_ == "boolean":
            return bool(value)
        if isinstance(value, Fraction):
            return float(value)
        if isinstance(value, str):
            return value
        number = value if isinstance(value, int) else 0
        if type_ == "date":
            return date.fromordinal(number or 738_000).isoformat()
        if type_ == "datetime":
            return str(datetime(1970, 1, 1) + timedelta(seconds=number))
        if type_ == "many2one_reference":
            return self._ids.get(number, number)
        if type_ == "integer":
            return number
        if type_ in ("float", "monetary"):
            return float(number)
        text = self.world.text_of(number)
        return f"text {number}" if text is None else text

    def _complete(self) -> None:
        """What a user and a record of a company have in any case."""
        partners = [key for key in self.rows if key[0] == PARTNER]
        user = self.rows[self.user]
        if "partner_id" not in user and self._column(USER, "partner_id"):
            user["partner_id"] = 1 + max((id_ for _, id_ in partners), default=0)
            self.rows.setdefault((PARTNER, user["partner_id"]), {})
        if not user.get("company_id") and self._column(USER, "company_id"):
            user["company_id"] = self.company[1]
        for model, id_ in list(self.rows):
            self._delegate(model, self.rows[model, id_])
        for model, id_ in list(self.rows):
            row = self.rows[model, id_]
            active = self._active(model)
            if active:
                row[active] = bool(row.get(active, True))
            if (
                model == PARTNER
                and row.get("commercial_partner_id") is None
                and self._column(PARTNER, "commercial_partner_id")
            ):
                row["commercial_partner_id"] = self._entity(id_)

    def _delegate(self, model: str, row: dict[str, Any], depth: int = 0) -> None:
        """Give a row the records it delegates to (`_inherits`), where the question names none."""
        for parent, link in parents_of(self.schema.policy, model).items():
            if not row.get(link) and depth < _DEEPEST:
                row[link] = 1 + max((id_ for one, id_ in self.rows if one == parent), default=0)
                self._delegate(parent, self.rows.setdefault((parent, row[link]), {}), depth + 1)

    def _entity(self, partner: int) -> int:
        """The commercial entity of a contact: up its parents, to the first company."""
        seen: set[int] = set()
        while partner not in seen:
            seen.add(partner)
            row = self.rows.get((PARTNER, partner), {})
            parent = row.get("parent_id")
            if row.get("is_company") or not parent:
                break
            partner = int(parent)
        return partner

    def _active(self, model: str) -> str | None:
        try:
            return self.schema.model(model).active
        except RecordsError:
            return None

    def _column(self, model: str, name: str) -> bool:
        try:
            return isinstance(self.schema.field(model, name), Column)
        except RecordsError:
            return False

    def _companies(self) -> tuple[int, ...]:
        """The active companies: the current one, then the others the story speaks of."""
        allowed = self.question.who.allowed
        others = []
        for model, id_ in self.rows:
            raw = self._raw.get(id_, id_)
            if model == COMPANY and id_ != self.company[1] and self.model.value(f"({allowed} {raw})") is True:
                others.append(id_)
        return (self.company[1], *sorted(others))

    # -- what can't be known -----------------------------------------------------------------------------------

    def asked(self, model: str, domain: Domain) -> Domain:
        """The domain with what only running Odoo gives replaced by what it is in this story; a part that can't be read
        is taken for what refuses."""
        return self._asked(model, domain)[0]

    def asked_exactly(self, model: str, domain: Domain) -> Domain | None:
        """As `asked`; None where a part can't be read."""
        found, exact = self._asked(model, domain)
        return found if exact else None

    def _asked(self, model: str, domain: Domain) -> tuple[Domain, bool]:
        rewriting = Asked(self._taken_for, self._written, self._comodel)
        return rewriting.domain(model, domain), rewriting.exact

    def taken(self) -> tuple[str, ...]:
        """What `asked` took for something, one sentence each."""
        return tuple(f"{name} is taken for {value}." for name, value in sorted(self._taken.items()))

    def _taken_for(self, _: Term, value: Value) -> Value | None:
        found: Value | None = None
        for (node, type_), term in self.world.frees.items():
            if node == value:
                found = Literal(str(self._plain(type_, self.model.value(term))))
        if isinstance(value, Symbol) and self.world.computed and value.root == "user":
            ids = self._reached(value)
            found = None if ids is None else Sequence(tuple([Literal(one) for one in sorted(ids)]))
        if found is not None:
            self._taken[value_to_odoo(value)] = value_to_odoo(found)
        return found

    def _reached(self, symbol: Symbol) -> set[int] | None:
        """The ids at the end of a path of the user's over records that Python computes; None where it has none."""
        here, names, computed = {self.user}, list(symbol.path[:-1]), False
        for _ in range(_LONGEST):
            if not names:
                return {id_ for _, id_ in here} if computed else None
            name = names.pop(0)
            model = next(iter(here))[0] if here else None
            if model is None:
                return set()
            try:
                kind = self.schema.field(model, name)
            except RecordsError:
                return None
            path = (
                kind.path
                if isinstance(kind, Related)
                else (kind.link, name)
                if isinstance(kind, Inherited)
                else ()
            )
            if path:
                names = [*path, *names]
                continue
            if isinstance(kind, Python):
                computed = True
            here = {one for key in here for one in self._held(key, kind)}
            if not here and computed:
                return set()
        return None

    def _held(self, key: Key, kind: Kind) -> Iterator[Key]:
        """The records that a field of a row holds in this story."""
        comodel = kind.comodel or ""
        value = self.rows.get(key, {}).get(kind.name)
        if isinstance(kind, Python):
            for record, other, term in self.world.relations.get(f"{kind.model}.{kind.name}", ()):
                if self._number(record.term) == key[1] and self.model.value(term) is True:
                    yield comodel, self._number(other.term)
        elif isinstance(kind, Lines):
            for (model, id_), row in self.rows.items():
                if model == comodel and row.get(kind.inverse) == key[1]:
                    yield model, id_
        elif isinstance(value, list):
            yield from ((comodel, one) for one in value)
        elif value:
            yield comodel, value

    def _written(self, model: str, domain: Domain) -> Domain:
        encoder = self.question.memory
        try:
            if isinstance(domain, Term) and not isinstance(domain.value, Subdomain):
                encoder.values.items(domain.value)
        except Unreadable as error:
            return Opaque("", why=str(error))
        return encoder.expander.domain(model, domain)

    def _comodel(self, model: str, name: str) -> str | None:
        try:
            return self.schema.field(model, name).comodel
        except RecordsError:
            return None

    def _role(self, key: Key) -> str:
        if key == self.user:
            return "the user"
        if key == self.record:
            return "the record"
        if key == (PARTNER, self.rows[self.user].get("partner_id")):
            return "the user's contact"
        if key == self.company:
            return "the user's company"
        return ""

    def _names(self) -> dict[Key, tuple[str, str]]:
        """Names for rows that the question gives none: a letter each, in the order in which a story speaks of them."""
        names: dict[Key, tuple[str, str]] = {}
        count: dict[str, int] = {}
        for model, id_ in dict.fromkeys([*self._customers(), *self.rows]):
            field = next((one for one in _NAMED if self._plain_name(model, one)), None)
            if field is None or field in self.rows[model, id_] or (model, id_) == self.user:
                continue
            place = count[model] = count.get(model, 0) + 1
            names[model, id_] = (field, f"{_word(model, self.schema)} {_letter(place)}")
        return names

    def _customers(self) -> list[Key]:
        """The user's customer, then that of whom the record is linked to, by the plainest link first; then contacts."""
        links = {name: id_ for name, id_ in self.rows[self.record].items() if isinstance(id_, int)}
        plainest = sorted(links, key=lambda name: (name not in _OWNERS, name))
        near = [(self._comodel(self.record[0], name) or "", links[name]) for name in plainest]
        contacts: list[Key] = [
            (PARTNER, self.rows.get(key, {}).get("partner_id") or 0) if key[0] == USER else key
            for key in (self.user, self.record, *near)
            if key[0] in (USER, PARTNER)
        ]
        customers = [(PARTNER, self.rows.get(key, {}).get("commercial_partner_id") or 0) for key in contacts]
        return [key for key in (*customers, *contacts) if key in self.rows]

    def _plain_name(self, model: str, field: str) -> bool:
        try:
            kind = self.schema.field(model, field)
        except RecordsError:
            return False
        return isinstance(kind, Column) and kind.type == "char" and kind.storage is not Storage.BY_COMPANY


def _word(model: str, schema: Schema) -> str:
    if model == PARTNER:
        return "Contact"
    if model == COMPANY:
        return "Company"
    definition = schema.policy.models.get(model)
    title = (definition.description if definition else "") or model
    return title if len(title) <= 40 else model


def _letter(place: int) -> str:
    return chr(ord("A") + place - 1) if place <= 26 else str(place)
