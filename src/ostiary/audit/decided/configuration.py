"""What somebody decided about audits of their modules, and what it makes of a policy.

An audit says what was decided: a report never has fewer findings in silence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType

import msgspec

from ostiary.audit.decided.audiences import audience_said, can_be_given
from ostiary.audit.decided.path_patterns import matches
from ostiary.audit.finding import Finding, Severity
from ostiary.policy.definitions import Implication
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PORTAL

_NONE: Mapping[str, Severity] = MappingProxyType({})
_SHOWN = 6


class Accepted(msgspec.Struct, frozen=True):
    """Findings that are accepted with a reason: of these checks, in these modules and below these paths.

    `modules` are patterns of names, `paths` patterns of paths below the folder the settings are from (`*` stops at a
    slash, `**` does not); without any, every module or path is meant. `origin` is the place this is said.
    """

    checks: tuple[str, ...]
    reason: str
    origin: Origin
    modules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How modules are audited, as a file of settings says it.

    `name` is that file as shown, `root` the folder it is in. `select` and `ignore` name checks, `severity` gives the
    findings of a check another severity, findings below `min_severity` are left out, `accepted` are findings accepted
    with a reason. `audiences` are groups that portal users are given by code, so that they are judged as portal users'
    own; `publishing` are fields that somebody sets so that others see a record. With `dependencies`, modules that were
    read only because others depend on them are audited too; without `comments`, no comment in them accepts anything.
    """

    name: str = ""
    root: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = _NONE
    min_severity: Severity | None = None
    accepted: tuple[Accepted, ...] = ()
    audiences: tuple[str, ...] = ()
    publishing: tuple[str, ...] = ()
    dependencies: bool = False
    comments: bool = True


def configured(policy: Policy, settings: Settings) -> Policy:
    """The policy as the settings say it is to be judged; the same one where they say nothing of it."""
    if settings.dependencies:
        modules = {
            name: msgspec.structs.replace(module, context=False) if module.context else module
            for name, module in policy.modules.items()
        }
        policy = msgspec.structs.replace(policy, modules=modules)
    if not settings.comments:
        policy = msgspec.structs.replace(policy, suppressions=[])
    if settings.publishing:
        policy = msgspec.structs.replace(policy, publishing=(*policy.publishing, *settings.publishing))
    given = {name for name in settings.audiences if can_be_given(policy, name)}
    if given:
        link = Implication(PORTAL, Origin(settings.name))
        groups = {
            name: msgspec.structs.replace(group, implies=(*group.implies, link)) if name in given else group
            for name, group in policy.groups.items()
        }
        policy = msgspec.structs.replace(policy, groups=groups)
    return policy


def accepting(settings: Settings, finding: Finding) -> Accepted | None:
    """What accepts a finding, if the settings do."""
    return next((each for each in settings.accepted if _meant(settings, each, finding)), None)


def _meant(settings: Settings, entry: Accepted, finding: Finding) -> bool:
    if finding.check not in entry.checks:
        return False
    if entry.modules and not any(fnmatchcase(finding.module, pattern) for pattern in entry.modules):
        return False
    return not entry.paths or _below(settings.root, finding.path, entry.paths)


def idle(settings: Settings, findings: Sequence[Finding], ran: Sequence[str]) -> tuple[int, ...]:
    """The entries of what is accepted that match no finding, by their numbers, the first being 1.

    One that names a check that did not run to its end may match what that check would have found.
    """
    return tuple(
        number
        for number, entry in enumerate(settings.accepted, 1)
        if set(entry.checks) <= set(ran) and not any(_meant(settings, entry, one) for one in findings)
    )


def _below(root: str, path: str, patterns: Sequence[str]) -> bool:
    if not path:
        return False
    # As it was named, from the folder this was started in: a link among the modules is no other path.
    here = os.path.join(os.path.realpath("."), path)
    relative = os.path.relpath(here, os.path.realpath(root)).replace(os.sep, "/")
    return any(matches(pattern, relative) for pattern in patterns)


def said(settings: Settings, policy: Policy, ignored: Sequence[str], selected: bool) -> Iterator[str]:
    """One sentence for each setting that leaves something out or changes how it is judged.

    `ignored` are the checks that did not run for it, `selected` whether the settings chose the checks.
    """
    by = settings.name or "the settings"
    if selected:
        yield f"Only the checks that {by} selects ran."
    if ignored:
        yield f"{_counted(ignored, 'check')} ignored by {by}: {_listed(ignored)}."
    if settings.severity:
        graded = [f"{check} ({severity})" for check, severity in sorted(settings.severity.items())]
        yield f"The severity of {len(graded)} {_s('check', graded)} is set by {by}: {_listed(graded)}."
    if settings.min_severity is not None:
        yield f"Findings below {settings.min_severity} are left out by {by}."
    if settings.publishing:
        yield f"{by} takes records for published by {_listed(settings.publishing)}."
    for name in settings.audiences:
        yield audience_said(policy, name, by)
    if not settings.comments and policy.suppressions:
        count = len(policy.suppressions)
        yield (
            f"{count} comment that accepts findings was not heeded."
            if count == 1
            else f"{count} comments that accept findings were not heeded."
        )
    if settings.dependencies:
        yield from _dependencies_said(policy)


def _dependencies_said(policy: Policy) -> Iterator[str]:
    """Whether modules that others depend on were audited: those of which there is only a summary were not."""
    summaries = sorted(module.name for module in policy.modules.values() if module.facts)
    if any(module.context and not module.facts for module in policy.modules.values()):
        yield "The modules that others depend on were audited too."
    if summaries:
        one = len(summaries) == 1
        yield (
            f"{_listed(summaries)} {'was' if one else 'were'} not audited: Ostiary knows only a summary of "
            f"{'it' if one else 'each'}. Name the folder of Odoo's addons with --addons-path to audit "
            f"{'it' if one else 'them'} too."
        )


def accepted_said(settings: Settings, count: int, idle: Sequence[int]) -> Iterator[str]:
    """That findings were accepted by the settings, and which entries (`idle`) match none."""
    by = settings.name or "the settings"
    if idle:
        numbers = _listed([str(number) for number in idle])
        entries = "Entry" if len(idle) == 1 else "Entries"
        verb = "matches" if len(idle) == 1 else "match"
        yield f"{entries} {numbers} of [[accept]] in {by} {verb} no finding here."
    if count:
        yield f"{count} {'finding is' if count == 1 else 'findings are'} accepted by {by}."


def _counted(names: Sequence[str], noun: str) -> str:
    return f"{len(names)} {_s(noun, names)} {'is' if len(names) == 1 else 'are'}"


def _s(noun: str, names: Sequence[str]) -> str:
    return noun if len(names) == 1 else noun + "s"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
