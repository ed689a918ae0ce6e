"""How thorough access tests are: what no expectation asks for, and which changes none notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from ostiary.policy import Origin
from ostiary.report.lines import put, wrapped
from ostiary.report.text import line, name, place
from ostiary.testing.coverage import GROUPS, RIGHT, RULE, Covered
from ostiary.testing.mutate import Mutations
from ostiary.testing.survivors import Survived

_PLURALS = {RIGHT: "access rights", RULE: "record rules", GROUPS: "fields with groups"}

_NOTHING = ": no access right gives those whom it binds what it is about"


def render_coverage(found: Sequence[Covered], console: Console) -> None:
    """Print what no expectation rests on, with its places."""
    put(console, _coverage(found, console))


def _coverage(found: Sequence[Covered], console: Console) -> Iterator[Text]:
    parts = []
    for kind, words in _PLURALS.items():
        several = [one for one in found if one.kind == kind]
        if several:
            parts.append(f"{sum(bool(one.asked) for one in several)} of {len(several)} {words}")
    yield Text("Asked for: ", "bold").append(", ".join(parts) or "nothing that the addons define").append(".")
    for one in found:
        if one.missing or not one.asked:
            what = f": not to {_modes(one)}" if one.asked else "" if one.modes else _NOTHING
            said = (
                Text("  ")
                .append(f"{one.kind} {name(one.name)}{what}")
                .append(f"  {place(one.origin)}", "dim")
            )
            yield from wrapped(console, said, "", "    ")


def _modes(one: Covered) -> str:
    modes = [mode.value for mode in one.missing]
    return modes[0] if len(modes) == 1 else f"{', '.join(modes[:-1])} or {modes[-1]}"


def coverage_document(found: Sequence[Covered]) -> list[dict[str, Any]]:
    """The same as plain values: every definition, with the modes in which it is asked for and those in which not."""
    return [
        {
            "kind": one.kind,
            "name": one.name,
            **_place(one.origin),
            "asked": [mode.value for mode in one.asked],
            "missing": [mode.value for mode in one.missing],
        }
        for one in found
    ]


def render_mutation(mutations: Mutations, survived: Sequence[Survived], console: Console) -> None:
    """Print the changes that no expectation noticed, by definition, with what would notice each."""
    put(console, _mutation(mutations, survived, console))


def _mutation(mutations: Mutations, survived: Sequence[Survived], console: Console) -> Iterator[Text]:
    tried = len(mutations.tried)
    noticed = len(mutations.killed)
    same = sum(one.equivalent for one in survived)
    left = [one for one in survived if not one.equivalent]
    of = f" of {mutations.possible:,}" if mutations.possible > tried else ""
    text = f"{tried:,}{of} changes tried: {noticed:,} noticed"
    if same:
        text += f", {same:,} that change nothing"
    yield (
        Text("Mutants: ", "bold")
        .append(f"{text}, ")
        .append(f"{len(left):,} not noticed", "red" if left else "green")
        .append(".")
    )
    above = ""
    for one in left:
        mutant = one.mutant
        here = f"{mutant.definition}  {place(mutant.origin)}"
        if here != above:
            above = here
            head = (
                Text("  ").append(name(mutant.definition), "bold").append(f"  {place(mutant.origin)}", "dim")
            )
            yield from wrapped(console, head, "", "    ")
        yield from wrapped(console, Text(line(mutant.what)), "    ", "      ")
        yield from wrapped(console, Text(line(one.hint), "dim"), "      ", "      ")


def mutation_document(mutations: Mutations, survived: Sequence[Survived]) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "possible": mutations.possible,
        "tried": len(mutations.tried),
        "noticed": len(mutations.killed),
        "equivalent": [_mutant(one) for one in survived if one.equivalent],
        "survived": [{**_mutant(one), "hint": one.hint} for one in survived if not one.equivalent],
        "killed": [
            {"change": key[0], "kind": mutations.tried[key].kind, "by": by}
            for key, by in sorted(mutations.killed.items())
        ],
    }


def _mutant(one: Survived) -> dict[str, Any]:
    return {"change": one.mutant.title, "kind": one.mutant.kind, **_place(one.mutant.origin)}


def _place(origin: Origin) -> dict[str, Any]:
    return {"path": origin.path, "line": origin.line}
