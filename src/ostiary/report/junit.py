"""An audit as JUnit XML: what continuous integration servers show as tests.

Each check is a suite. A finding is a failed case; what is information only, or is accepted with a reason, is a skipped
one; a check that found nothing is one passed case, and a check that stopped one with an error.
"""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ostiary.audit import AuditResult, Finding, Severity
from ostiary.policy.policy import Policy
from ostiary.report import witness
from ostiary.report.text import block, line, place


def render(result: AuditResult, policy: Policy) -> str:
    """The audit as XML text."""
    suites = Element("testsuites", name="ostiary")
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        found[finding.check].append(finding)
    accepted = {one.finding.check for one in result.suppressed}
    errors = {error.check: error.message for error in result.errors}
    for check in sorted({*result.checks, *found, *errors, *accepted}):
        suite = SubElement(suites, "testsuite", name=line(check))
        for finding in found[check]:
            _case(suite, finding, policy)
        for one in result.suppressed:
            if one.finding.check == check:
                case = _named(suite, one.finding)
                SubElement(case, "skipped", message=line(f"accepted: {one.reason}"))
        if check in errors:
            case = SubElement(suite, "testcase", classname=line(check), name="runs")
            SubElement(case, "error", message=line(errors[check]))
        if not len(suite):
            SubElement(suite, "testcase", classname=line(check), name="nothing found")
        _count(suite)
    _count(suites)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _named(suite: Element, finding: Finding) -> Element:
    """A case. Its name tells two findings apart and stays the same when lines move, so that servers know it again."""
    about = f"{finding.subject} on {finding.model}" if finding.model else finding.subject
    whom = f" for {', '.join(finding.audience)}" if finding.audience else ""
    return SubElement(
        suite,
        "testcase",
        classname=line(f"{finding.check}.{finding.module}"),
        name=line(f"{about}{whom} [{finding.fingerprint}]"),
        file=line(finding.path),
        line=str(max(finding.line, 1)),
    )


def _case(suite: Element, finding: Finding, policy: Policy) -> None:
    case = _named(suite, finding)
    if finding.severity is Severity.INFO:
        SubElement(case, "skipped", message=line(f"information only: {finding.message}"))
        return
    failure = SubElement(case, "failure", message=line(finding.message), type=finding.severity.value)
    failure.text = block(_text(finding, policy))


def _text(finding: Finding, policy: Policy) -> str:
    """What a reader needs to act: where, on what grounds, and how to mend it."""
    said = [f"{place(finding.origin)}: {finding.severity}, {finding.confidence} confidence"]
    for step in finding.evidence:
        where = f" ({place(step.origin)})" if step.origin is not None and step.origin.path else ""
        said.append(f"- {line(step.text)}{where}")
    shown = witness.sentence(finding, policy)
    if shown:
        said.append(line(shown))
    if finding.fix:
        said += ["To mend it:", finding.fix]
    return "\n".join(said)


def _count(element: Element) -> None:
    """Say how many cases there are at and below an element, and how many of each outcome."""
    element.set("tests", str(len(list(element.iter("testcase")))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(list(element.iter(tag)))))
