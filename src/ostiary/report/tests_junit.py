"""What became of access tests as JUnit XML: a suite for each file, a case for each expectation."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ostiary.report.tests_terminal import proof_said, reasons
from ostiary.report.text import block, line
from ostiary.testing.asked import Outcome
from ostiary.testing.run import Checked, FileResult


def render(results: Sequence[FileResult], mistakes: Sequence[str] = ()) -> str:
    """The results as XML text. What can't be decided is an error, and so is a file that could not be run."""
    suites = Element("testsuites", name="ostiary")
    for result in results:
        suite = SubElement(suites, "testsuite", name=line(result.path))
        for checked in result.checked:
            _case(suite, checked, result)
        _count(suite)
    if mistakes:
        suite = SubElement(suites, "testsuite", name="files")
        for mistake in mistakes:
            path = mistake.partition(":")[0]
            case = SubElement(suite, "testcase", classname=line(path), name="can be run")
            SubElement(case, "error", message=line(mistake))
        _count(suite)
    _count(suites)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _case(suite: Element, checked: Checked, result: FileResult) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=line(result.path),
        name=line(checked.title),
        file=line(checked.path),
        line=str(max(checked.line, 1)),
    )
    if checked.outcome is Outcome.PASSED:
        return
    tag, type_ = ("failure", "failed") if checked.outcome is Outcome.FAILED else ("error", "unknown")
    found = SubElement(case, tag, message=line(checked.text), type=type_)
    told = [reasons(checked), proof_said(checked, result.policy) if checked.proof else ""]
    found.text = block("\n".join(one for one in (f"{checked.path}:{checked.line}", *told) if one))


def _count(element: Element) -> None:
    """Say how many cases there are at and below an element, and how many of each outcome."""
    element.set("tests", str(len(list(element.iter("testcase")))))
    for attribute, tag in (("failures", "failure"), ("errors", "error")):
        element.set(attribute, str(len(list(element.iter(tag)))))
