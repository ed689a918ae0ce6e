"""Extracts in loading order, to a Policy: Odoo's installation, without Odoo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ostiary.policy import (
    AccessRight,
    Module,
    Note,
    Origin,
    Policy,
    Problem,
    RecordRule,
    Semantics,
    Suppression,
    UnloadedFile,
)
from ostiary.sources.addons import assemble
from ostiary.sources.addons.declared import Declared
from ostiary.sources.addons.models import Registry
from ostiary.sources.addons.names import Names
from ostiary.sources.addons.ops import DataFile, ModuleExtract, ProblemOp
from ostiary.sources.addons.order import stuck
from ostiary.sources.addons.records import Record, Store
from ostiary.sources.addons.references import Dependencies

_DATA = (".xml", ".csv")
Progress = Callable[[str, int, int], None]


class Loader:
    """Installs modules one after another: first a module's classes, then its data, then its demo data."""

    def __init__(
        self,
        series: str,
        extracts: Mapping[str, ModuleExtract],
        shown: Mapping[str, str],
        targets: set[str],
        demo: bool,
    ) -> None:
        self.semantics = Semantics.of(series)
        self.extracts = extracts
        # How each module's folder is named to the user: empty where the paths are whole already (a snapshot's), and
        # none at all for a bundled summary.
        self.shown = shown
        self.targets = targets
        self.demo = demo

    def load(self, order: Sequence[str], progress: Progress | None = None) -> Policy:
        """The Policy of the modules in `order`, which is Odoo's loading order."""
        modules = {name: self._module(name) for name in order}
        registry = Registry(self.semantics.dotted_class_names)
        depended = Dependencies(modules).of
        whole = {name for name, module in modules.items() if not module.facts} - self._broken(order, _DATA)
        store = Store(whole, depended)
        if self.shown.get("base"):
            _seed(store, self._path("base", "data/base_data.sql"))
        for done, name in enumerate(order):
            self._install(name, registry, store)
            if progress and (done % 16 == 0 or done + 1 == len(order)):
                progress("Loading modules", done + 1, len(order))
        models = assemble.manual_models(store, registry.models())
        names = Names(store, models, modules, registry.unreadable | self._broken(order, (".py",)))
        self._missing(order, modules, registry, names)
        policy = self._assemble(store, names, modules)
        policy.toggles = list(assemble.toggles(registry.declared("res.config.settings")))
        policy.unloaded = self._unloaded(order, names)
        ordering = store.references.problems(store.records, modules)
        policy.problems = [*self._reading_problems(order), *store.problems, *names.problems, *ordering]
        policy.overwrites = assemble.overwrites(store, names)
        policy.notes = [*self._notes(order), *store.notes, *self._switched(order, policy)]
        policy.suppressions = self._suppressions(order)
        policy.unresolved = names.unresolved()
        policy.groups = assemble.mentioned_groups(policy.groups, policy.unresolved)
        policy.models = assemble.mentioned_models(policy.models, policy.unresolved)
        return policy

    def _install(self, name: str, registry: Registry, store: Store) -> None:
        """One module: its classes, its data in the manifest's order, and its demo data if that is wanted."""
        for decl in self.extracts[name].classes:
            registry.add(Declared(decl, name, self._path(name, decl.path)))
        for demo in (False, True) if self.demo else (False,):
            for file in self.extracts[name].files:
                if file.demo is demo:
                    store.load(file, name, self._path(name, file.path))

    def _broken(self, order: Sequence[str], endings: tuple[str, ...]) -> set[str]:
        """The modules with a file of some sort that could not be parsed: what it defines is not known."""
        return {
            name
            for name in order
            if any(
                one.kind == "malformed-file" and one.path.endswith(endings)
                for one in self.extracts[name].problems
            )
        }

    def _missing(
        self, order: Sequence[str], modules: Mapping[str, Module], registry: Registry, names: Names
    ) -> None:
        """Note the modules and models that are needed and were not read."""
        for model, origin in registry.missing.items():
            if names.models[model].unresolved:
                names.need("model", model, origin)
        for name in order:
            for need in self.extracts[name].manifest.depends:
                if need not in modules:
                    names.need("module", need, self._manifest_origin(name))

    def _assemble(self, store: Store, names: Names, modules: dict[str, Module]) -> Policy:
        return Policy(
            odoo=self.semantics.series,
            modules=modules,
            models=dict(names.models),
            groups=assemble.groups(store, names),
            rights=list(assemble.rights(store, names)),
            rules=list(assemble.rules(store, names)),
            users=list(assemble.users(store, names)),
            companies=list(assemble.companies(store)),
            actions={action.xmlid: action for action in assemble.actions(store, names)},
            menus={menu.xmlid: menu for menu in assemble.menus(store, names)},
            views=assemble.views(store, names),
            demo=self.demo,
        )

    def _module(self, name: str) -> Module:
        manifest = self.extracts[name].manifest
        return Module(
            origin=self._manifest_origin(name),
            name=name,
            version=manifest.version,
            title=manifest.title,
            depends=tuple(manifest.depends),
            category=manifest.category,
            auto_install=bool(manifest.auto_install),
            triggers=tuple(manifest.auto_install) if isinstance(manifest.auto_install, list) else (),
            countries=tuple(manifest.countries),
            application=manifest.application,
            context=name not in self.targets,
            facts=name not in self.shown,
        )

    def _manifest_origin(self, name: str) -> Origin:
        return Origin(path=self._path(name, self.extracts[name].manifest.path), line=1, module=name)

    def _path(self, module: str, path: str) -> str:
        shown = self.shown.get(module)
        if shown is None:
            return f"ostiary:{path}"
        return f"{shown}/{path}" if shown else path

    def _unloaded(self, order: Sequence[str], names: Names) -> list[UnloadedFile]:
        """Security files nothing loads, with the rights and rules they hold (read against the same models)."""
        found = []
        for name in order:
            for item in self.extracts[name].unloaded:
                path = self._path(name, item.file.path)
                aside = Store(names.store.known_modules)
                aside.records.update(names.store.records)
                known = set(aside.records)
                aside.load(DataFile(item.file.path, item.file.ops), name, path)
                aside.records = {
                    xmlid: record for xmlid, record in aside.records.items() if xmlid not in known
                }
                # Names of its own: what this file refers to is not what the policy needs.
                lookup = Names(aside, names.models, names.modules, names.unreadable)
                found.append(
                    UnloadedFile(
                        origin=Origin(path=path, line=1, module=name),
                        path=item.file.path,
                        rights=tuple(assemble.rights(aside, lookup)),
                        rules=tuple(assemble.rules(aside, lookup)),
                        mentioned=item.mentioned,
                    )
                )
        return found

    def _reading_problems(self, order: Sequence[str]) -> list[Problem]:
        loops = [
            Problem(
                origin=self._manifest_origin(name),
                kind="dependency-loop",
                message=f"{name} depends on a module that depends on itself; Odoo does not load it.",
                fatal=True,
            )
            for name in stuck(order, {name: self.extracts[name].manifest for name in order})
        ]
        return loops + [
            Problem(origin=self._place(name, item), kind=item.kind, message=item.message, fatal=item.fatal)
            for name in order
            for item in self.extracts[name].problems
        ]

    def _notes(self, order: Sequence[str]) -> list[Note]:
        return [
            Note(origin=self._place(name, item), kind=item.kind, message=item.message)
            for name in order
            for item in self.extracts[name].notes
        ]

    def _suppressions(self, order: Sequence[str]) -> list[Suppression]:
        return [
            Suppression(
                origin=Origin(path=self._path(name, item.path), line=item.line, module=name),
                checks=tuple(item.checks),
                reason=item.reason,
                first=item.first,
                last=item.last,
            )
            for name in order
            for item in self.extracts[name].suppressions
        ]

    def _switched(self, order: Sequence[str], policy: Policy) -> list[Note]:
        """Rights, rules and menus that ship inactive and that Python code looks up: a setting may switch them on."""
        places: dict[str, Origin] = {}
        for name in order:
            for xmlid, (path, line) in self.extracts[name].refs.items():
                places.setdefault(xmlid, Origin(path=self._path(name, path), line=line, module=name))
        inactive: list[AccessRight | RecordRule] = [right for right in policy.rights if not right.active]
        inactive += [rule for rule in policy.rules if not rule.active]
        return [
            Note(
                origin=places[item.xmlid],
                kind="switched",
                message=f"{item.xmlid} ships inactive, and this code may switch it on.",
            )
            for item in inactive
            if item.xmlid in places
        ]

    def _place(self, module: str, item: ProblemOp) -> Origin:
        return Origin(path=self._path(module, item.path), line=item.line, module=module)


def _seed(store: Store, path: str) -> None:
    """What Odoo writes by SQL when it makes a database, before any data file: OdooBot, the main company, a group."""
    place = Origin(path=path, module="base")
    root = Record("res.users", "base.user_root", place, True)
    root.values = {"login": ("__system__", place), "active": (False, place)}
    company = Record("res.company", "base.main_company", place, True)
    company.values = {"name": ("My Company", place)}
    store.records = {root.xmlid: root, company.xmlid: company}
    store.references.seeded.add("base.group_user")
