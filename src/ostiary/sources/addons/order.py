"""Which modules are loaded, and in which order: Odoo's dependency graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ostiary.sources.addons.ops import ManifestInfo


def select(targets: Iterable[str], context: Iterable[str], manifests: Mapping[str, ManifestInfo]) -> set[str]:
    """The modules that count as installed: the targets, what they depend on, and what installs itself with those.

    `context` are the modules that are at hand but were not asked for: as in Odoo, one with `auto_install` is installed
    as soon as its triggers are, unless it is for some countries only.
    """
    chosen: set[str] = set()
    pending = [name for name in targets if name in manifests]
    waiting = {name for name in context if manifests[name].auto_install and not manifests[name].countries}
    while pending:
        while pending:
            name = pending.pop()
            if name not in chosen and name in manifests:
                chosen.add(name)
                pending.extend(manifests[name].depends)
        for name in sorted(waiting - chosen):
            triggers = manifests[name].auto_install
            needed = triggers if isinstance(triggers, list) else manifests[name].depends
            if all(need in chosen for need in needed) and all(
                need in manifests for need in manifests[name].depends
            ):
                pending.append(name)
    return chosen


def stuck(names: Iterable[str], manifests: Mapping[str, ManifestInfo]) -> list[str]:
    """The modules that Odoo can't load because they depend on each other in a loop, or on such a module."""
    chosen = set(names)
    needs = {name: {need for need in manifests[name].depends if need in chosen} for name in chosen}
    users: dict[str, list[str]] = {name: [] for name in chosen}
    for name, needed in needs.items():
        for need in needed:
            users[need].append(name)
    ready = [name for name, needed in needs.items() if not needed]
    while ready:
        loaded = ready.pop()
        needs.pop(loaded)
        for name in users[loaded]:
            needs[name].discard(loaded)
            if not needs[name]:
                ready.append(name)
    return sorted(needs)


def loading_order(names: Iterable[str], manifests: Mapping[str, ManifestInfo], test_after: bool) -> list[str]:
    """Names sorted as Odoo loads them: by depth in the dependency graph, then by name.

    A dependency that is not at hand counts as if it were loaded (with depth 0), so that the rest keeps its order.
    Modules in a dependency loop come last; Odoo would skip them. `test_after` is Odoo 19's habit of
    loading `test_*` right after the last module they depend on.
    """
    chosen = set(names)
    keys: dict[str, tuple[int, str]] = {}
    waiting = {
        name: [need for need in manifests[name].depends if need in chosen and need != name] for name in chosen
    }
    while waiting:
        ready = [name for name, needs in waiting.items() if all(need in keys for need in needs)]
        if not ready:
            deepest = max((depth for depth, _ in keys.values()), default=0)
            keys.update({name: (deepest + 1, name) for name in waiting})
            break
        for name in sorted(ready):
            last = max((keys[need] for need in waiting.pop(name)), default=None)
            if test_after and name.startswith("test_") and last is not None:
                keys[name] = (last[0], f"{last[1]} {name}")
            else:
                keys[name] = (0 if name == "base" else (last[0] if last else 0) + 1, name)
    return sorted(chosen, key=lambda name: keys[name])
