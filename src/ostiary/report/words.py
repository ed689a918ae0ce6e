"""The sentences that every report shares: the verdict, what was read and what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ostiary.audit import AuditResult, Confidence, Finding, Severity, all_checks
from ostiary.policy.definitions import Note, Unresolved
from ostiary.policy.policy import Policy
from ostiary.report.left_out import anything_left_out
from ostiary.report.text import enumerated, line, name, plural

_AUDIENCES = {
    "everyone": "Everyone",
    "public": "Public visitors",
    "portal": "Portal users",
    "internal": "Internal users",
}
_NAMED = 3
_ORDER = tuple(_AUDIENCES)

LIMIT = (
    "Examined is what was read: definitions, and what code and pages do as far as it could be followed. Code that was "
    "not read, JavaScript and server settings can show more, or less."
)


def method(policy: Policy) -> tuple[str, ...]:
    """How an audit is done, for somebody who has to rely on it."""
    database = policy.parameters is not None
    return (
        "Ostiary reads the definitions that decide access in Odoo: groups and what they imply, access rights, record "
        "rules, fields' groups and menus, and where source is at hand the code of routes, methods and pages. It puts "
        "them together as Odoo does when it loads the modules, and asks what each audience can reach.",
        "An audience is everybody whom a definition reaches: a right given to a group is also held by every group that "
        "implies it. That is why a finding can name portal users where the definition names another group.",
        "What a record rule lets through is proved, not guessed from its text: a solver looks for a user and a record "
        "of somebody else that pass. Where there are some, they are shown as an example, with names made up.",
        "The database was read in one transaction that can't write, and no business record of it was looked at."
        if database
        else "Nothing that was read is executed. No database was opened and no record was seen.",
    )


def limits(policy: Policy) -> tuple[str, ...]:
    """What an audit can't tell."""
    edited = (
        "What administrators changed in a running database (groups of users, rules switched off or added) is not part "
        "of the files."
    )
    return (
        LIMIT,
        *(() if policy.parameters is not None else (edited,)),
        "No finding means that none of the checks found one in what was read. It is not a proof that records are "
        "isolated: `ostiary prove` gives that.",
    )


def audience_label(label: str) -> str:
    """How an audience is named in a heading or a table: `Portal users`."""
    return _AUDIENCES.get(label) or name(label)


def audience_rank(label: str) -> tuple[int, str]:
    """What audiences are sorted by: the widest first, custom groups by name, internal users last."""
    if label == "internal":
        return (len(_ORDER), label)
    return (_ORDER.index(label) if label in _ORDER else len(_ORDER) - 1, label)


def audiences_phrase(labels: Iterable[str]) -> str:
    """`Portal users and public visitors`."""
    ranked = sorted(labels, key=audience_rank)
    if ranked[:1] == ["everyone"]:
        return "Everyone, logged in or not,"
    words = [f"Users of {name(label)}" if "." in label else audience_label(label) for label in ranked]
    return enumerated([word if at == 0 else word[0].lower() + word[1:] for at, word in enumerate(words)])


def outsiders(finding: Finding, result: AuditResult) -> set[str]:
    """Whom from outside the company a finding lets in."""
    return set(finding.audience).difference(("internal",), result.insiders)


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity, gravest first, zeros included."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in Severity}


def counts_phrase(findings: Iterable[Finding]) -> str:
    """`5 findings: 1 critical, 4 low`, or `No findings`."""
    by_severity = {severity: count for severity, count in counts(findings).items() if count}
    total = sum(by_severity.values())
    if not total:
        return "No findings"
    return f"{plural(total, 'finding')}: " + ", ".join(
        f"{count:,} {word}" for word, count in by_severity.items()
    )


def ran_phrase(result: AuditResult) -> str:
    """Which checks ran: `47 checks ran`, or `rule-invalid and 3 that always run` where not all of them did."""
    ran = set(result.checks)
    if all(check.id in ran for check in all_checks()):
        return f"{plural(len(ran), 'check')} ran"
    always = {check.id for check in all_checks() if check.always} & ran
    asked = [line(check) for check in result.checks if check not in always]
    if not asked or not always:
        return f"{plural(len(ran), 'check')} ran"
    named = ", ".join(asked) if len(asked) <= _NAMED else plural(len(asked), "check")
    return f"{named} and {len(always)} that always run{'s' if len(always) == 1 else ''}"


def verdict(result: AuditResult, least: Severity | None = None) -> str:
    """One or two sentences for somebody who reads no further.

    `least` is the severity below which findings were left out.
    """
    said = _verdict(result, least)
    return f"{said} Findings below {least} were left out." if least not in (None, Severity.INFO) else said


def _verdict(result: AuditResult, least: Severity | None) -> str:
    findings = result.findings
    if not findings and anything_left_out(result):
        return "None of the checks found anything but what was accepted or is not new."
    if not findings:
        if least not in (None, Severity.INFO):
            return f"None of the checks found anything {least}{'' if least is Severity.CRITICAL else ' or graver'}."
        whole = not (result.unresolved or result.problems or result.errors or result.notes)
        if whole:
            return "None of the checks found anything in these definitions."
        return "None of the checks found anything in what could be read, but not everything could be."
    share = [finding for finding in findings if outsiders(finding, result)]
    fatal = any(problem.fatal for problem in result.problems)
    if not share:
        if fatal:
            return "None of the findings lets portal users or public visitors in, but not everything could be read."
        return "None of the findings lets portal users or public visitors in."
    share = [finding for finding in share if finding.severity >= Severity.MEDIUM]
    if not share:
        return "The findings that concern portal users or public visitors are minor."
    reached = sorted({label for each in share for label in outsiders(each, result)}, key=audience_rank)
    modules = {each.module for each in share if each.module}
    where = f" in {plural(len(modules), 'module')}" if len(modules) > 1 else ""
    worst = min(share, key=lambda each: -each.severity.rank).severity
    who = audiences_phrase(reached) if len(reached) <= 3 else "People from outside the company"
    verb = "reaches" if who.startswith("Everyone") else "reach"
    if len(share) == 1:
        return f"{who} {verb} more than they should in one place, which is {worst}."
    return f"{who} {verb} more than they should in {len(share):,} places{where}, the gravest {worst}."


def read_phrase(result: AuditResult) -> str:
    """What was read: `2 modules, 8 models, 5 groups, 21 access rights, 12 record rules`."""
    read = result.summary
    parts = (
        (read.modules, "module"),
        (read.models, "model"),
        (read.groups, "group"),
        (read.rights, "access right"),
        (read.rules, "record rule"),
    )
    said = enumerated(plural(count, word) for count, word in parts)
    return f"{said}, with {plural(read.context, 'module')} they build on" if read.context else said


def unread_phrases(result: AuditResult) -> list[str]:
    """What was not examined and so is not known, a sentence each; empty where all was read."""
    said = []
    for kind, names in unresolved_by_kind(result.unresolved).items():
        listed = enumerated(name(each) for each in names[:6])
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        listed = listed if not more else ", ".join(name(each) for each in names[:6]) + more
        verb = "was" if len(names) == 1 else "were"
        said.append(f"{plural(len(names), kind)} that others need {verb} not found: {listed}.")
    if result.problems:
        said.append(f"{plural(len(result.problems), 'definition')} could not be read as Odoo would.")
    said.extend(line(note.message) for note in result.notes if about_version(note))
    places = sum(not about_version(note) for note in result.notes)
    if places:
        said.append(f"{plural(places, 'place')} where running code or a setting may change what was read.")
    said.extend(line(error.message) for error in result.errors)
    return said


def about_version(note: Note) -> bool:
    """Whether a note is about the whole reading: which Odoo it was taken to be for."""
    return note.kind.startswith("version-")


def unresolved_by_kind(unresolved: Iterable[Unresolved]) -> dict[str, list[str]]:
    """The names of what is missing, sorted, by kind: modules first."""
    found: dict[str, list[str]] = {}
    for missing in unresolved:
        found.setdefault(missing.kind, []).append(missing.name)
    order = {"module": 0, "model": 1, "group": 2}
    return {
        kind: sorted(set(found[kind])) for kind in sorted(found, key=lambda kind: (order.get(kind, 9), kind))
    }


def confidence_phrase(confidence: Confidence) -> str:
    """`high confidence`."""
    return f"{confidence} confidence"
