"""Proofs as SARIF 2.1.0: what strangers reach, what is published, and what isn't known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ostiary import __version__
from ostiary.audit.finding import fingerprint
from ostiary.policy import Origin, Policy
from ostiary.policy.concerned import audited
from ostiary.prove import Proof
from ostiary.report import proofs as said_of
from ostiary.report.json_ import dumps
from ostiary.report.proofs import Entry, Section
from ostiary.report.proofs_asked import Asked, notifications
from ostiary.report.proofs_story import Teller
from ostiary.report.sarif import ROOT, SCHEMA, in_file, location, plain
from ostiary.report.text import line, name

# What is shown as isolated is no result: code scanning shows results.
_LEVELS = {
    Section.GAP: "error",
    Section.REFERENCE: "note",
    Section.PUBLISHED: "note",
    Section.UNKNOWN: "warning",
    Section.ABOUT_NOTHING: "warning",
}
_NOTHING_ELSE = Asked()
_SCORES = {"error": "8.0", "warning": "5.5", "note": "3.0"}
_RULES = {
    Section.GAP: "Somebody reaches records that nothing ties to them, or that they were promised not to reach.",
    Section.REFERENCE: "Anybody of an audience reads every record of a model that is about nobody in particular.",
    Section.PUBLISHED: "Anybody of an audience reads what is published.",
    Section.UNKNOWN: "Whether anybody reaches records that are none of theirs rests on something that can't be read.",
    Section.ABOUT_NOTHING: "No record could break the invariant, so it says nothing.",
}


def render(
    proofs: Sequence[Proof],
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    asked: Asked = _NOTHING_ELSE,
) -> str:
    """The proofs as SARIF text."""
    return dumps(document(proofs, policy, targets, asked))


def document(
    proofs: Sequence[Proof], policy: Policy, targets: Sequence[str] = (), asked: Asked = _NOTHING_ELSE
) -> dict[str, Any]:
    """The proofs as a SARIF log of one run; those that say the same are one result."""
    found = [one for one in said_of.entries(proofs, policy) if one.section in _LEVELS]
    rules = [
        (question, section)
        for question in ("isolation", "silo", "separation")
        for section in _LEVELS
        if any((one.proof.question, one.section) == (question, section) for one in found)
    ]
    teller = Teller(policy)
    driver = {
        "name": "Ostiary",
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Proves who reaches what by the access definitions of Odoo."},
        "rules": [_rule(*one) for one in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that Ostiary was started in."}}},
        "invocations": [
            {
                "executionSuccessful": not any(one.defect for one in proofs),
                "toolExecutionNotifications": notifications(policy),
            }
        ],
        "results": [_result(one, policy, teller, rules, asked) for one in found],
        "properties": {"odoo": policy.odoo, "targets": [str(target) for target in targets]},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _id(question: str, section: Section) -> str:
    return f"prove-{question}-{section.value}"


def _rule(question: str, section: Section) -> dict[str, Any]:
    level = _LEVELS[section]
    return {
        "id": _id(question, section),
        "name": "".join(word.capitalize() for word in _id(question, section).split("-")),
        "shortDescription": {"text": f"{question.capitalize()}: {said_of.title(section)[0].lower()}"},
        "fullDescription": {"text": _RULES[section]},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["security", "access-control"],
            "security-severity": _SCORES[level],
            "precision": "very-high",
            "problem.severity": {"note": "recommendation"}.get(level, level),
        },
    }


def _result(
    entry: Entry, policy: Policy, teller: Teller, rules: Sequence[tuple[str, Section]], asked: Asked
) -> dict[str, Any]:
    proof = entry.proof
    key = (proof.question, entry.section)
    who, modes = said_of.audiences(entry), said_of.modes(entry)
    said = [plain(f"{said_of.called(entry)}, {who}, {modes}: {said_of.verdict(proof)}.")]
    if promised := asked.promised(proof):
        said.append(plain(promised))
    if proof.witness is not None:
        told = teller.tell(proof.witness, proof.audience, proof.mode, silo=proof.question == "silo")
        said.append(plain(told.sentence))
    definitions = said_of.definitions(proof, policy)
    places = sorted(
        (one for one in definitions if in_file(one.origin)),
        key=lambda one: not audited(policy, one.origin.module),
    )
    model = policy.models.get(entry.model)
    first = places[0].origin if places else model.origin if model is not None else Origin(path="", line=0)
    named = (_id(*key), proof.invariant, entry.model, *entry.audiences, *entry.modes)
    mark = fingerprint(line(each) for each in named)
    result: dict[str, Any] = {
        "ruleId": _id(*key),
        "ruleIndex": rules.index(key),
        "level": _LEVELS[entry.section],
        "message": {"text": "\n\n".join(said)},
        "locations": [location(first, model=entry.model, subject=places[0].xmlid if places else "")],
        "partialFingerprints": {"ostiary/v1": mark, "primaryLocationLineHash": f"{mark}:1"},
        "properties": {
            "question": proof.question,
            **({"invariant": proof.invariant} if proof.invariant else {}),
            "verdict": proof.verdict.value,
            "audience": list(entry.audiences),
            "modes": [mode.value for mode in entry.modes],
            "model": entry.model,
            "rules": list(proof.rules),
            "assumptions": list(entry.assumptions),
        },
    }
    if places:
        result["relatedLocations"] = [
            {"id": at, **location(one.origin, text=name(one.xmlid))} for at, one in enumerate(places, 1)
        ]
    return result
