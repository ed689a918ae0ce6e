"""What an audit rests on, for somebody who must vouch for it: what was read, with what, and what was assumed."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version

import msgspec

from ostiary import __version__
from ostiary.audit import AuditResult, Check, catalogue
from ostiary.policy import Origin, Policy
from ostiary.policy.concerned import audited
from ostiary.policy.definitions import Definition, Module
from ostiary.report.excerpt import Files
from ostiary.report.text import place

_SOLVERS = (("z3", "z3-solver"), ("cvc5", "cvc5"))

_MANIFEST = re.compile(r"/__(manifest|openerp)__\.py$")

FilesOf = Callable[[str], Files | None]


class ModuleRead(msgspec.Struct, frozen=True):
    """An audited module: its version, where it is, how many definitions and files it has, where it has some."""

    name: str
    title: str
    version: str
    path: str
    models: int
    groups: int
    rights: int
    rules: int
    files: Files | None


class Ran(msgspec.Struct, frozen=True):
    """A check that ran, and how many findings it has of those that stand and of those that are accepted."""

    check: Check
    found: int
    accepted: int


class Coverage(msgspec.Struct, frozen=True):
    """The auditors' page.

    `context` are the modules that the audited ones build on, with their versions; `facts` those of them that Ostiary
    only has a summary of. `assumed` is what proofs of these findings take for granted and `obstacles` what stood in
    their way, each with how many findings it is about.
    """

    modules: tuple[ModuleRead, ...]
    context: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    ran: tuple[Ran, ...]
    not_run: tuple[Check, ...]
    assumed: tuple[tuple[str, int], ...]
    obstacles: tuple[tuple[str, int], ...]


def _none(_module: str) -> Files | None:
    return None


def build(result: AuditResult, policy: Policy, files: FilesOf = _none) -> Coverage:
    """What was read and asked. `files` counts the files of a module."""
    own = [module for module in policy.modules.values() if audited(policy, module.name)]
    others = [module for module in policy.modules.values() if not audited(policy, module.name)]
    proofs = [each.proof for each in result.findings if each.proof is not None]
    ran, found = set(result.checks), Counter(each.check for each in result.findings)
    accepted = Counter(one.finding.check for one in result.suppressed)
    checks = catalogue().checks
    return Coverage(
        modules=tuple(_modules(own, policy, files)),
        context=tuple(sorted((each.name, each.version) for each in others if not each.facts)),
        facts=tuple(sorted(each.name for each in others if each.facts)),
        versions=tuple(_versions(policy)),
        ran=tuple(Ran(check, found[check.id], accepted[check.id]) for check in checks if check.id in ran),
        not_run=tuple(check for check in checks if check.id not in ran),
        assumed=_counted(said for proof in proofs for said in proof.assumptions),
        obstacles=_counted(said for proof in proofs for said in proof.unknown),
    )


def _modules(modules: Iterable[Module], policy: Policy, files: FilesOf) -> list[ModuleRead]:
    models = _by_module(model for model in policy.models.values() if not model.unresolved)
    groups = _by_module(group for group in policy.groups.values() if not group.unresolved)
    rights, rules = _by_module(policy.rights), _by_module(policy.rules)
    return [
        ModuleRead(
            each.name,
            each.title,
            each.version,
            _folder(each),
            models[each.name],
            groups[each.name],
            rights[each.name],
            rules[each.name],
            files(each.name),
        )
        for each in sorted(modules, key=lambda module: module.name)
    ]


def _folder(module: Module) -> str:
    """Where a module is, from the place of its manifest."""
    return place(Origin(_MANIFEST.sub("", module.origin.path)))


def _by_module(definitions: Iterable[Definition]) -> Counter[str]:
    return Counter(each.origin.module for each in definitions)


def _versions(policy: Policy) -> Iterable[tuple[str, str]]:
    yield "Ostiary", __version__
    yield "Python", platform.python_version()
    for called, package in _SOLVERS:
        try:
            yield called, version(package)
        except PackageNotFoundError:
            continue
    yield "Odoo, as read", policy.odoo


def _counted(said: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each sentence with how often it is said, the most frequent first."""
    return tuple(sorted(Counter(said).items(), key=lambda item: (-item[1], item[0])))
