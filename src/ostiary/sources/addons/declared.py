"""A class declaration in its module, and the order in which Python looks things up among such classes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ostiary.policy import Origin
from ostiary.sources.addons.ops import ClassDecl, FieldDecl

_MAX_BASES = 200


@dataclass(slots=True, eq=False)
class Declared:
    """A class declaration in its module. `name` is the model's, set when the class is registered."""

    decl: ClassDecl
    module: str
    path: str
    name: str = ""
    kind: str = ""
    parents: list[str] = field(default_factory=list)
    python_bases: list[Declared] = field(default_factory=list)
    automatic: list[FieldDecl] | None = None

    def linear(self) -> list[Declared]:
        """The class and the model classes it derives from in Python, most derived first."""
        found: dict[Declared, None] = {}
        pending = [self]
        for _ in range(_MAX_BASES):
            if not pending:
                break
            declared = pending.pop()
            # A class that is reached twice comes after all that derive from it.
            found.pop(declared, None)
            found[declared] = None
            pending.extend(reversed(declared.python_bases))
        return list(found)

    def origin(self, line: int) -> Origin:
        return Origin(path=self.path, line=line, module=self.module)


def linearize(sequences: list[list[Declared | str]], bases: list[Declared | str]) -> list[Declared | str]:
    """C3 linearization; where Python would refuse, the plain order of the bases, each class once at its last place."""
    distinct: list[list[Declared | str]] = []
    for sequence in sequences:
        # One that another one ends with says nothing new.
        if sequence and not any(other[-len(sequence) :] == sequence for other in distinct):
            distinct.append(sequence)
    joined = [item for sequence in distinct for item in sequence]
    if len(set(joined)) == len(joined):
        return joined
    pending = [sequence for sequence in (*sequences, list(bases)) if sequence]
    heads = [0] * len(pending)
    # How often a class still stands behind another one: only a class that does not may come next.
    behind = Counter(item for sequence in pending for item in sequence[1:])
    result: list[Declared | str] = []
    remaining = sum(len(sequence) for sequence in pending)
    while remaining:
        ready = (
            sequence[head] for sequence, head in zip(pending, heads, strict=True) if head < len(sequence)
        )
        chosen = next((item for item in ready if not behind[item]), None)
        if chosen is None:
            return last_ordered([item for sequence in pending for item in sequence])
        result.append(chosen)
        for index, sequence in enumerate(pending):
            if heads[index] < len(sequence) and sequence[heads[index]] == chosen:
                heads[index] += 1
                remaining -= 1
                if heads[index] < len(sequence):
                    behind[sequence[heads[index]]] -= 1
    return result


def last_ordered(items: list[Declared | str]) -> list[Declared | str]:
    """Each item once, at its last place (Odoo's `LastOrderedSet`)."""
    kept: dict[Declared | str, None] = {}
    for item in items:
        kept.pop(item, None)
        kept[item] = None
    return list(kept)
