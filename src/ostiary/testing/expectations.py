"""From what a file expects to questions: every user, deed and target by itself, with names resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ostiary.policy import MODES, Mode
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.paths import field_of
from ostiary.records.errors import RecordsError
from ostiary.testing.asked import About, Asked, Wanted
from ostiary.testing.format import SEE, Deeds, Matrix, listed
from ostiary.testing.mistakes import InvalidTests, near, sentence
from ostiary.testing.rows import declared, resolve
from ostiary.testing.values import BadValue, Converter, Told

if TYPE_CHECKING:
    from ostiary.testing.world import World

MOST = 200_000
"""How many questions a file may come to."""

_LETTERS = {"r": Mode.READ, "w": Mode.WRITE, "c": Mode.CREATE, "u": Mode.UNLINK}
_CORNER = "who"
Path_ = tuple[str | int, ...]


def questions(world: World) -> list[Asked]:
    """Every question of a world's file, in its order. Raises InvalidTests with every mistake."""
    return _Questions(world).all()


def mistakes_of(world: World) -> list[str]:
    """Every mistake in the expectations of a world, not all of whose records could be made."""
    try:
        _Questions(world).all()
    except InvalidTests as error:
        return list(error.mistakes)
    return []


class _Questions:
    def __init__(self, world: World) -> None:
        self.world = world
        self.tests = world.tests
        self.policy = world.policy
        self.found: list[Asked] = []
        self.mistakes: list[str] = []
        self.told = 0
        self.converter = Converter(
            world.policy, world.schema, lambda name, model: resolve(world, name, model)
        )
        self._targets: dict[str, tuple[About, str, int | None, str]] = {}

    def all(self) -> list[Asked]:
        for place, _ in enumerate(self.tests.file.expect):
            self._expectation(place)
        matrix = self.tests.file.matrix
        if isinstance(matrix, str):
            self._table(Matrix(table=matrix), ("matrix",))
        else:
            for place, one in enumerate(matrix):
                self._table(one, ("matrix", place, "table"))
        if self.mistakes:
            raise InvalidTests(*self.mistakes)
        return self.found

    # -- expectations ------------------------------------------------------------------------------------------

    def _expectation(self, place: int) -> None:
        written = self.tests.file.expect[place]
        here: Path_ = ("expect", place)
        shared = {
            "name": written.name,
            "why": written.why,
            **self._companies(written.companies, (*here, "companies")),
        }
        people = self._people(written.who, (*here, "who"))
        if not listed(written.who):
            self._mistake((*here, "who"), "`who` names nobody")
        before = self.told
        expects = written.finds or any((written.can, written.cannot, written.unknown))
        if not expects:
            self._mistake(here, "nothing is expected here: say what they `can`, `cannot` or `finds`")
        for wanted, deeds in (
            (Wanted.CAN, written.can),
            (Wanted.CANNOT, written.cannot),
            (Wanted.UNKNOWN, written.unknown),
        ):
            if deeds is not None:
                path = (*here, wanted.value)
                templates = list(self._deeds(deeds, wanted, path))
                if not templates and self.told == before:
                    self._mistake(
                        path,
                        f"nothing is named that they {wanted.value if wanted != 'unknown' else 'can'} do",
                    )
                self._ask(people, templates, shared)
        searches = [
            self._search(model, names, (*here, "finds", model)) for model, names in written.finds.items()
        ]
        self._ask(people, [one for one in searches if one is not None], shared)

    def _ask(
        self, people: list[tuple[str, str]], templates: list[dict[str, Any]], shared: dict[str, Any]
    ) -> None:
        if len(self.found) + len(people) * len(templates) > MOST:
            raise InvalidTests(f"{self.tests.shown}:1: the file asks more than {MOST} questions: split it.")
        for who, login in people:
            self.found += [Asked(who=who, login=login, **one, **shared) for one in templates]

    def _people(self, names: str | list[str], path: Path_) -> list[tuple[str, str]]:
        found = []
        for name in listed(names):
            login = self.world.logins.get(name)
            if login is None and name in self.tests.file.users:
                self._mistake(path, str(Told()))
            elif login is None:
                self._mistake(
                    path, f"there is no user {name}{near(name, [*self.tests.file.users, *self.world.logins])}"
                )
            else:
                found.append((name, login))
        return found

    def _companies(self, names: str | list[str], path: Path_) -> dict[str, Any]:
        ids = []
        for name in listed(names):
            try:
                ids.append(resolve(self.world, name, "res.company"))
            except BadValue as error:
                self._mistake(path, str(error))
        return {"companies": tuple(ids), "chosen": listed(names)}

    def _deeds(self, deeds: Deeds, wanted: Wanted, path: Path_) -> Iterator[dict[str, Any]]:
        for mode in MODES:
            here = (*path, mode.value)
            targets = getattr(deeds, mode.value)
            several = isinstance(targets, list)
            for place, target in enumerate(targets if several else [targets]):
                at = (*here, place) if several else here
                for name, values in target.items() if isinstance(target, dict) else ((target, None),):
                    yield from self._deed(
                        mode, name, values, wanted, (*at, name) if values is not None else at
                    )
        for place, menu in enumerate(listed(deeds.see)):
            at = (*path, SEE, place) if isinstance(deeds.see, list) else (*path, SEE)
            if menu not in self.policy.menus:
                self._mistake(at, f"there is no menu {menu}{near(menu, self.policy.menus)}")
            else:
                yield {"about": About.MENU, "wanted": wanted, "target": menu, "line": self.tests.line(*at)}

    def _deed(
        self, mode: Mode, name: str, values: dict[str, Any] | None, wanted: Wanted, path: Path_
    ) -> Iterator[dict[str, Any]]:
        try:
            about, model, record, field = self._target(name)
            if values is not None:
                yield self._attempt(mode, name, values, wanted, path)
                return
            if field and mode is Mode.UNLINK:
                raise BadValue(f"records are unlinked, fields are not: {name} is a field")
            if about is About.FIELD and mode is Mode.CREATE:
                raise BadValue(
                    f"a record that exists is not created again: ask about {model}.{field}, or give values"
                )
        except BadValue as error:
            self._mistake(path, str(error))
            return
        yield {"about": about, "mode": mode, "wanted": wanted, "target": name, "model": model, "record": record,
               "field": field, "line": self.tests.line(*path)}  # fmt: skip

    def _attempt(
        self, mode: Mode, name: str, values: dict[str, Any], wanted: Wanted, path: Path_
    ) -> dict[str, Any]:
        """A deed with values: to be tried. Raises BadValue."""
        about, model, record, _ = self._target(name)
        if (mode, about) not in ((Mode.CREATE, About.MODEL), (Mode.WRITE, About.RECORD)):
            fits = "a model is created with values, a record is written with some"
            raise BadValue(f"{name} can't be given values here: {fits}")
        for field, value in values.items():
            try:
                self.converter.operation(model, {field: value})
            except BadValue as error:
                self._mistake((*path, field), str(error))
        shown = ", ".join(f"{key}: {_shown(value)}" for key, value in values.items())
        return {"about": About.ATTEMPT, "mode": mode, "wanted": wanted, "target": f"{name} {{{shown}}}", "model": model,
                "record": record, "values": values, "line": self.tests.line(*path)}  # fmt: skip

    def _search(self, model: str, names: str | list[str], path: Path_) -> dict[str, Any] | None:
        if not self._has_records(model, path):
            return None
        ids = []
        for name in listed(names):
            try:
                ids.append(resolve(self.world, name, model))
            except BadValue as error:
                self._mistake(path, str(error))
        shown = ", ".join(listed(names)) or "nothing"
        return {"about": About.SEARCH, "mode": Mode.READ, "wanted": Wanted.CAN, "target": f"{model}: {shown}",
                "model": model, "records": tuple(ids), "line": self.tests.line(*path)}  # fmt: skip

    def _has_records(self, model: str, path: Path_) -> bool:
        if model not in self.policy.models:
            self._mistake(path, f"there is no model {model}{near(model, self.policy.models)}")
            return False
        try:
            self.world.schema.model(model)
        except RecordsError as error:
            self._mistake(path, str(error))
            return False
        return True

    # -- targets -----------------------------------------------------------------------------------------------

    def _target(self, name: str) -> tuple[About, str, int | None, str]:
        """What a target is: its model, its record or field where it has one. Raises BadValue."""
        found = self._targets.get(name)
        if found is None:
            found = self._targets[name] = self._resolved(name)
        return found

    def _resolved(self, name: str) -> tuple[About, str, int | None, str]:
        things, models = self.world.things, self.policy.models
        if name in things and (name not in models or "." not in name):
            return About.RECORD, *things[name], ""
        if name in models:
            return About.MODEL, name, None, ""
        above, dot, field = name.rpartition(".")
        if dot and above in things:
            model, record = things[above]
            return About.FIELD, model, record, self._field(model, field)
        if dot and above in models:
            return About.MODEL_FIELD, above, None, self._field(above, field)
        if declared(self.world, name) or (dot and declared(self.world, above)):
            raise Told
        own = [*self.tests.file.users, *self.tests.file.companies]
        known = [
            *own,
            *(one for records in self.tests.file.records.values() for one in records),
            *models,
            *things,
        ]
        raise BadValue(f"there is no record, model or field {name}{near(name, known)}")

    def _field(self, model: str, name: str) -> str:
        if field_of(self.policy, model, name) is None and name not in AUTOMATIC:
            raise BadValue(f"{model} has no field {name}{near(name, self.policy.models[model].fields)}")
        return name

    # -- tables --------------------------------------------------------------------------------------------------

    def _table(self, matrix: Matrix, path: Path_) -> None:
        shared = {
            "name": matrix.name,
            "why": "",
            **self._companies(matrix.companies, (*path[:-1], "companies")),
        }
        first = self.tests.line(*path) + 1
        rows = [
            (first + place, line.split("#", 1)[0].split())
            for place, line in enumerate(matrix.table.split("\n"))
            if line.split("#", 1)[0].strip()
        ]
        if not rows:
            return
        if len(rows) < 2 or rows[0][1][0] != _CORNER:
            text = f"a table is a block (`matrix: |`): its first line is `{_CORNER}` and records, the others are users"
            self._mistake_at(rows[0][0], text)
            return
        columns = rows[0][1][1:]
        for line, (who, *cells) in rows[1:]:
            people = [one for name in who.split(",") for one in self._somebody(name, line)]
            if len(cells) != len(columns):
                self._mistake_at(line, f"{who} has {len(cells)} cells, and there are {len(columns)} columns")
                continue
            for column, cell in zip(columns, cells, strict=True):
                try:
                    self._ask(people, list(self._cell(column, cell, line)), shared)
                except BadValue as error:
                    self._mistake_at(line, str(error))

    def _somebody(self, name: str, line: int) -> list[tuple[str, str]]:
        login = self.world.logins.get(name)
        if login is not None:
            return [(name, login)]
        text = f"there is no user {name}{near(name, [*self.tests.file.users, *self.world.logins])}"
        self._mistake_at(line, "" if name in self.tests.file.users else text)
        return []

    def _cell(self, column: str, cell: str, line: int) -> Iterator[dict[str, Any]]:
        """The questions of a cell. Raises BadValue."""
        about, model, record, field = self._target(column)
        if cell == ".":
            return
        letters = set() if cell in ("-", "?") else set(cell)
        if not letters <= _LETTERS.keys():
            raise BadValue(
                f"{cell} is no cell: letters of r, w, c and u, or `-` (nothing), `?` (unknown), `.` (not asked)"
            )
        for letter, mode in _LETTERS.items():
            if field and mode not in (Mode.READ, Mode.WRITE):
                if letter in letters:
                    raise BadValue(f"{column} is a field: it is read and written (r, w), and no more")
                continue
            wanted = Wanted.UNKNOWN if cell == "?" else Wanted.CAN if letter in letters else Wanted.CANNOT
            yield {"about": about, "mode": mode, "wanted": wanted, "target": column, "model": model, "record": record,
                   "field": field, "line": line}  # fmt: skip

    def _mistake(self, path: Path_, text: str) -> None:
        self._mistake_at(self.tests.line(*path), text)

    def _mistake_at(self, line: int, text: str) -> None:
        self.told += 1
        if not text:
            return  # see `Told`
        said = sentence(f"{self.tests.shown}:{line}: {text}")
        if said not in self.mistakes:
            self.mistakes.append(said)


def _shown(value: Any) -> str:
    """A value in a title: short."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return f"[{', '.join(_shown(one) for one in value[:3])}{', …' if len(value) > 3 else ''}]"
    text = "false" if value in (None, False) else "true" if value is True else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
