"""Definitions that do nothing as JSON (`docs/waste.schema.json` describes it), SARIF and an HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ostiary import __version__
from ostiary.audit.finding import fingerprint
from ostiary.policy import Origin, Policy
from ostiary.prove import Waste
from ostiary.report import proofs_waste as said_of
from ostiary.report.html import digest, environment, page_part, project
from ostiary.report.json_ import dumps
from ostiary.report.proofs_json import unknown
from ostiary.report.proofs_waste import Group, Idle
from ostiary.report.sarif import ROOT, SCHEMA, in_file, location, plain
from ostiary.report.text import line, name

FORMAT = 1
_KINDS = ("vacuous", "redundant", "shadowed", "never-applies", "grants-nothing")
_SORTS = {Group.RULES: "record-rule", Group.NOTHING: "access-right", Group.REPEATED: "access-right"}
_MEANS = {
    Group.RULES: "Without the record rule, everybody could do what they can now.",
    Group.NOTHING: "The access right gives nobody anything.",
    Group.REPEATED: "Everybody who has the access right has what it gives by another one already.",
}


def as_json(found: Sequence[Waste], policy: Policy, *, targets: Sequence[str] = ()) -> str:
    """What does nothing as JSON text: record rules first, then access rights.

    `format` is raised when a reader of the document would have to change; new keys alone don't raise it.
    """
    listed = said_of.idle(found, policy)
    tally = Counter(one.waste.kind for one in listed)
    return dumps(
        {
            "tool": "ostiary",
            "version": __version__,
            "format": FORMAT,
            "odoo": policy.odoo,
            "targets": [str(target) for target in targets],
            "summary": {kind: tally[kind] for kind in _KINDS},
            "waste": [_row(one) for one in listed],
        }
    )


def _row(one: Idle) -> dict[str, Any]:
    return {
        "kind": one.waste.kind,
        "definition": one.waste.definition,
        "sort": _SORTS[one.group],
        "model": one.waste.model,
        "modes": [mode.value for mode in one.waste.modes],
        "module": one.module,
        "path": one.origin.path,
        "line": one.origin.line,
        "why": one.waste.why,
        "by": [{"name": called, "path": where.path, "line": where.line} for called, where in one.by],
        "only_with": list(one.beyond),
        "unknown": [unknown(each) for each in one.waste.unknown],
    }


def as_sarif(found: Sequence[Waste], policy: Policy, *, targets: Sequence[str] = ()) -> str:
    """What does nothing as SARIF text: a note for each definition."""
    listed = said_of.idle(found, policy)
    groups = [group for group in Group if any(one.group is group for one in listed)]
    driver = {
        "name": "Ostiary",
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Proves who reaches what by the access definitions of Odoo."},
        "rules": [_rule(group) for group in groups],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that Ostiary was started in."}}},
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(one, policy, groups) for one in listed],
        "properties": {"odoo": policy.odoo, "targets": [str(target) for target in targets]},
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _id(group: Group) -> str:
    return f"waste-{group.value}"


def _rule(group: Group) -> dict[str, Any]:
    return {
        "id": _id(group),
        "name": "".join(word.capitalize() for word in _id(group).split("-")),
        "shortDescription": {"text": said_of.title(group)[0]},
        "fullDescription": {"text": _MEANS[group]},
        "defaultConfiguration": {"level": "note"},
        "properties": {
            "tags": ["access-control", "maintainability"],
            "precision": "very-high",
            "problem.severity": "recommendation",
        },
    }


def _result(one: Idle, policy: Policy, groups: Sequence[Group]) -> dict[str, Any]:
    model = policy.models.get(one.waste.model)
    first = one.origin
    if not in_file(first):
        first = model.origin if model is not None else Origin(path="", line=0)
    mark = fingerprint(line(each) for each in (_id(one.group), one.waste.definition))
    said = f"{one.waste.definition}, on {one.waste.model}: {said_of.why(one)}"
    result: dict[str, Any] = {
        "ruleId": _id(one.group),
        "ruleIndex": groups.index(one.group),
        "level": "note",
        "message": {"text": plain(said)},
        "locations": [location(first, model=one.waste.model, subject=one.waste.definition)],
        "partialFingerprints": {"ostiary/v1": mark, "primaryLocationLineHash": f"{mark}:1"},
        "properties": {
            "kind": one.waste.kind,
            "model": one.waste.model,
            "modes": [mode.value for mode in one.waste.modes],
        },
    }
    places = [(called, where) for called, where in one.by if in_file(where)]
    if places:
        result["relatedLocations"] = [
            {"id": at, **location(where, text=name(called))} for at, (called, where) in enumerate(places, 1)
        ]
    return result


def as_html(found: Sequence[Waste], policy: Policy, *, targets: Sequence[str] = (), title: str = "") -> str:
    """What does nothing as a page that needs nothing else. `title` names the project, by default its modules."""
    style = page_part("report.css") + page_part("proofs.css")
    listed = said_of.idle(found, policy)
    values: dict[str, Any] = {
        "version": __version__,
        "title": title or project(policy, targets),
        "targets": [str(target) for target in targets],
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": digest(style),
        "policy": policy,
        "groups": [
            (group, same) for group in Group if (same := [one for one in listed if one.group is group])
        ],
        "found": listed,
        "said": said_of,
    }
    return environment().get_template("waste.html.j2").render(values)
