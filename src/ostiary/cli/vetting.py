"""What `ostiary vet` reads and asks: the modules with and without, what is new, what they bring, what is wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ostiary.cli.options import paths
from ostiary.cli.output import Failure, progress
from ostiary.cli.proving import solving
from ostiary.cli.reading import read
from ostiary.policy import INTERNAL, Group, Implication, Mode, Policy, closure
from ostiary.policy.audience import share_groups
from ostiary.policy.code import EntryKind
from ostiary.policy.concerned import audited
from ostiary.policy.semantics import PORTAL, PUBLIC

if TYPE_CHECKING:
    from ostiary.audit import AuditResult
    from ostiary.audit.code.join import Join
    from ostiary.prove import Difference
    from ostiary.report.routes_inventory import Inventory
    from ostiary.report.vet_found import Told, Vetted

_WITHOUT = "ostiary_without"
# Whoever holds these may do so much that nothing is news.
_ADMINISTRATORS = frozenset({"base.group_system", "base.group_erp_manager"})
_LABELS = {PORTAL: "portal", PUBLIC: "public"}
_NAMES = {label: group for group, label in _LABELS.items()}


@dataclass(frozen=True, slots=True)
class Vetting:
    """How modules are vetted: what is read, and `without` which others."""

    targets: Sequence[str]
    addons_path: Sequence[str]
    without: Sequence[str]
    odoo: str | None
    no_cache: bool
    shown: bool

    def found(self) -> Vetted:
        """Everything that vetting finds. Raises Failure, and UnreadableTarget."""
        from ostiary.audit.asking.proofs import proving
        from ostiary.report.vet_found import Vetted

        policy = self._read(self.targets, self.addons_path, self.odoo, code=True)
        modules = tuple(sorted(name for name in policy.modules if audited(policy, name)))
        come = self._come(policy, modules)
        before = self._before(policy, {*modules, *come})
        with solving(), proving(policy):
            differences = self._differences(before, policy, {*modules, *come})
            joins = tuple(_joins(policy, differences))
            routes, methods = (self._inventory(policy, kind) for kind in EntryKind)
            result = self._audited(policy)
        return Vetted(
            policy=policy,
            before=before,
            modules=modules,
            come=come,
            differences=differences,
            joins=joins,
            result=result,
            routes=routes,
            methods=methods,
            besides=tuple(_besides(self.targets, modules)),
        )

    def _read(
        self, targets: Sequence[str], addons_path: Sequence[str], odoo: str | None, *, code: bool = False
    ) -> Policy:
        return read(
            targets,
            addons_path=addons_path,
            odoo=odoo,
            no_cache=self.no_cache,
            no_progress=not self.shown,
            hint=False,
            code=code,
        )

    def _come(self, policy: Policy, modules: Sequence[str]) -> tuple[str, ...]:
        """The other modules that count as not installed yet. Raises Failure for one that is none of what was read."""
        for each in self.without:
            if each not in policy.modules:
                raise Failure(f"--without names {each}, which {', '.join(modules)} does not depend on.")
        return tuple(sorted(set(self.without) - set(modules)))

    def _before(self, policy: Policy, gone: set[str]) -> Policy:
        """The same reading without these modules and whatever depends on them."""
        kept = [name for name in policy.modules if name not in _with_dependents(policy, gone)]
        with self._standing_for(kept, policy.odoo) as folder:
            before = self._read([str(folder)], self.addons_path, policy.odoo)
        modules = {name: module for name, module in before.modules.items() if name != _WITHOUT}
        groups = {**before.groups, **_forerunners(before, policy)}
        return msgspec.structs.replace(before, modules=modules, groups=groups)

    @contextmanager
    def _standing_for(self, depends: Sequence[str], odoo: str) -> Iterator[Path]:
        """A folder of a module that holds nothing and depends on these, so that they are read as before.

        Its place is the same from run to run where there is a cache, so that what was read is found there again.
        """
        from ostiary.sources import default_folder

        manifest = repr({"name": _WITHOUT, "version": f"{odoo}.1.0.0", "depends": list(depends)})
        kept = None if self.no_cache else default_folder()
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if kept is not None:
                folder = kept / "without" / sha256(manifest.encode()).hexdigest()[:16]
            try:
                written = _write(folder / _WITHOUT, manifest)
            except OSError:  # a cache that can't be written to is done without
                written = _write(Path(temporary) / _WITHOUT, manifest)
            yield written

    def _differences(self, before: Policy, policy: Policy, new: Collection[str]) -> tuple[Difference, ...]:
        from ostiary.prove.difference import differences

        with progress(self.shown) as report:
            audiences = _audiences(before, policy, new)
            return tuple(differences(before, policy, audiences=audiences, progress=report))

    def _inventory(self, policy: Policy, kind: EntryKind) -> Inventory:
        from ostiary.audit.code.join import join
        from ostiary.report.routes_inventory import inventory

        def ask(audience: str, model: str, mode: Mode) -> Join:
            return join(policy, audience, model, mode)

        with progress(self.shown) as report:
            return inventory(policy, kind, ask=ask, progress=report)

    def _audited(self, policy: Policy) -> AuditResult:
        """What the checks find; comments of somebody else's modules accept nothing."""
        from ostiary.audit import Settings, audit
        from ostiary.sources import default_folder

        with progress(self.shown) as report:
            return audit(
                policy,
                settings=Settings(comments=False),
                progress=report,
                cache=None if self.no_cache else default_folder(),
            )


def _audiences(before: Policy, policy: Policy, new: Collection[str]) -> list[str]:
    """Whom to compare for: people from outside, internal users, and the groups that were there before to which the new
    modules give rights or rules."""
    shares = [_LABELS.get(group, group) for group in share_groups(policy)]
    named = {one.group for one in policy.rights if one.origin.module in new and one.group}
    named |= {link.group for one in policy.rules for link in one.groups if link.origin.module in new}
    inside = {group for group in named & before.groups.keys() if INTERNAL in closure(before, (group,))}
    others = sorted(inside - {INTERNAL} - _ADMINISTRATORS)
    return [*shares, INTERNAL, *others]


def _forerunners(before: Policy, policy: Policy) -> dict[str, Group]:
    """New groups of people from outside as they would have been before: with what of theirs there was, such as portal.

    What such people may newly do is what the group adds to that.
    """
    found = {}
    for xmlid in share_groups(policy):
        if xmlid in policy.groups and xmlid not in before.groups:
            group = policy.groups[xmlid]
            had = sorted(closure(policy, (xmlid,)) & (before.groups.keys() | {PORTAL, PUBLIC}))
            links = tuple(Implication(each, group.origin) for each in had)
            found[xmlid] = Group(origin=group.origin, xmlid=xmlid, implies=links)
    return found


def _write(folder: Path, manifest: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "__manifest__.py"
    if not path.exists() or path.read_text("utf-8") != manifest:
        path.write_text(manifest, encoding="utf-8")
    return folder


def _with_dependents(policy: Policy, modules: Iterable[str]) -> set[str]:
    """These modules, and those that depend on them at any depth."""
    found = set(modules)
    while more := {one.name for one in policy.modules.values() if found & set(one.depends)} - found:
        found |= more
    return found


def _joins(policy: Policy, differences: Sequence[Difference]) -> Iterator[Join]:
    """What rights and rules leave people from outside of what they newly reach."""
    from ostiary.audit.code.join import join

    for one in differences:
        group = _NAMES.get(one.audience, one.audience)
        if one.wider and INTERNAL not in closure(policy, (group,)):
            yield join(policy, one.audience, one.model, one.mode)


def _besides(targets: Sequence[str], modules: Sequence[str]) -> Iterator[Told]:
    from ostiary.report.vet_found import Told
    from ostiary.sources.addons.besides import besides
    from ostiary.sources.addons.locate import find_modules
    from ostiary.sources.revision import opened

    with opened(targets, None) as at:
        for module in find_modules(at.targets):
            if module.name in modules:
                yield from (Told(one.kind, one.text, one.origin) for one in besides(module))


def located(targets: Sequence[str], addons_path: Sequence[str] | None) -> list[str]:
    """The targets; a name that is no path is looked for in the folders that `addons_path` names.

    Raises Failure for a database or a snapshot, which are no modules to install.
    """
    from ostiary.sources import snapshot
    from ostiary.sources.shown import scheme_of

    found = []
    for target in targets:
        if scheme_of(target) or (Path(target).is_file() and snapshot.is_snapshot(Path(target))):
            raise Failure(
                "vet looks at modules before they are installed: name their folder, wheel or zip, and give what is "
                "installed (a snapshot, say) as --addons-path."
            )
        folders = [Path(folder) / target for folder in paths(addons_path)]
        there = next((each for each in folders if (each / "__manifest__.py").is_file()), None)
        bare = not Path(target).exists() and target.isidentifier()
        found.append(str(there) if bare and there is not None else target)
    return found
