"""Recordsets: records of one model in one environment, with Odoo's own verbs and meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from ostiary.enforce.bypasses import QUIET
from ostiary.enforce.errors import InvalidError
from ostiary.enforce.values.new import NewId
from ostiary.enforce.verbs import checks, copying, creating, finding, reading, removing, writing
from ostiary.policy import Mode
from ostiary.policy.fields import find_field

if TYPE_CHECKING:
    from ostiary.enforce.environment import Context, Environment
    from ostiary.policy import Subject, User

DomainList = Sequence[Any]
"""A domain as Odoo's code writes it: a list of terms and operators."""

_OWN = frozenset({"_ids", "_name", "_prefetch", "env"})
_IDS = range(-(2**63), 2**63)
"""What a database can be asked for."""


def _mode(operation: Any) -> Mode:
    try:
        return Mode(operation)
    except ValueError:
        raise InvalidError(
            f"an operation is read, write, create or unlink, and not {operation!r:.60}"
        ) from None


def _several(model: str, given: Any) -> tuple[Any, ...]:
    try:
        return tuple(given)
    except TypeError:
        raise InvalidError(f"{model} takes one or a list of them, and not {given!r:.60}") from None


def _mapping(model: str, values: object) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise InvalidError(f"values of {model} come by field name, and not as {type(values).__name__}")
    return values


class Records:
    """Records of one model, in order; what is done to them is done as `env` says.

    A field of one record is its attribute: plain values as in Odoo (False where there is none, dates as such), records
    for relations. Several records give the records they all lead to, an empty recordset gives nothing. Assigning
    writes.
    """

    __slots__ = ("_ids", "_name", "_prefetch", "env")

    env: Environment
    _name: str
    _ids: tuple[Any, ...]
    _prefetch: tuple[Any, ...]

    def __init__(
        self, env: Environment, model: str, ids: tuple[Any, ...], prefetch: tuple[Any, ...] | None = None
    ) -> None:
        object.__setattr__(self, "env", env)
        object.__setattr__(self, "_name", model)
        object.__setattr__(self, "_ids", ids)
        object.__setattr__(self, "_prefetch", ids if prefetch is None else prefetch)

    # -- as a set ------------------------------------------------------------------------------------------

    @property
    def ids(self) -> list[int]:
        """The ids of the records that are in the database."""
        return [one for one in self._ids if not isinstance(one, NewId)]

    @property
    def id(self) -> int | Any:
        """The id of the one record; False for none. Raises InvalidError for several."""
        if not self._ids:
            return False
        one = self.ensure_one()._ids[0]
        return one if not isinstance(one, NewId) else False

    def browse(self, ids: int | Iterable[int] = ()) -> Records:
        """The records with these ids. Nothing is asked: not whether they exist, nor whether they may be read."""
        found = () if not ids else (ids,) if isinstance(ids, int) else _several(self._name, ids)
        if not all(type(one) is int and one in _IDS for one in found):
            raise InvalidError(f"the ids of {self._name} are whole numbers")
        return Records(self.env, self._name, found)

    def ensure_one(self) -> Self:
        """The recordset itself, if it holds one record. Raises InvalidError else."""
        if len(self._ids) != 1:
            raise InvalidError(f"one record of {self._name} is meant, and there are {len(self._ids)}")
        return self

    def __len__(self) -> int:
        return len(self._ids)

    def __bool__(self) -> bool:
        return bool(self._ids)

    def __iter__(self) -> Iterator[Records]:
        for one in self._ids:
            yield Records(self.env, self._name, (one,), self._prefetch)

    def __getitem__(self, key: int | slice | str) -> Any:
        """A record, some of them, or, by a field's name, what the attribute gives."""
        if isinstance(key, str):
            return reading.attribute(self, key)
        found = self._ids[key]
        return Records(self.env, self._name, found if isinstance(key, slice) else (found,), self._prefetch)

    def __contains__(self, other: object) -> bool:
        if isinstance(other, str):
            return find_field(self.env.policy, self._name, other) is not None
        return isinstance(other, Records) and set(self._same(other)._ids) <= set(self._ids)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Records):
            return NotImplemented
        return self._name == other._name and set(self._ids) == set(other._ids)

    def __hash__(self) -> int:
        return hash((self._name, frozenset(self._ids)))

    def __le__(self, other: Records) -> bool:
        return set(self._ids) <= set(self._same(other)._ids)

    def __lt__(self, other: Records) -> bool:
        return set(self._ids) < set(self._same(other)._ids)

    def __or__(self, other: Records) -> Records:
        return self._of(dict.fromkeys((*self._ids, *self._same(other)._ids)))

    def __and__(self, other: Records) -> Records:
        held = set(self._same(other)._ids)
        return self._of(one for one in self._ids if one in held)

    def __sub__(self, other: Records) -> Records:
        held = set(self._same(other)._ids)
        return self._of(one for one in self._ids if one not in held)

    def __add__(self, other: Records) -> Records:
        return self._of((*self._ids, *self._same(other)._ids))

    def _of(self, ids: Iterable[Any]) -> Records:
        return Records(self.env, self._name, tuple(ids))

    def _same(self, other: Records) -> Records:
        if getattr(other, "_name", None) != self._name:
            raise TypeError(f"records of {self._name} go with others of the same model only")
        return other

    def __repr__(self) -> str:
        return f"{self._name}({', '.join(map(repr, self._ids))})"

    # -- other environments --------------------------------------------------------------------------------

    def with_env(self, env: Environment) -> Records:
        """The same records in another environment."""
        return Records(env, self._name, self._ids, self._prefetch)

    def sudo(self, flag: bool = True, *, reason: str = "") -> Records:
        """In superuser mode; see `Environment.sudo`."""
        return self.with_env(self.env.sudo(flag, reason=reason))

    def _sudo_quietly(self) -> Records:
        """In superuser mode where Odoo itself is, so that it is nobody's choice: it is not kept in `bypasses`."""
        return self.with_env(self.env.derived(su=True, reason=QUIET))

    def with_user(self, user: str | int | User | Subject | Records | None, *, reason: str = "") -> Records:
        """As somebody else; see `Environment.with_user`."""
        return self.with_env(self.env.with_user(user, reason=reason))

    def with_context(self, context: Context | None = None, /, **values: Any) -> Records:
        """With another context; see `Environment.with_context`."""
        return self.with_env(self.env.with_context(context, **values))

    def with_company(self, company: int | Records) -> Records:
        """With this company as the current one; see `Environment.with_company`."""
        return self.with_env(self.env.with_company(company))

    def with_companies(self, companies: Sequence[int] | Records) -> Records:
        """With these companies as the active ones; see `Environment.with_companies`."""
        return self.with_env(self.env.with_companies(companies))

    # -- access --------------------------------------------------------------------------------------------

    def check_access(self, operation: str | Mode) -> None:
        """Raises AccessError unless the user may do this with every record; without records, unless an access right
        gives it at all. A superuser may."""
        checks.check_access(self, _mode(operation))

    def has_access(self, operation: str | Mode) -> bool:
        """Whether `check_access` raises nothing."""
        return checks.has_access(self, _mode(operation))

    def filtered_access(self, operation: str | Mode) -> Records:
        """Those of the records that the user may do this with (Odoo's `_filtered_access`)."""
        return self._of(checks.allowed(self, _mode(operation)))

    _filtered_access = filtered_access

    def check_access_rights(self, operation: str | Mode, raise_exception: bool = True) -> bool | None:
        """Odoo 17's check of access rights alone; from 18 on None where they give it, as there."""
        return checks.check_access_rights(self, _mode(operation), raise_exception=raise_exception)

    def check_access_rule(self, operation: str | Mode) -> None:
        """Odoo 17's check of record rules alone, which asks for no right; from 18 on the whole of `check_access`."""
        checks.check_access_rule(self, _mode(operation))

    def has_group(self, xmlid: str) -> bool:
        """Of a user: whether they hold a group. Portal and public users may only ask of themselves (18, 19)."""
        return checks.has_group(self, xmlid)

    def has_groups(self, spec: str) -> bool:
        """Of a user: whether they satisfy a specification such as `base.group_user,!base.group_portal`."""
        return checks.has_groups(self, spec)

    # -- finding -------------------------------------------------------------------------------------------

    def search(
        self, domain: DomainList = (), offset: int = 0, limit: int | None = None, order: str | None = None
    ) -> Records:
        """The records of the domain that the user may read, in the model's order or another."""
        return self._of(finding.search(self, domain, offset, limit, order))

    def search_count(self, domain: DomainList = (), limit: int | None = None) -> int:
        """How many records `search` finds, counting no further than `limit`."""
        return finding.count(self, domain, limit)

    def search_read(  # noqa: PLR0917 (as in Odoo)
        self,
        domain: DomainList = (),
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
        load: str | None = "_classic_read",
    ) -> list[dict[str, Any]]:
        """What `search(...).read(fields)` gives, asked of the database at once."""
        return finding.search_read(self, domain, fields, offset, limit, order, load)

    def name_search(
        self, name: str = "", args: DomainList = (), operator: str = "ilike", limit: int = 100
    ) -> list[tuple[int, str]]:
        """The ids and names of records that go by a name. The names are computed as superuser, as in Odoo."""
        return finding.name_search(self, name, args, operator, limit)

    def read_group(
        self, domain: DomainList, fields: Sequence[str], groupby: str | Sequence[str], **more: Any
    ) -> list[dict[str, Any]]:
        """The records of the domain by groups, with what comes to of the fields: Odoo's `read_group` of 17 and 18."""
        return finding.read_group(self, domain, fields, groupby, **more)

    def _read_group(
        self, domain: DomainList, groupby: Sequence[str] = (), aggregates: Sequence[str] = (), **more: Any
    ) -> list[tuple[Any, ...]]:
        """As `read_group`, as tuples, relations as records."""
        return finding.grouped(self, domain, groupby, aggregates, **more)

    def exists(self) -> Records:
        """Those of the records that have a row. Nobody is asked whether they may know."""
        return self._of(finding.existing(self))

    def filtered_domain(self, domain: DomainList) -> Records:
        """Those of the records that the domain accepts, evaluated in memory as the user."""
        return self._of(finding.filtered_domain(self, domain))

    def filtered(self, by: Callable[[Records], Any] | str) -> Records:
        """Those of the records for which a function, or a path of fields, gives something true."""
        if not callable(by) and not isinstance(by, str):
            raise InvalidError(
                f"records are filtered by a function or a path of fields, and not by {by!r:.60}"
            )
        test = by if callable(by) else lambda record: any(record.mapped(by))
        return self._of(record._ids[0] for record in self if test(record))

    def mapped(self, by: Callable[[Records], Any] | str) -> Any:
        """What a function gives for each record, or all that a path of fields leads to."""
        if callable(by):
            return reading.joined(self, [by(record) for record in self])
        return reading.along(self, by)

    def sorted(self, key: Callable[[Records], Any] | str | None = None, reverse: bool = False) -> Records:
        """The records in another order: by a function, a field, or the model's own order."""
        if key is None:
            found = self._of(finding.ordered(self))
            return found if not reverse else self._of(reversed(found._ids))
        give = key if callable(key) else lambda record: reading.sortable(record, key)
        return self._of(record._ids[0] for record in sorted(self, key=give, reverse=reverse))

    # -- reading and writing -------------------------------------------------------------------------------

    def read(
        self, fields: Sequence[str] | None = None, load: str | None = "_classic_read"
    ) -> list[dict[str, Any]]:
        """The values of fields, one dictionary for each record that exists; all that the user may read and that are
        stored, where none are named. A many2one comes with its name, as `(id, name)`, unless `load` is None."""
        return reading.read(self, fields, load)

    def fields_get(self, fields: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """What fields there are for the user, by name: type, label, comodel, whether required, readonly."""
        return reading.fields_get(self, fields)

    def default_get(self, fields: Sequence[str]) -> dict[str, Any]:
        """The defaults of fields: those of the context, else those that the model's classes give."""
        return creating.default_get(self, fields)

    def new(self, values: Mapping[str, Any] | None = None) -> Records:
        """A record that is only in memory."""
        return self._of((NewId(dict(_mapping(self._name, values or {}))),))

    def create(self, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Records:
        """New records. Access rights are asked first, record rules of the rows as they are then; a refusal leaves
        nothing behind."""
        given = [values] if isinstance(values, Mapping) else list(_several(self._name, values))
        return self._of(creating.create(self, [_mapping(self._name, one) for one in given]))

    def write(self, values: Mapping[str, Any]) -> bool:
        """Write values into all the records; all or nothing."""
        return writing.write(self, _mapping(self._name, values))

    def unlink(self) -> bool:
        """Delete the records, and what is deleted with them; all or nothing."""
        return removing.unlink(self)

    def copy(self, default: Mapping[str, Any] | None = None) -> Records:
        """New records with the same values but for `default` and for what Odoo doesn't copy."""
        return copying.copy(self, _mapping(self._name, default or {}))

    def __getattr__(self, name: str) -> Any:
        known = not name.startswith("__") and find_field(self.env.policy, self._name, name) is not None
        if not known and not reading.automatic(name):
            raise AttributeError(f"{self._name} has no field or method {name}")
        return reading.attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            raise AttributeError(f"{name} of a recordset is fixed")
        if find_field(self.env.policy, self._name, name) is None:
            raise AttributeError(f"{self._name} has no field {name}")
        self.write({name: value})
