"""References of data files to records that are not there yet, or that nothing makes sure of.

Odoo looks an external id up at the moment it loads the record that names it: what is defined later, in the module
or in one that is loaded after it, is not found on a fresh database. What belongs to a module that is not depended on is
found only where that module happens to be installed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ostiary.policy import Module, Origin, Problem
from ostiary.sources.addons import values
from ostiary.sources.addons.ops import RecordOp

Depended = Callable[[str], frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class _Early:
    by: str
    target: str
    origin: Origin


class References:
    """What was named before it was there. `depended` gives all a module depends on, None where that isn't known."""

    def __init__(self, depended: Depended) -> None:
        self.depended = depended
        # What is there before any data file is read, and is defined by one all the same.
        self.seeded: set[str] = set()
        self.early: dict[tuple[str, Origin], _Early] = {}
        self.foreign: dict[tuple[str, str], _Early] = {}

    def seen(self, op: RecordOp, xmlid: str, origin: Origin, known: Mapping[str, object]) -> None:
        """Go through what a record names; `known` are the records there are by now."""
        for value in op.values:
            for target in referred(value.value):
                place = Origin(path=origin.path, line=value.line or origin.line, module=origin.module)
                if (
                    target != xmlid
                    and target not in known
                    and target not in self.seeded
                    and self._ordered(target, place.module)
                ):
                    self.early.setdefault((target, place), _Early(xmlid, target, place))
                self._foreign(xmlid, target, place)

    def _ordered(self, target: str, module: str) -> bool:
        """Whether the order is Odoo's: what a module that was not read depends on may be loaded too late here."""
        return target.partition(".")[0] == module or self.depended(module) is not None

    def _foreign(self, xmlid: str, target: str, place: Origin) -> None:
        owner = target.partition(".")[0]
        if owner == place.module or (place.module, owner) in self.foreign:
            return
        depended = self.depended(place.module)
        if depended is not None and owner not in depended:
            self.foreign[place.module, owner] = _Early(xmlid, target, place)

    def problems(self, known: Mapping[str, object], modules: Mapping[str, object]) -> Iterator[Problem]:
        """What Odoo would not find. `known` are all records in the end, `modules` those that were read."""
        foreign = {(found.target, found.origin) for found in self.foreign.values()}
        for found in self.early.values():
            if found.target in known and (found.target, found.origin) not in foreign:
                message = f"{found.by} names {found.target}, which is defined only later"
                message += _where(known[found.target], found.origin)
                yield Problem(origin=found.origin, kind="load-order", message=f"{message}.", fatal=True)
        for (module, owner), found in self.foreign.items():
            if owner in modules:
                message = f"{found.by} names {found.target}, but {module} does not depend on {owner}."
                yield Problem(origin=found.origin, kind="undeclared-dependency", message=message, fatal=True)


class Dependencies:
    """All that each module depends on, once the modules are known that are installed together."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self._known: dict[str, frozenset[str] | None] = {}
        # What installs itself with others: how many others, and which modules wait for one.
        self._needed: dict[str, int] = {}
        self._waiting: dict[str, list[str]] = {}
        for module in modules.values():
            if module.auto_install and not module.countries:
                triggers = set(module.triggers or module.depends)
                self._needed[module.name] = len(triggers)
                for trigger in triggers:
                    self._waiting.setdefault(trigger, []).append(module.name)

    def of(self, name: str) -> frozenset[str] | None:
        """All that a module depends on, itself included, and what is there with those; None where one of them was not
        read whole."""
        if name not in self._known:
            self._known[name] = self._of(name)
        return self._known[name]

    def _of(self, name: str) -> frozenset[str] | None:
        found: set[str] = set()
        there: Counter[str] = Counter()
        waiting = [name, *(one for one, needed in self._needed.items() if not needed), "base"]
        while waiting:
            one = waiting.pop()
            if one in found:
                continue
            found.add(one)
            if one != "base":
                module = self.modules.get(one)
                if module is None or (module.facts and not module.auto_install):
                    return None
                waiting.extend(module.depends)
            for other in self._waiting.get(one, ()):
                there[other] += 1
                if there[other] == self._needed[other]:
                    waiting.append(other)
        return frozenset(found)


def _where(record: object, origin: Origin) -> str:
    place = getattr(record, "origin", None)
    if not isinstance(place, Origin):
        return ""
    return f" ({place.path}:{place.line})" if place.module == origin.module else f", by {place.module}"


def referred(value: Any, depth: int = 0) -> Iterator[str]:
    """The external ids a value names, commands included; what a command takes away need not be there."""
    xmlid = values.as_ref(value)
    if xmlid is not None:
        yield xmlid
    elif isinstance(value, list) and depth < 4:
        for item in value:
            yield from referred(item, depth + 1)
