"""What a report of proofs says beside them: what was promised, what was not read, why nothing was asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ostiary.policy import Policy
from ostiary.prove import Proof
from ostiary.prove.invariants import Invariant
from ostiary.report.sarif import in_file, location
from ostiary.report.text import enumerated, line, name, plural
from ostiary.report.words import unresolved_by_kind

_MOST = 6
OTHERWISE = (
    "Verdicts may be otherwise with that: group rules are alternatives, so a module that was not read may open what "
    "is isolated here."
)


class Asked(msgspec.Struct, frozen=True):
    """What was asked: the invariants, and where that came to no question at all, a sentence that says why.

    `agreed`: a second solver was asked too.
    """

    invariants: tuple[Invariant, ...] = ()
    nothing: str = ""
    agreed: bool = False

    def promise(self, proof: Proof) -> Invariant | None:
        """The invariant that a proof is about."""
        return next((one for one in self.invariants if one.name == proof.invariant), None)

    def promised(self, proof: Proof) -> str:
        """What was promised and why, in a sentence or two; empty where that is not known."""
        one = self.promise(proof)
        if one is None:
            return ""
        why = line(one.why).rstrip()
        why = why if not why or why[-1] in ".!?" else f"{why}."
        never = "no record at all" if one.never.strip() == "[]" else f"no record of {line(one.never)}"
        return f"Promised: {never}.{f' Why: {why}' if why else ''}"


AGREED = "cvc5 agreed with every verdict that it could decide."


def unread(*policies: Policy) -> list[str]:
    """Which modules were not found, and of which only the bundled summary was read, a sentence each.

    The last sentence says what that means for the verdicts. Empty where every module was read.
    """
    missing = unresolved_by_kind(one for each in policies for one in each.unresolved).get("module", [])
    said = []
    if missing:
        verb = "was" if len(missing) == 1 else "were"
        said.append(
            f"{plural(len(missing), 'module')} that others need {verb} not found: {_listed(missing)}."
        )
    known = summarised(*policies)
    if known:
        verb = "is" if len(known) == 1 else "are"
        said.append(
            f"{plural(len(known), 'module')} {verb} known by Ostiary's bundled summary only: {_listed(known)}."
        )
    return [*said, OTHERWISE] if said else []


def summarised(*policies: Policy) -> list[str]:
    """The modules of which only the bundled summary was read, sorted."""
    return sorted({module.name for each in policies for module in each.modules.values() if module.facts})


def unread_values(*policies: Policy) -> dict[str, list[Any]]:
    """The same for a program: what is missing as an audit has it, and the names of the modules summed up."""
    missing = {(one.kind, one.name): one for each in policies for one in each.unresolved}
    return {
        "unresolved": [
            {
                "kind": one.kind,
                "name": one.name,
                "needed_by": list(one.needed_by),
                "path": one.origin.path,
                "line": one.origin.line,
            }
            for _, one in sorted(missing.items(), key=lambda each: each[0])
        ],
        "summarised": list(summarised(*policies)),
    }


def notifications(policy: Policy) -> list[dict[str, Any]]:
    """The same for SARIF: a note for each module."""
    notes: list[dict[str, Any]] = []
    for missing in sorted(policy.unresolved, key=lambda one: one.name):
        if missing.kind == "module":
            note = _note(
                f"The module {missing.name} is needed but was not found. {OTHERWISE}", "unresolved-module"
            )
            notes.append(note | {"locations": [location(missing.origin)] if in_file(missing.origin) else []})
    for module in summarised(policy):
        notes.append(
            _note(f"The module {module} is known by Ostiary's bundled summary only. {OTHERWISE}", "summary")
        )
    return notes


def _note(text: str, kind: str) -> dict[str, Any]:
    return {"level": "note", "message": {"text": line(text)}, "descriptor": {"id": kind}}


def _listed(names: Iterable[str]) -> str:
    shown = [name(one) for one in names]
    rest = len(shown) - _MOST
    return enumerated([*shown[:_MOST], *([f"{rest} more"] if rest > 0 else [])])
