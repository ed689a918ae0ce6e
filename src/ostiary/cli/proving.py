"""What `ostiary prove` and `ostiary diff` share: their options, whom and what they are about, and what solvers lack."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from ostiary.cli.options import listed
from ostiary.cli.output import Failure
from ostiary.policy import INTERNAL, USER_TYPES, Mode, Policy

_WORDS = {"internal": INTERNAL, "base.group_portal": "portal", "base.group_public": "public"}
_SOLVERS = {
    "z3": "Proofs need the package z3-solver, which is not installed: 'pip install z3-solver'.",
    "yaml": "Invariants need the package pyyaml, which is not installed: 'pip install pyyaml'.",
    "cvc5": "--cross-check needs the package cvc5, which is not installed: in a clone, pip install '.[cross-check]'.",
}

Audiences = Annotated[
    list[str] | None,
    typer.Option(
        "--as",
        "--audience",
        metavar="WHO",
        show_default=False,
        help="portal, public, internal, or a group's external id; repeat it for several. By default those from "
        "outside: portal users, public visitors and share groups of the modules' own.",
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="GLOB",
        show_default=False,
        help="Only models with such names, as in 'sale.*'; repeat it for several. By default those that the modules "
        "concern.",
    ),
]
Except = Annotated[
    list[str] | None,
    typer.Option(
        "--except",
        metavar="GLOB",
        show_default=False,
        help="Leave out models with such names, such as those that anybody may see; repeat it for several.",
    ),
]
Modes = Annotated[
    list[Mode] | None,
    typer.Option(
        "--mode", case_sensitive=False, show_default=False, help="Only this mode; repeat it for several."
    ),
]
CrossCheck = Annotated[
    bool,
    typer.Option(
        "--cross-check",
        help="Ask a second solver (cvc5) everything too, and stop where the two do not agree. It takes longer.",
    ),
]
WithWitness = Annotated[
    bool,
    typer.Option(
        "--witness", "-w", help="On a terminal, show the records of each witness and not only its sentence."
    ),
]


def named_audiences(policy: Policy, names: Sequence[str] | None) -> list[str] | None:
    """The audiences that are meant, as a proof names them. Raises Failure for one that is no group."""
    found = []
    for name in listed(names):
        word = _WORDS.get(name.lower(), name)
        if word not in ("portal", "public") and word not in policy.groups and word not in USER_TYPES:
            if name in policy.user_by_login:
                raise Failure(
                    f"{name} is a user, and proofs are of everybody who holds a group: name the group."
                )
            raise Failure(f"There is no group {name}{hint(name, [*_WORDS.values(), *policy.groups])}")
        found.append(word)
    return found or None


def hint(name: str, known: Sequence[str]) -> str:
    """How a sentence about a name that is not there ends: with near misses, where there are some."""
    near = get_close_matches(name, dict.fromkeys(known), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else " in what was read."


@contextlib.contextmanager
def solving() -> Iterator[None]:
    """Turns what a solver may lack or refuse into one sentence."""
    try:
        from ostiary.prove import Disagreement
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    try:
        yield
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    except Disagreement as error:
        raise Failure(
            f"The two solvers do not agree, so nothing is proved: {error}; please report this."
        ) from None


def _missing(error: ModuleNotFoundError) -> Exception:
    sentence = _SOLVERS.get((error.name or "").partition(".")[0])
    return Failure(sentence) if sentence else error
