"""What became of access tests as JSON: one object, the same from run to run. `docs/test.schema.json` describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ostiary import __version__
from ostiary.report.json_ import dumps
from ostiary.report.tests_terminal import proof_said, reasons
from ostiary.testing.asked import Outcome
from ostiary.testing.run import Checked, FileResult

FORMAT = 1


def render(
    results: Sequence[FileResult],
    *,
    mistakes: Sequence[str] = (),
    unusable: int = 0,
    coverage: list[dict[str, Any]] | None = None,
    mutation: dict[str, Any] | None = None,
) -> str:
    """The results as JSON text. `mistakes` are sentences about the `unusable` files, which could not be run."""
    found: dict[str, Any] = {
        "tool": "ostiary",
        "version": __version__,
        "format": FORMAT,
        "summary": {
            **{one.value: sum(result.count(one) for result in results) for one in Outcome},
            "left_out": sum(one.left for one in results),
            "unusable": unusable,
        },
        "mistakes": list(mistakes),
        "files": [
            {
                "path": result.path,
                "odoo": result.policy.odoo,
                "guarded": [
                    {
                        "model": one.model,
                        "mode": one.mode.value,
                        "path": one.origin.path,
                        "line": one.origin.line,
                    }
                    for one in result.guarded
                ],
                "expectations": [_one(one, result) for one in result.checked],
            }
            for result in results
        ],
    }
    if coverage is not None:
        found["coverage"] = coverage
    if mutation is not None:
        found["mutation"] = mutation
    return dumps(found)


def _one(checked: Checked, result: FileResult) -> dict[str, Any]:
    asked = checked.asked
    found: dict[str, Any] = {
        "title": checked.title,
        "outcome": checked.outcome.value,
        "path": checked.path,
        "line": checked.line,
        "text": checked.text or None,
        "why": checked.why or None,
        "reasons": reasons(checked) or None,
    }
    if asked is not None:
        found |= {
            "about": asked.about.value,
            "who": asked.who,
            "mode": asked.mode.value if asked.mode else None,
            "target": asked.target,
            "model": asked.model or None,
            "expected": asked.wanted.value,
            "answer": checked.answer.said.value if checked.answer else None,
            "companies": list(asked.chosen),
        }
    elif checked.proof is not None:
        proof = checked.proof
        found |= {
            "about": "never",
            "who": proof.audience,
            "mode": proof.mode.value,
            "target": None,
            "model": proof.model,
            "expected": "never",
            "answer": proof.verdict.value,
            "companies": [],
        }
        if checked.outcome is Outcome.FAILED:
            found["reasons"] = proof_said(checked, result.policy) or None
    return found
