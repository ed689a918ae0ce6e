"""Running an audit: which checks, in what order, and what is handed back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

import msgspec

from ostiary.audit.finding import Finding, Severity, fingerprint
from ostiary.audit.registry import Check, CheckError, catalogue
from ostiary.policy.concerned import for_tests
from ostiary.policy.definitions import Definition, Note, Problem, Unresolved
from ostiary.policy.policy import Policy

Progress = Callable[[str, int, int], None]


class UnknownCheck(ValueError):
    """A check was selected or ignored that does not exist."""


class Summary(msgspec.Struct, frozen=True):
    """How much was audited; definitions of modules that are only context are not counted.

    `context` is the number of those modules.
    """

    odoo: str
    modules: int
    context: int
    models: int
    groups: int
    rights: int
    rules: int


class AuditResult(msgspec.Struct, frozen=True):
    """What an audit found.

    `findings` are sorted, gravest first; `checks` are the ids that ran; `errors` the checks that stopped
    or could not be loaded, whose findings are missing. `unresolved` names what was needed but not read:
    what rests on it is reported with lower confidence. `problems` is what could not be read as Odoo would;
    `notes` is what was read and not carried out, because doing so means running code.
    """

    findings: tuple[Finding, ...]
    checks: tuple[str, ...]
    errors: tuple[CheckError, ...]
    summary: Summary
    unresolved: tuple[Unresolved, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...] = ()

    def count(self) -> dict[Severity, int]:
        """How many findings there are of each severity, gravest first, zeros included."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity: counts[severity] for severity in Severity}


def audit(
    policy: Policy,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    min_severity: Severity | None = None,
    progress: Progress | None = None,
) -> AuditResult:
    """Run the selected checks (all, when none is named) over a policy.

    A check that stops never ends the audit: it is named in the result's `errors`.
    Raises UnknownCheck, one sentence, for a name that is no check.
    """
    from ostiary.audit.proofs import proving  # takes long to import, and other commands need none

    with proving(policy):
        return _run(policy, *_choose(select, ignore), min_severity, progress)


def _run(
    policy: Policy,
    checks: tuple[Check, ...],
    errors: list[CheckError],
    min_severity: Severity | None,
    progress: Progress | None,
) -> AuditResult:
    found: list[Finding] = []
    for done, check in enumerate(checks):
        if progress:
            progress(check.id, done, len(checks))
        mine: list[Finding] = []
        try:
            for finding in check(policy):
                mine.append(finding)
        except Exception as error:
            errors.append(
                CheckError(check.id, f"The check {check.id} stopped: {type(error).__name__}: {error}")
            )
        found.extend(_audited(policy, mine))
    if progress:
        progress("", len(checks), len(checks))
    return AuditResult(
        findings=tuple(_sorted(_told_apart(found), min_severity)),
        checks=tuple(check.id for check in checks),
        errors=tuple(errors),
        summary=_summary(policy),
        unresolved=tuple(sorted(policy.unresolved, key=lambda missing: (missing.kind, missing.name))),
        problems=tuple(policy.problems),
        notes=tuple(note for note in policy.notes if note.origin.module not in _context(policy)),
    )


def _choose(select: Iterable[str], ignore: Iterable[str]) -> tuple[tuple[Check, ...], list[CheckError]]:
    known = catalogue()
    wanted, unwanted = frozenset(select), frozenset(ignore)
    ids = {check.id for check in known.checks} | {error.check for error in known.errors}
    for name in sorted((wanted | unwanted) - ids):
        near = get_close_matches(name, sorted(ids), n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the checks are {', '.join(sorted(ids))}."
        raise UnknownCheck(f"There is no check called {name}; {hint}")
    chosen = (
        check
        for check in known.checks
        if check.id not in unwanted and (not wanted or check.id in wanted or check.always)
    )
    return tuple(chosen), [error for error in known.errors if error.check not in unwanted]


def _audited(policy: Policy, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what concerns a module that was read only because others depend on it.

    A hidden module made for tests is never installed where it matters: what is found there is information only.
    """
    for finding in findings:
        module = policy.modules.get(finding.module)
        if module is None:
            yield finding
        elif not (module.context or module.facts):
            tests = for_tests(module)
            yield msgspec.structs.replace(finding, severity=Severity.INFO) if tests else finding


def _place(finding: Finding) -> tuple[object, ...]:
    """What findings are sorted by: gravity first, then the place."""
    return (
        -finding.severity.rank,
        finding.module,
        finding.path,
        finding.line,
        finding.check,
        finding.subject,
        finding.model or "",
        finding.audience,
        finding.message,
    )


def _sorted(findings: Iterable[Finding], least: Severity | None) -> list[Finding]:
    kept = (finding for finding in findings if least is None or finding.severity >= least)
    return sorted(kept, key=_place)


def _told_apart(findings: list[Finding]) -> Iterator[Finding]:
    """Give findings that share a fingerprint one each, by their order in the files."""
    seen: Counter[str] = Counter()
    for finding in sorted(findings, key=_place):
        seen[finding.fingerprint] += 1
        nth = seen[finding.fingerprint]
        if nth > 1:
            again = fingerprint((finding.fingerprint, str(nth)))
            yield msgspec.structs.replace(finding, fingerprint=again)
        else:
            yield finding


def _context(policy: Policy) -> set[str]:
    """The modules that were read only because others depend on them."""
    return {module.name for module in policy.modules.values() if module.context or module.facts}


def _summary(policy: Policy) -> Summary:
    context = _context(policy)

    def count(definitions: Iterable[Definition]) -> int:
        return sum(definition.origin.module not in context for definition in definitions)

    return Summary(
        odoo=policy.odoo,
        modules=len(policy.modules) - len(context),
        context=len(context),
        models=count(model for model in policy.models.values() if not model.unresolved),
        groups=count(group for group in policy.groups.values() if not group.unresolved),
        rights=count(policy.rights),
        rules=count(policy.rules),
    )
