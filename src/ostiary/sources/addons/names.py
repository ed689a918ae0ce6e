"""External ids to what they stand for, and what could not be found, each listed once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ostiary.policy import GroupLink, Model, Module, Origin, Problem, Unresolved
from ostiary.sources.addons import values
from ostiary.sources.addons.records import Record, Store

MODEL_XMLID = re.compile(r"^(?P<module>[^.]+)\.model_(?P<name>.+)$")
_MODEL_SEARCH = re.compile(r"""\(\s*['"]model['"]\s*,\s*['"]=['"]\s*,\s*['"]([\w.]+)['"]\s*\)""")


class Names:
    """External ids to what they stand for, and what could not be found, each listed once."""

    def __init__(
        self,
        store: Store,
        models: Mapping[str, Model],
        modules: Mapping[str, Module],
        unreadable: Collection[str] = (),
    ) -> None:
        """`unreadable` are the modules with a class whose model can't be told, or a file that can't be parsed: they
        may define any."""
        self.store = store
        self.models = models
        self.modules = modules
        self.unreadable = unreadable
        self.problems: list[Problem] = []
        # Where a model is named that is not there: the right or rule it is written in need not be reported too.
        self.reported: set[Origin] = set()
        self.missing: dict[tuple[str, str], list[Origin]] = {}
        self.by_mangled: dict[str, list[str]] = {}
        for name in models:
            self.by_mangled.setdefault(name.replace(".", "_"), []).append(name)

    def known_whole(self, xmlid: str) -> bool:
        """Whether an external id's module was read whole.

        Of one known by a summary, or with a data file that can't be parsed, what isn't listed may still exist.
        """
        return xmlid.partition(".")[0] in self.store.known_modules

    def unresolved(self) -> list[Unresolved]:
        """What was needed and not read, one entry a name, with the modules that need it."""
        return [
            Unresolved(
                kind=kind,
                name=name,
                origin=places[0],
                needed_by=tuple(dict.fromkeys(place.module for place in places)),
            )
            for (kind, name), places in sorted(self.missing.items())
        ]

    def need(self, kind: str, name: str, origin: Origin) -> None:
        self.missing.setdefault((kind, name), []).append(origin)

    def group(self, xmlid: str, origin: Origin) -> str:
        """The group's external id; noted as unresolved or unknown where no group of that name was read."""
        record = self.store.records.get(xmlid)
        if record is None or record.model != "res.groups":
            if self.known_whole(xmlid):
                message = f"The group {xmlid} does not exist."
                self.problems.append(
                    Problem(origin=origin, kind="unknown-reference", message=message, fatal=True)
                )
            else:
                self.need("group", xmlid, origin)
        return xmlid

    def links(self, record: Record, name: str) -> tuple[GroupLink, ...]:
        return tuple(
            GroupLink(group=self.group(xmlid, origin), origin=origin)
            for xmlid, origin in record.links.get(name, {}).items()
        )

    def model(self, record: Record) -> str | None:
        """The technical name of a record's `model_id`, None where it says nothing that can be followed."""
        value, origin = record.values.get("model_id", (None, record.origin))
        if found := values.as_search(value):
            match = _MODEL_SEARCH.search(found[1])
            return match[1] if match else self._by_description(found[1])
        xmlid = values.as_ref(value)
        if xmlid is None:
            return None
        manual = self.store.records.get(xmlid)
        if manual is not None and manual.model == "ir.model":
            return manual.text("model") or None
        return self._model_of_xmlid(xmlid, origin)

    def _by_description(self, domain: str) -> str | None:
        match = re.search(r"\('name', '=', '(.+)'\)", domain)
        wanted = match[1] if match else None
        return next(
            (model.name for model in self.models.values() if wanted and model.description == wanted), None
        )

    def _model_of_xmlid(self, xmlid: str, origin: Origin) -> str | None:
        match = MODEL_XMLID.match(xmlid)
        if not match:
            return None
        module, mangled = match["module"], match["name"]
        names = self.by_mangled.get(mangled, [])
        owned = [name for name in names if module in self.models[name].modules]
        if owned:
            return owned[0]
        if self.known_whole(xmlid) and module not in self.unreadable:
            known = next((name for name in names if not self.models[name].unresolved), None)
            message = f"{xmlid} names no model: {module} neither defines nor extends "
            message += known or f"a model called {mangled.replace('_', '.')} in a Python file that it imports"
            message += f"; write {self.models[known].modules[0]}.model_{mangled}." if known else "."
            self.reported.add(origin)
            self.problems.append(Problem(origin=origin, kind="unknown-model", message=message, fatal=True))
            return known
        if names:
            return names[0]
        name = mangled.replace("_", ".")
        self.need("model", name, origin)
        return name
