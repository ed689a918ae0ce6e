"""Which declared facts hold for the models and fields of a Policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from ostiary.policy import Field, Model, Policy
from ostiary.policy.memo import remembered
from ostiary.records.facts.read import Declared, FieldFact, ModelFact, declared

# A method whose name was not read, only that there is one.
_UNNAMED = "<python>"
_F = TypeVar("_F")


class Facts:
    """The declared facts that hold for a Policy's version."""

    def __init__(self, policy: Policy, known: Declared) -> None:
        self.policy = policy
        self.known = known

    def field(self, model: str, field: Field) -> FieldFact | None:
        """What is declared of a field of the model, itself or the nearest model it inherits from that is declared.

        None where nothing is, and where the class was read and has another method than the declared one.
        """
        for name in (model, *self._mixins(model)):
            facts = self._heard(name, self.known.fields.get((name, field.name)))
            if facts:
                return facts[-1] if self._same(facts[-1], field) else None
        return None

    def model(self, name: str) -> ModelFact:
        """What is declared of the model, or else of what it inherits from: these are attributes of Python classes."""
        said: dict[str, object] = {}
        for place in (*reversed(self._mixins(name)), name):
            for fact in self._heard(place, self.known.models.get(place)):
                said |= {
                    key: value
                    for key, value in msgspec.structs.asdict(fact).items()
                    if value not in (None, ())
                }
        return ModelFact(**said)  # type: ignore[arg-type]

    def _heard(self, model: str, facts: Mapping[str, _F] | None) -> list[_F]:
        """The facts of modules that are there, the last one loaded last."""
        if not facts:
            return []
        definition = self.policy.models.get(model)
        order = definition.modules if definition else ()
        there = [name for name in facts if name in self.policy.modules]
        there.sort(key=lambda name: order.index(name) if name in order else -1)
        return [facts[name] for name in there]

    def reviewed(self, module: str) -> bool:
        """Whether all that the module's classes say is declared, or known to be nothing."""
        return module in self.known.reviewed

    def unreviewed(self, model: Model) -> tuple[str, ...]:
        """The modules that define or extend the model and were not gone through."""
        return tuple(name for name in model.modules if not self.reviewed(name))

    def _same(self, fact: FieldFact, field: Field) -> bool:
        methods = (field.search, field.compute)
        if fact.method is None or field.groups_unread or _UNNAMED in methods:
            return True
        return fact.method in methods

    def _mixins(self, name: str) -> tuple[str, ...]:
        """The models it inherits from, nearest first; not those it delegates to."""

        def find() -> tuple[str, ...]:
            found: dict[str, None] = {}
            waiting = [name]
            while waiting:
                model = self.policy.models.get(waiting.pop(0))
                for other in model.inherit if model else ():
                    if other != name and other not in found:
                        found[other] = None
                        waiting.append(other)
            return tuple(found)

        return remembered(self.policy, ("mixins", name), find)


def facts_for(policy: Policy) -> Facts:
    """The facts for a Policy's version; none for a version that nothing is declared of."""
    return Facts(policy, declared(policy.semantics.domain.version))
