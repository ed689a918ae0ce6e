"""The prover as an audit asks it."""

from __future__ import annotations

from typing import Any

import msgspec

from ostiary.policy.audience import EVERYONE
from ostiary.policy.definitions import Mode
from ostiary.policy.effective import Unknown
from ostiary.policy.groups import closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, USER_TYPES
from ostiary.policy.subject import Subject
from ostiary.prove.prover import WORDS, Prover
from ostiary.prove.verdict import Proof, Verdict
from ostiary.records.errors import RecordsError


class Asked(Prover):
    """A prover that knows audiences as an audit does: a group need not be defined, `everyone` is known by no group."""

    def __init__(self, policy: Policy, like: Prover | None = None) -> None:
        """`like` asks about the same models under other rules: verdicts alone are then wanted of this one."""
        super().__init__(policy)
        self.verdicts_only = like is not None
        if like is not None:
            self.schema = like.schema

    def of_other(self, **changes: Any) -> Asked:
        """A prover of the same policy with other definitions (`rules`, `rights`), about the same models."""
        return Asked(msgspec.structs.replace(self.policy, **changes), self)

    def subject(self, audience: str) -> Subject:
        if audience == EVERYONE:
            return Subject(name=EVERYONE, groups=frozenset())
        group = WORDS.get(audience, audience)
        held = closure(self.policy, (group,))
        if held.isdisjoint(USER_TYPES):  # whoever has no user type of their own is an internal user
            held |= closure(self.policy, (INTERNAL,))
        return Subject(name=group, groups=held, kind="group")

    def of(self, question: str, label: str, model: str, mode: Mode) -> Proof:
        """The answer to a question; unknown where the definitions are too few to ask it.

        What goes wrong with one proof must not lose the findings that don't hang on it.
        """
        ask = self.isolation if question == "isolation" else self.silo
        try:
            return ask(label, model, mode)
        except RecordsError as error:
            why = Unknown("records", str(error))
        except Exception as error:
            why = Unknown("defect", f"Ostiary failed to prove it ({type(error).__name__}: {error})")
        return Proof(question, model, label, mode, Verdict.UNKNOWN, unknown=(why,))

    def wants_witness(self, found: Proof) -> bool:
        """What is published on purpose is not reported, so that nobody asks for a witness of it."""
        published = found.condition is not None and found.condition.publishes
        return super().wants_witness(found) and not self.verdicts_only and not published
