"""Values of fields of every kind, as one session sees them: what Odoo's environment and record cache give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ostiary.domain import TRUE, Domain, Opaque, opaques, symbols
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.memory.columns import Computed
from ostiary.records.memory.convert import RELATIONAL, UNREADABLE, X2MANY, null_of
from ostiary.records.memory.display import display_of
from ostiary.records.memory.methods import find
from ostiary.records.memory.readable import anybody, linked_by, readable_by
from ostiary.records.memory.source import Ids, Source
from ostiary.records.memory.steady import is_steady
from ostiary.records.schema import (
    Column,
    Condition,
    Inherited,
    Kind,
    Lines,
    Links,
    Names,
    Python,
    Related,
    Storage,
    Through,
)
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access_protocol import Access

Values = Mapping[int, Any]

MAX_COLUMNS = 20_000
"""How many columns a source keeps for sessions, before it begins anew."""
MAX_DEPTH = 24
"""How many domains may be evaluated inside one another: rules that read fields that domains define, and so on."""


class Env:
    """A source of rows, who asks, and how deep inside other domains."""

    __slots__ = ("_key", "access", "depth", "session", "source", "su")

    def __init__(self, source: Source, access: Access | None, session: Session, depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise Undecided("cannot be decided: domains rest on one another without end")
        self.source = source
        self.access = access
        self.session = session
        self.depth = depth
        self.su = session.superuser or session.subject.superuser or access is None
        who: Any = (self.su, session.uid, session.subject.name, session.subject.groups)
        self._key = (
            *who,
            session.company,
            session.companies,
            session.active_test,
            None if self.su else access,
        )

    def sudo(self) -> Env:
        """The same in superuser mode."""
        return self if self.su else Env(self.source, self.access, self.session.sudo(), self.depth)

    def active_test(self, active_test: bool) -> Env:
        """The same, leaving archived lines out or not."""
        session = self.session.with_active_test(active_test)
        return self if session is self.session else Env(self.source, self.access, session, self.depth)

    def deeper(self) -> Env:
        """The same, one domain further inside. Raises Undecided past `MAX_DEPTH`."""
        return Env(self.source, self.access, self.session, self.depth + 1)

    def kind(self, model: str, field: str) -> Kind:
        return self.source.schema.field(model, field)

    # -- columns ---------------------------------------------------------------------------------------------

    def column(self, model: str, field: str) -> Values:
        """The values of a field by id, in the form Python reads: see `Source`; ids of x2many fields as tuples
        without what archived and record rules hide, a many2one as an id or False.

        The mapping raises Fails (`MissingError`) for an id without a row, Refused where the session may not
        read the record or the field, Undecided where only Python gives the value. Raises as `Schema.field`.
        """
        if field == "display_name":
            return self._kept(model, field, lambda: self._guarded(model, field, self._display(model)))
        kind = self.kind(model, field)
        plain = isinstance(kind, Column) and kind.storage in (Storage.PLAIN, Storage.TRANSLATED)
        if plain and self.su and kind.type not in UNREADABLE:
            return self.source.column(cast("Column", kind), None)
        return self._kept(model, field, lambda: self._guarded(model, field, self._of(kind)), kind)

    def related_ids(self, model: str, field: str) -> Callable[[int], Ids]:
        """The records that a relational field leads to."""
        column = self.column(model, field)
        if self.kind(model, field).type in X2MANY:
            return column.__getitem__
        return lambda record: (value,) if (value := column[record]) else ()

    def kept(self, model: str, key: str, make: Callable[[], Values], field: str) -> Values:
        """Values that are made of what is read for a field, under a key of their own, for those who may read it."""
        return self._kept(model, key, lambda: self._guarded(model, field, make()))

    def _kept(self, model: str, field: str, make: Callable[[], Values], kind: Kind | None = None) -> Values:
        kept = self.source.columns
        steady = kind is not None and self.su and self._steady(kind)
        key = (model, field, self.session.active_test if steady else self._key)
        found: Values | None = kept.get(key)
        if found is None:
            if len(kept) >= MAX_COLUMNS:
                kept.clear()
            # A field that rests on itself finds this, and fails when it is read.
            kept[key] = Computed(_endless(model, field))
            try:
                found = kept[key] = make()
            except BaseException:
                kept.pop(key, None)
                raise
        return found

    def _steady(self, kind: Kind) -> bool:
        """Whether all superusers see the same value."""
        key = (kind.model, kind.name, " steady")
        found: bool | None = self.source.columns.get(key)
        if found is None:
            given = self.source.given(kind.model, kind.name)
            found = given is None and is_steady(self.source.schema, kind)
            self.source.columns[key] = found
        return found

    def _of(self, kind: Kind) -> Values:
        given = self.source.given(kind.model, kind.name)
        if given is not None and not isinstance(kind, Column | Lines | Links):
            return given
        if kind.type in UNREADABLE:
            raise Undecided.computed(kind.model, kind.name, "is of a type that is not read")
        match kind:
            case Column():
                return self.source.column(kind, self.session.company)
            case Lines() | Links():
                return Computed(self.lines(kind))
            case Inherited(link=link):
                return self._along(kind, (link, kind.name))
            case Related(path=path, sudo=sudo):
                return (self.sudo() if sudo else self)._along(kind, path)
            case Through():
                return self._through(kind)
            case Condition():
                return self._condition(kind)
            case Python(why=why):
                return self._written(kind, why)
        raise TypeError(f"not a kind of field: {type(kind).__name__}")

    def _along(self, kind: Kind, path: tuple[str, ...]) -> Values:
        """The value at the end of a path; of several records on the way, that of the first."""
        hops = []
        model = kind.model
        for name in path[:-1]:
            step = self.kind(model, name)
            if step.comodel is None:
                raise Undecided.computed(
                    kind.model, kind.name, f"is related through {name}, which is no relation"
                )
            ids = self.related_ids(model, name)
            hops.append(self._first(step, ids) if step.type in X2MANY else ids)
            model = step.comodel
        last, null = self.column(model, path[-1]), null_of(kind.type)

        def value(record: int) -> Any:
            for hop in hops:
                found = hop(record)
                if not found:
                    return null
                record = found[0]
            return last[record]

        return Computed(self._active(kind, value) if kind.type in X2MANY else value)

    def _first(self, step: Kind, ids: Callable[[int], Ids]) -> Callable[[int], Ids]:
        order = self.source.schema.definition(str(step.comodel)).order

        def first(record: int) -> Ids:
            found = ids(record)
            if len(found) > 1 and order.strip().lower() not in ("id", "id asc"):
                raise Undecided.computed(
                    step.model, step.name, "is related through several records in an order"
                )
            return found

        return first

    def _through(self, kind: Through) -> Values:
        if not kind.readable:
            return self._written(kind, "is computed by Python")
        env = self.sudo() if kind.sudo else self
        paths = (kind.value_path,) if kind.value_path else (kind.path, *kind.also)
        if kind.type not in X2MANY:
            if len(paths) > 1 or kind.value_domain is not None:
                raise Undecided.computed(kind.model, kind.name, "is computed by Python")
            return env._along(kind, paths[0])
        ways = [env._union(kind.model, path) for path in paths]
        chosen = None
        if kind.value_domain is not None:
            chosen = self.sudo().deeper().test(str(kind.comodel), kind.value_domain)

        def union(record: int) -> Ids:
            found = {other for way in ways for other in way(record)}
            return tuple(sorted(found if chosen is None else filter(chosen, found)))

        return Computed(self._active(kind, union))

    def _written(self, kind: Kind, why: str) -> Values:
        """What a method computes that is written down."""
        found = find(self, kind.model, kind.name)
        if found is None:
            raise Undecided.computed(kind.model, kind.name, why)
        return Computed(found)

    def _union(self, model: str, path: tuple[str, ...]) -> Callable[[int], Iterable[int]]:
        """All records that a path leads to (`mapped`)."""
        hops = []
        for name in path:
            if name == "id":
                continue
            hops.append(self.related_ids(model, name))
            model = str(self.kind(model, name).comodel)

        def union(record: int) -> Iterable[int]:
            found: Iterable[int] = (record,)
            for hop in hops:
                found = dict.fromkeys(other for one in found for other in hop(one))
            return found

        return union

    def _condition(self, kind: Condition) -> Values:
        if not kind.readable:
            raise Undecided.computed(kind.model, kind.name)
        domain = kind.domain if kind.value_domain is None else kind.value_domain
        test = self.sudo().deeper().test(kind.model, TRUE if domain is None else domain)
        return Computed(test)

    def _display(self, model: str) -> Values:
        given = self.source.given(model, "display_name")
        if given is not None:
            return given
        names = self.names(model)
        written = find(self, model, "display_name") if names.display is None else None
        return Computed(display_of(self, model, names) if written is None else written)

    def names(self, model: str) -> Names:
        return self.source.schema.names(model)

    # -- lines -----------------------------------------------------------------------------------------------

    def raw_lines(self, kind: Lines | Links) -> Values:
        """The ids of a one2many or many2many without its domain, archived ones too, as in the tables."""
        if isinstance(kind, Lines) and self.source.given(kind.model, kind.name) is None:
            inverse = self.kind(str(kind.comodel), kind.inverse)
            if not isinstance(inverse, Column) or inverse.storage is not Storage.PLAIN:
                return self._kept(kind.model, kind.name + " (raw)", lambda: self._inverted(kind))
        return cast("Values", self.source.related(kind))

    def _inverted(self, kind: Lines) -> Values:
        """A one2many whose inverse is not in a column, from the inverse of every line."""
        env, found = self.sudo(), dict[int, list[int]]()
        model = str(kind.comodel)
        inverse = env.related_ids(model, kind.inverse)
        for line in self.source.ids(model):
            for owner in inverse(line):
                found.setdefault(owner, []).append(line)
        return Computed(lambda record: tuple(found.get(record, ())))

    def lines(self, kind: Lines | Links) -> Callable[[int], Ids]:
        """The records that a one2many or many2many leads to, as the session sees them. Whether it may have the field,
        or read the record, is not asked."""
        raw, model = self.raw_lines(kind), str(kind.comodel)
        kept: list[Callable[[int], bool]] = []
        if kind.domain is not None and kind.domain != TRUE:
            kept.append(self.sudo().active_test(False).deeper().test(model, kind.domain))
        active = self._active(kind, raw.__getitem__)
        if not self.su:
            # Leaving archived ones out reads a field of theirs, which asks for the right.
            free = isinstance(kind, Links) and not self._shows_active_only(kind)
            kept.append(linked_by(self, model) if free else self.readable(model))
        if not kept:
            return active
        return lambda record: tuple(one for one in active(record) if all(test(one) for test in kept))

    def _shows_active_only(self, kind: Kind) -> bool:
        own = getattr(kind, "active_test", None)
        shown = self.session.active_test if own is None else own
        return bool(shown) and self.source.schema.model(str(kind.comodel)).active is not None

    def _active(self, kind: Kind, value: Callable[[int], Ids]) -> Callable[[int], Ids]:
        """Without archived records, unless the field's context or the session's shows them."""
        if not self._shows_active_only(kind):
            return value
        name = str(self.source.schema.model(str(kind.comodel)).active)
        active = self.sudo().column(str(kind.comodel), name)
        return lambda record: tuple(one for one in value(record) if active[one])

    # -- access ----------------------------------------------------------------------------------------------

    def test(self, model: str, domain: Domain) -> Callable[[int], bool]:
        """The test of a domain, which may ask for the session's values."""
        from ostiary.records.memory.compile import compile_in

        return compile_in(self, model, self.ground(domain))

    def ground(self, domain: Domain) -> Domain:
        """The domain with what it asks of the session evaluated. Raises Undecided where it can't be read."""
        unread = next(opaques(domain), None)
        if unread is not None:
            what = unread.why if isinstance(unread, Opaque) else unread.why or unread.text
            raise Undecided(f"cannot be decided: the domain of a field could not be understood: {what}")
        if next(symbols(domain), None) is None:
            return domain
        from ostiary.records.evaluate import evaluate

        return evaluate(cast("Any", self.source), self.session, domain)

    def readable(self, model: str) -> Callable[[int], bool]:
        """Whether the session may read a record, by rules. The test raises Refused (`acl`) where no right lets
        it read the model at all."""
        if self.su:
            return anybody
        kept = self.source.columns
        key = (model, " readable", self._key)
        if key not in kept:
            kept[key] = readable_by(self, model)
        return cast("Callable[[int], bool]", kept[key])

    def _guarded(self, model: str, field: str, values: Values) -> Values:
        """The values, for those who may read the field of the record."""
        if self.su:
            return values
        assert self.access is not None
        access, session, readable = self.access, self.session, self.readable(model)
        checked = False

        def guarded(record: int) -> Any:
            nonlocal checked
            if not checked:
                access.check_field(session, model, field)
                checked = True
            if not readable(record):
                raise Refused("rule", model, f"record {record} of {model} may not be read")
            return values[record]

        return Computed(guarded)


def comodel_of(kind: Kind) -> str:
    """The model of the records a relational field holds. Raises Fails where it holds none."""
    if kind.type not in RELATIONAL or kind.comodel is None:
        raise Fails("AttributeError", f"field {kind.name} of {kind.model} holds no records")
    return kind.comodel


def _endless(model: str, field: str) -> Callable[[int], Any]:
    def raise_(record: int) -> Any:
        raise Undecided.computed(model, field, "rests on itself")

    return raise_
