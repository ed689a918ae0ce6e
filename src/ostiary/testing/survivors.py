"""Mutants that no expectation noticed: whether they change anything, and what would notice them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ostiary.policy import MODES, Policy
from ostiary.testing.mutants import Mutant

if TYPE_CHECKING:
    from ostiary.prove import Difference, Prover, Witness

Progress = Callable[[str, int, int], None]
MOST_PROVED = 60
"""How many survivors are asked of a solver; the others are said as they are."""

_PROVABLE = ("drop-rule", "widen-domain", "drop-term", "drop-rule-group", "add-rule-group", "add-mode", "drop-mode",
               "add-group")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Survived:
    """A mutant that no expectation noticed. `equivalent`: it was proved to change nothing for anybody who holds one
    group. `hint` is a sentence: the expectation that would notice it."""

    mutant: Mutant
    equivalent: bool
    hint: str


class Survivors:
    """Asks the solver about survivors, as long as that is cheap."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def of(self, mutants: Sequence[Mutant], progress: Progress | None = None) -> list[Survived]:
        """What is to be said of each. Without a solver, of none is it known whether it changes anything."""
        found = []
        with contextlib.ExitStack() as stack:
            before = self._prover(stack)
            for done, mutant in enumerate(mutants):
                if progress is not None:
                    progress("Survivors", done, len(mutants))
                cheap = before is not None and done < MOST_PROVED and mutant.kind in _PROVABLE
                found.append(
                    self._one(before, mutant) if cheap and before else Survived(mutant, False, _plain(mutant))
                )
        return found

    def _prover(self, stack: contextlib.ExitStack) -> Prover | None:
        try:
            from ostiary.prove.prover import Prover

            return stack.enter_context(Prover(self.policy))
        except ModuleNotFoundError:
            return None

    def _one(self, before: Prover, mutant: Mutant) -> Survived:
        """What a mutant newly gives or takes away from somebody: the first that is found."""
        from ostiary.prove import Change
        from ostiary.prove.difference import Comparison, default_audiences
        from ostiary.prove.prover import Prover

        with Prover(mutant.policy) as after:
            comparison = Comparison(before, after)
            for audience in default_audiences(self.policy, mutant.policy):
                for mode in mutant.modes:
                    found = comparison.of(audience, mutant.model, mode)
                    if found.change is not Change.EQUIVALENT:
                        return Survived(mutant, False, _hint(self.policy, found, mutant))
        return Survived(mutant, True, "")


def _hint(policy: Policy, found: Difference, mutant: Mutant) -> str:
    """The expectation that a difference asks for."""
    whom = f"a user who holds {found.audience} and no other group"
    witness = found.gained or found.lost
    if witness is not None:
        can = "cannot" if found.gained is not None else "can"
        return f"Expect that {whom} {can} {found.mode} {_record(policy, witness, found.model)}."
    if found.change == "unknown":
        return f"Logic can't tell what {whom} can {found.mode} of {found.model}: expect something of a record of it."
    return _plain(mutant)


def _record(policy: Policy, witness: Witness, model: str) -> str:
    """The record of a witness in words: which of its users and companies are the user's own."""
    fields = policy.models[model].fields
    shown = []
    for name, value in sorted(witness.record.values.items()):
        if name in fields and name not in ("id", "name"):
            shown.append(f"{name}: {_value(fields[name].comodel, value, witness)}")
    values = ", ".join(shown)
    return f"a record of {model} with {{{values}}}" if shown else f"a record of {model}"


def _value(comodel: str | None, value: object, witness: Witness) -> str:
    if value is None or value is False:
        return "none" if comodel else "false"
    if comodel is None:
        return "true" if value is True else str(value)[:40]
    if comodel == "res.users":
        return "that user" if value == witness.user.id else "another user"
    if comodel == "res.company":
        return "one of their companies" if value in witness.companies else "another company"
    return "some" if isinstance(value, list) else "one"


def _plain(mutant: Mutant) -> str:
    """What would notice a mutant, by its kind."""
    modes = " or ".join(str(mode) for mode in MODES if mode in mutant.modes)
    match mutant.kind:
        case "drop-field-groups":
            return f"Expect that a user without these groups cannot read {mutant.model}.{mutant.field}."
        case "drop-implied":
            return f"Expect something of a user of {mutant.group} that only what it implies lets them do."
        case "drop-mode":
            return f"Expect that a user of its group can {modes} a record of {mutant.model}."
        case "add-mode" | "add-group":
            return f"Expect that a user of that group cannot {modes} a record of {mutant.model}."
    return f"Expect of users whom it binds which records of {mutant.model} they can {modes}, and which they cannot."
