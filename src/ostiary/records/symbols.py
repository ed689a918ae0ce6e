"""What the names of a rule's evaluation context stand for in a session: recordsets, ids and plain values.

Source: `ir.rule._eval_context` and how Odoo's records answer attributes. `user` is read as superuser with an
emptied context: archived lines are left out of x2many values, allowed companies stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ostiary.domain import Domain, Literal, Sequence, Symbol, Term, conjunction, value_to_odoo
from ostiary.records.errors import Fails, Undecided
from ostiary.records.memory.compile import compile_in
from ostiary.records.memory.env import Env
from ostiary.records.schema import Python, Through
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.memory.source import Source

Plain: TypeAlias = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Records:
    """A recordset: some records of one model, in order."""

    model: str
    ids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ids)


@dataclass(frozen=True, slots=True)
class Environment:
    """What `.env` of a record gives; only `user`, `company`, `companies`, `uid` and `su` are known of it."""


class Moment(str):
    """A date, as a term holds it. In Odoo's Python it is no text, so that no test may take it for one."""

    __slots__ = ()


Item: TypeAlias = Plain | Records | Environment
Found: TypeAlias = Item | list[Item]

RELATIONAL = ("many2one", "one2many", "many2many")
_NUMBERS = ("integer", "float", "monetary", "many2one_reference")

# What Odoo's Python searches for and no field leads to: the model and the field there that holds the records. Only
# declared facts say these names (`records/facts`); in Odoo itself there is no such attribute.
SEARCHED: Mapping[tuple[str, str], tuple[str, str]] = {
    # hr.manager.department.report: the departments that somebody manages
    ("hr.employee", "managed_by_them"): ("hr.department", "manager_id"),
}

# Fields of an address that Odoo takes from the contact of the record's partner: `res.company._compute_address`.
_OF_CONTACT = frozenset({("res.company", "country_id"), ("res.company", "state_id")})


class Symbols:
    """The names of the evaluation context for one session, each read once."""

    def __init__(self, source: Source, session: Session) -> None:
        self.source = source
        self.session = session
        self.env = Env(source, None, session.sudo().with_active_test(True))
        self.policy = source.schema.policy
        self._known: dict[Symbol, Found] = {}
        self._given: dict[str, Any] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in session.given
        }

    def value(self, symbol: Symbol) -> Found:
        """What a name of the context and the path read from it give.

        Raises Undecided where only running Odoo tells, Fails where Odoo raises.
        """
        found = self._known.get(symbol)
        if found is None:
            text = value_to_odoo(symbol) if self._given else ""
            if text in self._given:
                found = self._given[text]
            else:
                found = self.follow(self.root(symbol.root), symbol.path, symbol)
            self._known[symbol] = found
        return found

    def root(self, name: str) -> Found:
        """What a bare name gives."""
        session = self.session
        semantics = self.policy.semantics.domain
        if name == "user":
            return self._user()
        if name == "company_id":
            return self._company()
        if name == "company_ids":
            self._company()
            return list(session.companies)
        module = semantics.module_names.get(name)
        if module is not None and module in self.policy.modules:
            if name == "website":
                return Records("website")  # outside a request there is no website: an empty recordset
            raise Undecided(f"cannot be decided: what {name} stands for is known by module {module} alone")
        if name in semantics.names or name in semantics.builtins:
            raise Undecided(f"cannot be decided: what {name} gives depends on when and how it is run")
        raise Fails("NameError", f"name {name!r} is not defined")

    def follow(self, value: Found, path: Iterable[str], symbol: Symbol) -> Found:
        """The value at the end of attributes read one after the other."""
        for name in path:
            value = self._attribute(value, name, symbol)
        return value

    def _user(self) -> Records:
        if self.session.uid is None:
            who = self.session.subject.phrase
            raise Undecided(
                f"cannot be decided: a rule asks who the user is, and {who} is nobody in particular"
            )
        return Records("res.users", (self.session.uid,))

    def _company(self) -> int:
        if self.session.company is None:
            who = self.session.subject.phrase
            raise Undecided(
                f"cannot be decided: a rule asks for the company, and {who} is in none that is known"
            )
        return self.session.company

    def _attribute(self, value: Found, name: str, symbol: Symbol) -> Found:
        if "__" in name:
            raise Fails("NameError", f"Access to forbidden name {name!r}")
        if isinstance(value, Environment):
            return self._of_environment(name, symbol)
        if not isinstance(value, Records):
            raise Undecided(f"cannot be decided: {value_to_odoo(symbol)} is only known by running it")
        if name == "ids":
            return list(value.ids)
        if name == "id":
            if len(value.ids) > 1:
                raise Fails("ValueError", f"Expected singleton: {value.model}{value.ids[:5]}")
            return value.ids[0] if value.ids else False
        if name == "env":
            return Environment()
        return self._field(value, name)

    def _of_environment(self, name: str, symbol: Symbol) -> Found:
        if name == "user":
            return self._user()
        if name == "uid":
            return self._user().ids[0]
        if name == "company":
            return Records("res.company", (self._company(),))
        if name == "companies":
            self._company()
            return Records("res.company", self.session.companies)
        if name == "su":
            return True
        raise Undecided(f"cannot be decided: {value_to_odoo(symbol)} is only known by running it")

    def _field(self, records: Records, name: str) -> Found:
        searched = SEARCHED.get((records.model, name))
        if searched is not None:
            return self._searched(records, *searched)
        kind = self.source.schema.field(records.model, name)
        if kind.type in RELATIONAL and kind.comodel:
            return Records(kind.comodel, self._related(records, name))
        if len(records.ids) > 1:
            raise Fails("ValueError", f"Expected singleton: {records.model}{records.ids[:5]}")
        if not records.ids:
            return _empty(kind.type)
        return _plain(self.env.column(records.model, name)[records.ids[0]], kind.type, records.model, name)

    def _related(self, records: Records, name: str) -> tuple[int, ...]:
        if not records.ids:
            return ()
        kind = self.source.schema.field(records.model, name)
        if isinstance(kind, Python) and (records.model, name) in _OF_CONTACT:
            return self._related(self._contacts(records), name)
        if (
            isinstance(kind, Through)
            and kind.readable
            and kind.type == "many2one"
            and kind.value_domain is not None
        ):
            return self._chosen(records, kind, kind.value_domain)
        related = self.env.related_ids(records.model, name)
        return tuple(dict.fromkeys(other for one in records.ids for other in related(one)))

    def _chosen(self, records: Records, kind: Through, domain: Domain) -> tuple[int, ...]:
        """What the domain of a declared field leaves of what its path leads to."""
        found: Found = records
        for name in kind.value_path or kind.path:
            assert isinstance(found, Records)
            found = self._field(found, name)
        assert isinstance(found, Records)
        test = self.env.deeper().test(found.model, domain)
        return tuple(one for one in found.ids if test(one))

    def _contacts(self, records: Records) -> Records:
        """The partners of the records, where each is a contact itself: `address_get` looks no further then."""
        partners = Records("res.partner", self._related(records, "partner_id"))
        types = self.env.column("res.partner", "type")
        if any(types[one] != "contact" for one in partners.ids):
            raise Undecided(f"cannot be decided: which address of {records.model} counts is found by Python")
        return partners

    def _searched(self, records: Records, model: str, link: str) -> Records:
        """The records of another model, not archived ones, whose field holds one of these."""
        parts = [Term(link, "in", Sequence(tuple([Literal(one) for one in records.ids])))]
        active = self.source.schema.model(model).active
        if active is not None:
            parts.append(Term(active, "=", Literal(True)))
        test = compile_in(self.env.deeper(), model, conjunction(parts))
        return Records(model, tuple(one for one in self.source.ids(model) if test(one)))


def _empty(type_: str) -> Plain:
    """What a field of an empty recordset gives (`Field.convert_to_record` of nothing)."""
    if type_ in _NUMBERS:
        return 0 if type_ in ("integer", "many2one_reference") else 0.0
    return False


def _plain(value: object, type_: str, model: str, name: str) -> Plain:
    if value is None:
        return _empty(type_)
    if isinstance(value, bool | int | float | str):
        return value
    text = _date_text(value)
    if text is None:
        raise Undecided.computed(model, name, "has a value that no domain can hold")
    return Moment(text)


def _date_text(value: object) -> str | None:
    """A date as Odoo stores it."""
    strftime = getattr(value, "strftime", None)
    if strftime is None:
        return None
    return str(strftime("%Y-%m-%d %H:%M:%S" if hasattr(value, "hour") else "%Y-%m-%d"))
