"""Proofs and differences as JSON: one object, the same from run to run. `docs/prove.schema.json` describes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ostiary import __version__
from ostiary.domain import to_english, to_odoo
from ostiary.policy import Mode, Policy
from ostiary.policy.effective import Unknown
from ostiary.prove import Condition, Difference, Proof, Row, Witness
from ostiary.report import proofs as said_of
from ostiary.report.json_ import dumps
from ostiary.report.proofs_asked import Asked, unread_values
from ostiary.report.proofs_story import Teller

FORMAT = 1
_NOTHING_ELSE = Asked()


def render(
    proofs: Sequence[Proof],
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    asked: Asked = _NOTHING_ELSE,
) -> str:
    """The proofs as JSON text, in the order in which they were made.

    `format` is raised when a reader of the document would have to change; new keys alone don't raise it.
    """
    tally = said_of.counts(said_of.entries(proofs, policy))
    teller = Teller(policy)
    return dumps(
        {
            "tool": "ostiary",
            "version": __version__,
            "format": FORMAT,
            "odoo": policy.odoo,
            "targets": [str(target) for target in targets],
            "summary": {section.value: tally[section] for section in said_of.Section},
            "proofs": [_proof(one, policy, teller, asked) for one in proofs],
            "nothing_asked": (asked.nothing or None) if not proofs else None,
            **unread_values(policy),
        }
    )


def _proof(proof: Proof, policy: Policy, teller: Teller, asked: Asked) -> dict[str, Any]:
    promise = asked.promise(proof)
    return {
        "question": proof.question,
        "invariant": proof.invariant or None,
        "never": promise.never if promise is not None else None,
        "why": (promise.why or None) if promise is not None else None,
        "model": proof.model,
        "audience": said_of.label(proof.audience),
        "mode": proof.mode.value,
        "verdict": proof.verdict.value,
        "section": said_of.section_of(proof, policy).value,
        "condition": _condition(proof.condition) if proof.condition is not None else None,
        "witness": _witness(proof.witness, teller, proof.audience, proof.mode, silo=proof.question == "silo"),
        "rules": list(proof.rules),
        "definitions": [
            {"name": one.xmlid, "path": one.origin.path, "line": one.origin.line}
            for one in said_of.definitions(proof, policy)
        ],
        "assumptions": list(proof.assumptions),
        "unknown": [unknown(one) for one in proof.unknown],
        "defect": proof.defect or None,
        "checked": proof.checked,
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "domain": to_odoo(condition.domain),
        "english": to_english(condition.domain),
        "alternatives": [to_odoo(one) for one in condition.alternatives],
        "sort": condition.sort.value,
        "user": list(condition.user),
        "complete": condition.complete,
    }


def _witness(
    witness: Witness | None, teller: Teller, audience: str, mode: Mode, *, silo: bool = False
) -> dict[str, Any] | None:
    if witness is None:
        return None
    roles = teller.roles(witness)
    return {
        "story": teller.tell(witness, audience, mode, silo=silo).sentence,
        "user": {"model": witness.user.model, "id": witness.user.id},
        "record": {"model": witness.record.model, "id": witness.record.id},
        "companies": list(witness.companies),
        "groups": list(witness.groups),
        "rows": [_row(row, roles.get((row.model, row.id), "")) for row in witness.rows],
        "reproduced": witness.reproduced,
    }


def _row(row: Row, role: str) -> dict[str, Any]:
    return {"model": row.model, "id": row.id, "role": role, "values": dict(row.values)}


def unknown(one: Unknown) -> dict[str, Any]:
    """Why something isn't certain."""
    return {"kind": one.kind, "text": one.text, "name": one.name or None}


def differences(found: Iterable[Difference], old: Policy, new: Policy, *, targets: Sequence[str] = ()) -> str:
    """The differences as JSON text. `targets` are what was compared, the old one first."""
    listed = list(found)
    gained, lost = Teller(new), Teller(old)
    rows = [
        {
            "model": one.model,
            "audience": said_of.label(one.audience),
            "mode": one.mode.value,
            "change": one.change.value,
            "wider": one.wider,
            "gained": _witness(one.gained, gained, one.audience, one.mode),
            "lost": _witness(one.lost, lost, one.audience, one.mode),
            "causes": list(one.causes),
            "assumptions": list(one.assumptions),
            "unknown": [unknown(each) for each in one.unknown],
            "defect": one.defect or None,
        }
        for one in listed
    ]
    tally = {
        word: sum(row["change"] == word for row in rows)
        for word in ("more", "incomparable", "less", "unknown")
    }
    return dumps(
        {
            "tool": "ostiary",
            "version": __version__,
            "format": FORMAT,
            "odoo": {"old": old.odoo, "new": new.odoo},
            "targets": [str(target) for target in targets],
            "summary": tally,
            "differences": rows,
            **unread_values(old, new),
        }
    )
