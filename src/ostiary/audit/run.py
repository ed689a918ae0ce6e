"""Running an audit: which checks, in what order, and what is handed back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import msgspec

from ostiary.audit.bounds import refuse_too_large
from ostiary.audit.checking import answers
from ostiary.audit.decided.answerable import answerable
from ostiary.audit.decided.configuration import Settings, accepted_said, accepting, configured, idle, said
from ostiary.audit.decided.suppressions import UNUSED, sort_out
from ostiary.audit.finding import Confidence, Finding, Severity, fingerprint
from ostiary.audit.kept import Kept
from ostiary.audit.registry import OURS, Check, CheckError, catalogue
from ostiary.audit.result import AuditResult, Summary, Suppressed
from ostiary.policy.audience import share_groups
from ostiary.policy.concerned import for_tests, never_run
from ostiary.policy.definitions import Definition
from ostiary.policy.policy import Policy

Progress = Callable[[str, int, int], None]

_NO_SETTINGS = Settings()


class UnknownCheck(ValueError):
    """A check was selected or ignored that does not exist."""


def audit(
    policy: Policy,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    min_severity: Severity | None = None,
    settings: Settings = _NO_SETTINGS,
    progress: Progress | None = None,
    cache: Path | None = None,
) -> AuditResult:
    """Run the selected checks (all, when none is named) over a policy.

    `select` and `min_severity` take the place of what `settings` say, `ignore` is added to theirs; a check that is
    selected by name runs although the settings ignore it. A check that stops never ends the audit: it is named in the
    result's `errors`. `cache` is a folder in which what the checks find is kept, for auditing the same again.
    Raises UnknownCheck, one sentence, for a name that is no check, and TooLarge for a policy that can't be audited in
    bounded time.
    """
    from ostiary.audit.asking.proofs import proving  # takes long to import, and other commands need none

    judged = configured(policy, settings)
    chosen = _choose(tuple(select), tuple(ignore), settings)
    refuse_too_large(judged)
    with proving(judged):
        found, errors = _run(judged, chosen.checks, Kept(judged, cache), progress)
    errors = [*chosen.errors, *errors]
    stopped = {error.check for error in errors}
    ran = [check.id for check in chosen.checks if check.id not in stopped]
    sorted_out = sort_out(judged, _told_apart(_graded(judged, found, settings)), ran)
    findings, accepted = _accepted(sorted_out.findings, settings)
    unmatched = idle(settings, [*sorted_out.findings, *(one.finding for one in sorted_out.suppressed)], ran)
    if UNUSED in ran:
        from ostiary.audit.checks.unused_suppression import unused

        findings += _told_apart([unused(*each) for each in sorted_out.unused])
    least = min_severity or settings.min_severity
    suppressed = [
        one for one in (*sorted_out.suppressed, *accepted) if least is None or one.finding.severity >= least
    ]
    told = said(
        msgspec.structs.replace(settings, min_severity=None) if min_severity else settings,
        policy,
        chosen.ignored,
        chosen.by_settings,
    )
    return AuditResult(
        findings=tuple(_sorted(findings, least)),
        checks=tuple(check.id for check in chosen.checks),
        errors=tuple(errors),
        summary=_summary(judged),
        unresolved=tuple(sorted(policy.unresolved, key=lambda missing: (missing.kind, missing.name))),
        problems=tuple(policy.problems),
        notes=tuple(note for note in policy.notes if note.origin.module not in _context(judged)),
        suppressed=tuple(sorted(suppressed, key=lambda one: _place(one.finding))),
        settings=(*told, *accepted_said(settings, len(accepted), unmatched)),
        insiders=_insiders(policy, findings),
        left_out=_left_out(findings, (*sorted_out.suppressed, *accepted), least),
    )


def _run(
    policy: Policy, checks: Sequence[Check], kept: Kept, progress: Progress | None
) -> tuple[list[Finding], list[CheckError]]:
    """What the checks find: our own are not asked again what is kept."""
    waiting = [check for check in checks if check.origin != OURS or check.id not in kept.found]
    with closing(answers(policy, waiting, progress)) as answered:
        found = {answer.check.id: answer for answer in answered}
    kept.put(
        {
            check.id: found[check.id].findings
            for check in waiting
            if check.origin == OURS and found[check.id].error is None
        }
    )
    findings: list[Finding] = []
    for check in checks:
        answer = found.get(check.id)
        findings += answer.findings if answer else kept.found.get(check.id, ())
    return findings, [error for check in waiting if (error := found[check.id].error) is not None]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The checks to run, those that could not be loaded, and what the settings have to do with it."""

    checks: tuple[Check, ...]
    errors: tuple[CheckError, ...]
    ignored: tuple[str, ...]
    by_settings: bool


def _choose(select: tuple[str, ...], ignore: tuple[str, ...], settings: Settings) -> _Chosen:
    known = catalogue()
    wanted = frozenset(select or settings.select)
    theirs = frozenset(settings.ignore) - frozenset(select)
    unwanted = frozenset(ignore) | theirs
    _refuse_unknown({*select, *ignore}, settings)
    checks = tuple(
        check
        for check in known.checks
        if check.id not in unwanted and (not wanted or check.id in wanted or check.always)
    )
    left_out = (
        check.id
        for check in known.checks
        if check.id in theirs - frozenset(ignore) and (not wanted or check.id in wanted or check.always)
    )
    return _Chosen(
        checks,
        tuple(error for error in known.errors if error.check not in unwanted),
        tuple(sorted(left_out)),
        bool(settings.select) and not select,
    )


def _refuse_unknown(names: set[str], settings: Settings) -> None:
    """Raise UnknownCheck for a name that is no check, saying which file has it where one does."""
    known = catalogue()
    ids = {check.id for check in known.checks} | {error.check for error in known.errors}
    theirs = {*settings.select, *settings.ignore, *settings.severity}
    theirs |= {name for each in settings.accepted for name in each.checks}
    for name in sorted((names | theirs) - ids):
        where = f"{settings.name}: " if settings.name and name not in names else ""
        near = get_close_matches(name, sorted(ids), n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the checks are {', '.join(sorted(ids))}."
        raise UnknownCheck(f"{where}There is no check called {name}; {hint}")


def _graded(policy: Policy, findings: Iterable[Finding], settings: Settings) -> Iterator[Finding]:
    """The findings that audited modules answer for, with the severity that the settings give them.

    A hidden module made for tests is never installed where it matters: what is found there is information only. What
    code does that nothing imports is less certain.
    """
    resting = never_run(policy)
    for each in findings:
        finding = answerable(policy, each)
        if finding is None:
            continue
        module = policy.modules.get(finding.module)
        severity = settings.severity.get(finding.check, finding.severity)
        if module is not None and for_tests(module):
            severity = Severity.INFO
        sure = finding.confidence
        if finding.module in resting and finding.path.endswith(".py"):
            sure = min(sure, Confidence.MEDIUM)
        if (severity, sure) != (finding.severity, finding.confidence):
            finding = msgspec.structs.replace(finding, severity=severity, confidence=sure)
        yield finding


def _accepted(findings: Iterable[Finding], settings: Settings) -> tuple[list[Finding], list[Suppressed]]:
    """The findings that the settings do not accept, and those that they do."""
    kept: list[Finding] = []
    accepted: list[Suppressed] = []
    for finding in findings:
        by = accepting(settings, finding)
        if by is None:
            kept.append(finding)
        else:
            accepted.append(Suppressed(finding, by.reason, by.origin, in_source=False))
    return kept, accepted


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


def _left_out(
    findings: Iterable[Finding], accepted: Iterable[Suppressed], least: Severity | None
) -> tuple[str, ...]:
    """The fingerprints of what is there and not reported: what is below a severity, and what is accepted."""
    below = (one.fingerprint for one in findings if least is not None and one.severity < least)
    return tuple(sorted((*below, *(one.finding.fingerprint for one in accepted))))


def _told_apart(findings: Iterable[Finding]) -> Iterator[Finding]:
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


def _insiders(policy: Policy, findings: Iterable[Finding]) -> tuple[str, ...]:
    """The groups that findings are about and that no share user holds."""
    groups = {label for finding in findings for label in finding.audience if "." in label}
    return tuple(sorted(groups.difference(share_groups(policy))))


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
