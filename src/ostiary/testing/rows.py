"""The records of a file of access tests as rows.

They lie in the tables as Odoo would have stored them, with nothing checked on the way: no rights, no rules, no
constraints. Nothing is computed but what follows from other rows: stored related fields and the commercial partner. A
field without a value is empty; where a rule reads it and Odoo would fill it in, that is a mistake.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.records.create import insert, update
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Lines, Links
from ostiary.testing.data_files import DataRecord
from ostiary.testing.format import NAME
from ostiary.testing.format import User as WrittenUser
from ostiary.testing.mistakes import InvalidTests, near, sentence
from ostiary.testing.stored import Stored
from ostiary.testing.values import BadValue, Converted, Converter, Told

if TYPE_CHECKING:
    from ostiary.testing.world import World

_X2MANY = (Links, Lines)
Path_ = tuple[str | int, ...]


def fill(world: World) -> list[str]:
    """Insert the records of a world's file, and write what it says of its users and companies; every mistake there is.
    Raises InvalidTests where the database refuses a record."""
    return _Filling(world).all()


class Written:
    """A record that is to be made, and where it is written. `existing` is the row that it is, where there is one. Of a
    record of a data file, `data` says more: what can't be known of it is left empty, unless a rule reads it."""

    __slots__ = ("data", "existing", "model", "name", "path", "values")

    def __init__(
        self, name: str, model: str, values: dict[str, Any], path: Path_, existing: int | None = None
    ) -> None:
        self.name = name
        self.model = model
        self.values = values
        self.path = path
        self.existing = existing
        self.data: DataRecord | None = None

    @property
    def shown(self) -> str:
        """What a message calls it."""
        return f"{self.name} ({self.data.path}:{self.data.line})" if self.data else self.name or "this"


class _Circle(BadValue):
    """A record that is being made is needed to make it."""


class _Filling:
    def __init__(self, world: World) -> None:
        self.world = world
        self.tests = world.tests
        self.waiting: dict[str, Written] = {}
        self.making: set[str] = set()
        self.made: list[tuple[Written, int]] = []
        self.mistakes: list[str] = []
        self.converter = Converter(world.policy, world.schema, self.resolve)
        self.stored = Stored(world, self.converter)

    def all(self) -> list[str]:
        self._collect()
        for written in list(self.waiting.values()):
            self._try(written, lambda written=written: self._make(written))
        for written, record in self.made:
            self._try(written, lambda written=written, record=record: self._beside(written, record))
        if not self.mistakes:
            self._follow()
        return self.mistakes

    # -- what is to be made ------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Everything that is written, by name."""
        contacts = self._people()
        of_users = {one.partner: one.id for one in self.world.policy.users if one.partner and one.id}
        for xmlid, data in self.world.data.items():
            contact = self._contact("res.users", of_users[xmlid]) if xmlid in of_users else None
            written = self.waiting[xmlid] = Written(xmlid, data.model, dict(data.values), ("demo",), contact)
            written.data = data
        for model, records in self.tests.file.records.items():
            here: Path_ = ("records", model)
            definition = self.world.policy.models.get(model)
            if definition is None:
                self._mistake(here, f"there is no model {model}{near(model, self.world.policy.models)}")
                continue
            if definition.abstract:
                self._mistake(here, f"model {model} is abstract: it has no records")
                continue
            for name, values in records.items():
                path = (*here, name)
                patched = self.waiting.get(name)
                if patched is not None and patched.data is not None and patched.model == model:
                    patched.values |= values or {}
                    continue
                if not re.fullmatch(NAME, name):
                    self._mistake(path, self._no_name(name))
                    continue
                if name in self.waiting or name in self.world.things:
                    known = self.waiting[name].model if name in self.waiting else self.world.things[name][0]
                    self._mistake(path, f"{name} is the name of a record of {known} already")
                    continue
                self.waiting[name] = Written(name, model, dict(values or {}), path, contacts.get(name))

    def _no_name(self, name: str) -> str:
        if "." not in name:
            return (
                f"{name} can't be the name of a record: it has small letters (a to z), digits and underscores"
            )
        known = [one for one, written in self.waiting.items() if written.data is not None]
        why = "" if self.tests.file.demo else ", which are only read with `demo: true`"
        return f"there is no record {name} in the data files{why}{near(name, known)}"

    def _people(self) -> dict[str, int]:
        """Write what else the file says of companies and users; the contacts that are records of the file, by name."""
        contacts: dict[str, int] = {}
        for name, company in self.tests.file.companies.items():
            if company is not None and company.values:
                record = self.world.things[name][1]
                self.made.append(
                    (Written(name, "res.company", company.values, ("companies", name), record), record)
                )
        for name, user in self.tests.file.users.items():
            if not isinstance(user, WrittenUser):
                continue
            if name not in self.world.logins:
                continue  # a mistake in itself, told already
            record = self.world.things[name][1]
            path: Path_ = ("users", name)
            if user.values:
                self.made.append((Written(name, "res.users", user.values, path, record), record))
            if isinstance(user.partner, dict):
                contact = self._contact("res.users", record)
                self.made.append(
                    (Written("", "res.partner", user.partner, (*path, "partner"), contact), contact)
                )
            elif user.partner is not None:
                if user.partner not in self.tests.file.records.get("res.partner", {}):
                    wrong = f"there is no {user.partner} under res.partner in `records`"
                    self._mistake(
                        (*path, "partner"),
                        f"{wrong}{near(user.partner, self.tests.file.records.get('res.partner', {}))}",
                    )
                elif user.partner in contacts:
                    self._mistake(
                        (*path, "partner"), f"{user.partner} is the contact of another user already"
                    )
                else:
                    contacts[user.partner] = self._contact("res.users", record)
        return contacts

    def _contact(self, model: str, record: int) -> int:
        table = self.world.schema.model(model).table
        found = self.world.connection.execute(
            sa.select(table.c.partner_id).where(table.c.id == record)
        ).scalar()
        return int(found or 0)

    # -- making ----------------------------------------------------------------------------------------------------

    def _make(self, written: Written) -> int:
        """Insert a record and what it refers to; links and lines come later. Raises BadValue."""
        if written.name in self.making:
            raise _Circle(f"{written.name} refers to itself in a circle, through what it refers to")
        if written.name and written.name not in self.waiting:
            return self.world.things[written.name][1]
        self.making.add(written.name)
        try:
            plain = self._plain(written)
            if written.existing is None:
                plain = self.stored.defaults(written) | plain
                record = insert(self.world.schema, self.world.connection, written.model, plain)
            else:
                record = written.existing
                update(self.world.schema, self.world.connection, written.model, record, plain)
        finally:
            self.making.discard(written.name)
        del self.waiting[written.name]
        self.world.put(written.name, written.model, record)
        self.made.append((written, record))
        return record

    def _plain(self, written: Written) -> dict[str, Any]:
        """The values that the row itself holds. One that leads back to what is being made is written later."""
        found: dict[str, Any] = {}
        for name, value in written.values.items():
            if isinstance(self._kind(written, name), _X2MANY):
                continue
            try:
                found |= self._converted(written, {name: value}).plain
            except _Circle:
                if name == self.world.policy.models[written.model].parent_name:
                    raise
        return found

    def _beside(self, written: Written, record: int) -> None:
        """Write what can only be written once every record is there: links, lines, circles; of people, everything."""
        people = written.model in ("res.users", "res.company") or (
            not written.name and written.existing is not None
        )
        known = set() if people else set(self._done(written))
        left = {name: value for name, value in written.values.items() if name not in known}
        found = self._converted(written, left)
        if found.plain:
            update(self.world.schema, self.world.connection, written.model, record, found.plain)
        self._link(written, record, found)

    def _done(self, written: Written) -> list[str]:
        """The fields of the row itself that name no record of the file: those were written when it was made."""
        return [
            name
            for name, value in written.values.items()
            if not isinstance(self._kind(written, name), _X2MANY) and not isinstance(value, str)
        ]

    def _link(self, written: Written, record: int, found: Converted) -> None:
        connection, schema = self.world.connection, self.world.schema
        for name, ids in found.links.items():
            kind = schema.field(written.model, name)
            if isinstance(kind, Links):
                assert kind.own is not None
                assert kind.other is not None
                own, other = kind.own, kind.other
                there = set(connection.execute(sa.select(other).where(own == record)).scalars())
                new = [one for one in dict.fromkeys(ids) if one not in there]
                if new:
                    rows = [{own.name: record, other.name: one} for one in new]
                    connection.execute(sa.insert(own.table), rows)
            elif isinstance(kind, Lines):
                for one in ids:
                    update(schema, connection, str(kind.comodel), one, _held(kind, record))
        for name, lines in found.lines.items():
            kind = schema.field(written.model, name)
            assert isinstance(kind, Lines)
            for place, values in enumerate(lines):
                self._line(kind, record, values, (*written.path, name, place))

    def _line(self, kind: Lines, record: int, values: dict[str, Any], path: Path_) -> None:
        line = Written("", str(kind.comodel), values, path)
        plain = self.stored.defaults(line) | self._plain(line) | _held(kind, record)
        made = insert(self.world.schema, self.world.connection, line.model, plain)
        self.made.append((line, made))
        self._link(
            line,
            made,
            self._converted(
                line, {k: v for k, v in values.items() if isinstance(self._kind(line, k), _X2MANY)}
            ),
        )

    def _kind(self, written: Written, name: str) -> Any:
        try:
            return self.converter.kind(written.model, name)
        except BadValue:
            return None  # said when it is converted

    def _converted(self, written: Written, values: dict[str, Any]) -> Converted:
        """Values of a record; a mistake is said with its place. Raises BadValue."""
        found = Converted()
        for name, value in values.items():
            try:
                known = value if written.data is None else self.converter.of_data(written.model, name, value)
                one = self.converter.all(written.model, {name: known})
            except _Circle:
                raise
            except BadValue as error:
                if written.data is not None and written.data.values.get(name) == value:
                    written.data.unread[name] = f"can't be read: {error}"
                else:
                    self._mistake((*written.path, name), str(error))
                continue
            found.plain |= one.plain
            found.links |= one.links
            found.lines |= one.lines
        return found

    def resolve(self, name: str, comodel: str) -> int:
        """See `values.Resolve`."""
        waiting = self.waiting.get(name)
        if waiting is not None:
            self._make(waiting)
        return resolve(self.world, name, comodel, known=[*self.waiting, *self.world.things])

    # -- what follows from other rows ----------------------------------------------------------------------------

    def _follow(self) -> None:
        for written, record in self.made:
            self._try(written, lambda written=written, record=record: self.stored.complete(written, record))
        self.stored.share()
        for written, record in self.made:
            for field, text in self.stored.lacking(written, record):
                self._mistake((*written.path, field), text)

    def _try(self, written: Written, work: Any) -> None:
        try:
            work()
        except BadValue as error:
            self._mistake(written.path, str(error))
        except RecordsError as error:
            self._mistake(written.path, str(error))
        except sa.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).strip().split("\n", 1)[0]
            raise InvalidTests(
                f"{self.tests.place(*written.path)}: the database refuses this record: {reason}."
            ) from None

    def _mistake(self, path: Path_, text: str) -> None:
        if not text:
            return  # see `Told`
        said = sentence(f"{self.tests.place(*path)}: {text}")
        if said not in self.mistakes:
            self.mistakes.append(said)


def resolve(world: World, name: str, comodel: str, known: list[str] | None = None) -> int:
    """The id of the record of a model that a name stands for: any model where `comodel` is empty. Of a user or company
    the contact, where one is wanted. Raises BadValue."""
    found = world.things.get(name)
    if found is None and declared(world, name):
        raise Told
    if found is None:
        raise BadValue(f"there is no record {name}{near(name, known or world.things)}")
    model, record = found
    if comodel in ("", model):
        return record
    if comodel == "res.partner" and model in ("res.users", "res.company"):
        table = world.schema.model(model).table
        contact = world.connection.execute(sa.select(table.c.partner_id).where(table.c.id == record)).scalar()
        if contact:
            return int(contact)
    raise BadValue(f"{name} is a record of {model}, and one of {comodel} is wanted")


def declared(world: World, name: str) -> bool:
    """Whether a file gives a name to a user, company or record: where nothing has that name, there is a mistake."""
    file = world.tests.file
    return name in file.users or name in file.companies or any(name in one for one in file.records.values())


def _held(kind: Lines, record: int) -> dict[str, Any]:
    """What makes a record a line of another."""
    return {kind.inverse: record} | ({kind.model_field: kind.model} if kind.model_field else {})
