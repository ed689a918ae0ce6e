"""security-file-not-loaded: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ostiary.audit.asking.facts import right_given, rule_said
from ostiary.audit.asking.wording import at_most, enumerated
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import UnloadedFile
from ostiary.policy.policy import Policy

_SHOWN = 6


@check(
    "security-file-not-loaded",
    "A security file is not loaded by the manifest",
    Severity.HIGH,
    references=("CWE-862", "OWASP A05:2021", "ASVS 4.0.3 V4.1.5"),
    tags=("files",),
)
def security_file_not_loaded(policy: Policy) -> Iterator[Finding]:
    """Looks for files with access rights or record rules that lie in a module and are never loaded.

    ## What it does

    Compares the files in a module's `security` folder with the `data` of its manifest, and reads those that
    are missing there. It is high where one holds a record rule for everybody, or for portal users or visitors,
    medium where it holds other record rules, low for access rights alone. Where Python code
    of the module names the file, a hook may load it, and confidence is low.

    ## Why it is bad

    Whoever reads the module sees a rule; Odoo never does. A missing access right shows at the first click. A
    missing record rule shows nowhere: everything simply stays visible.

    ## Example

    ```python
    "data": ["security/ir.model.access.csv"],  # security/offer_rules.xml is forgotten
    ```

    ## Use instead

    ```python
    "data": ["security/ir.model.access.csv", "security/offer_rules.xml"],
    ```

    ## References

    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    for file in policy.unloaded:
        if file.rights or file.rules:
            yield _finding(policy, file)


def _finding(policy: Policy, file: UnloadedFile) -> Finding:
    module = file.origin.module
    inside = _inside(file, module)
    labels = _labels(policy, file)
    counts = [_count(len(file.rights), "access right"), _count(len(file.rules), "record rule")]
    models = sorted({right.model for right in file.rights} | {rule.model for rule in file.rules})
    what = [rule_said(rule) for rule in file.rules] + [right_given(right) for right in file.rights]
    evidence = [Evidence(f"would define: {one.text}", one.origin) for one in what[:_SHOWN]]
    if len(what) > _SHOWN:
        evidence.append(Evidence(f"and {len(what) - _SHOWN} more"))
    if file.mentioned:
        evidence.append(Evidence(f"Python code of {module} names {inside}, and may load it"))
    return security_file_not_loaded.finding(
        at=file.origin,
        subject=f"{module}/{inside}",
        audience=labels,
        severity=_severity(file, labels),
        confidence=Confidence.LOW if file.mentioned else Confidence.HIGH,
        message=f"{enumerated([count for count in counts if count])} on {at_most(models)} {_take(file)} effect: the "
        f"manifest of {module} doesn't load {inside}.",
        evidence=evidence,
        fix=f'Add "{inside}" to "data" in {module}/__manifest__.py, or delete the file.',
    )


def _labels(policy: Policy, file: UnloadedFile) -> tuple[str, ...]:
    """Whom the rules are for, or the rights where there is no rule; `internal` where no share user is meant."""
    if file.rules:
        groups = [name for rule in file.rules for name in rule.group_names or (None,)]
    else:
        groups = [right.group for right in file.rights if right.group]
    found = dict.fromkeys(label for group in groups for label in audience_of(policy, group).labels)
    return tuple(found) or ("internal",)


def _severity(file: UnloadedFile, labels: tuple[str, ...]) -> Severity:
    if not file.rules:
        return Severity.LOW if any(right.modes for right in file.rights) else Severity.INFO
    return Severity.MEDIUM if labels == ("internal",) else Severity.HIGH


def _count(number: int, noun: str) -> str:
    return "" if not number else f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _take(file: UnloadedFile) -> str:
    return "never takes" if len(file.rights) + len(file.rules) == 1 else "never take"


def _inside(file: UnloadedFile, module: str) -> str:
    """The path as the manifest would name it."""
    parts = PurePosixPath(file.path).parts
    places = [place for place, part in enumerate(parts) if part == module]
    return "/".join(parts[places[-1] + 1 :]) if places else file.path
