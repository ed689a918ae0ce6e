"""What is wrong with a file of access tests: sentences, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

_MOST_SAID = 20
_WHERE = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[(\.\.\.)\]")
_KINDS = {"array": "a list", "object": "a mapping", "str": "text", "int": "a number", "bool": "true or false",
          "null": "nothing", "float": "a number"}  # fmt: skip


class InvalidTests(ValueError):
    """A file of access tests that can't be used. `mistakes` is a sentence for each mistake, with its place in front;
    the message has one on each line."""

    def __init__(self, *mistakes: str) -> None:
        more = len(mistakes) - _MOST_SAID
        last = [f"There are {more} more such mistakes."] if more > 0 else []
        super().__init__("\n".join([*mistakes[:_MOST_SAID], *last]))
        self.mistakes = mistakes


def sentence(text: str) -> str:
    """A text with what ends a sentence."""
    return text if text.endswith(("?", ".")) else f"{text}."


def near(name: str, known: Iterable[str]) -> str:
    """How a sentence about a name that is not there ends: with what was probably meant, if anything."""
    found = get_close_matches(name, [one for one in dict.fromkeys(known) if one != name], n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def of_validation(
    message: str, known: Iterable[str], above: tuple[str | int, ...] = ()
) -> tuple[str, tuple[str | int, ...]]:
    """A validation error of msgspec as a sentence without its place, and the path of the value it is about, as far as
    the error says it: it names no keys of a mapping. `known` are the keys there are, for near misses; the value that
    was looked at stands at `above`."""
    found = _WHERE.search(message)
    steps: list[str | int] = [*above]
    for name, place, _any in _STEP.findall(found["path"]) if found else []:
        if not name and not place:
            break
        steps.append(name or int(place))
    said = message[: found.start()] if found else message
    where = tuple(steps)
    unknown = re.search(r"unknown field `([^`]*)`", said)
    missing = re.search(r"missing required field `([^`]*)`", said)
    kinds = re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", said)
    here = f"`{where[-1]}`" if where and isinstance(where[-1], str) else "this"
    if unknown:
        return f"there is no `{unknown[1]}` here{near(unknown[1], known)}", (*where, unknown[1])
    if missing:
        return f"`{missing[1]}` is missing", where
    if kinds:
        wanted = " or ".join(
            dict.fromkeys(_KINDS.get(one.strip(), one.strip()) for one in kinds[1].split("|"))
        )
        return f"{here} is {_KINDS.get(kinds[2], kinds[2])}, and should be {wanted}", where
    if "of length" in said:
        return f"{here} is {'empty' if '>=' in said else 'too long'}", where
    if "matching regex" in said:
        of_invariants = "letters (a to z), digits, spaces, dots, dashes and underscores"
        letters = of_invariants if "._ -" in said else "small letters (a to z), digits and underscores"
        return f"{here} is not named as it should be: a name has {letters}", where
    return f"{here} is not as it should be: {said[:1].lower()}{said[1:]}", where
