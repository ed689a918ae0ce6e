"""Invariants: what must never be possible, written beside the addons in `ostiary.invariants.yaml`.

*Whoever holds `who` (and none of `unless`) never gets to `modes` a record of `model` that `never` selects.* The file is
read and held against a Policy here; `separation` decides. See docs/invariants.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from ostiary.domain import Domain, HasGroup, nodes, opaques, parse
from ostiary.policy import Mode, Origin, Policy, RecordRule, closure
from ostiary.policy.faults import faults
from ostiary.policy.groups import user_type_conflict
from ostiary.policy.semantics import USER_TYPES
from ostiary.policy.subject import WORDS
from ostiary.prove.invariant_fields import all_read, near_field, near_fields, near_names, unread_fields

if TYPE_CHECKING:
    from ostiary.prove.bounded_yaml import Document

FILE_NAME = "ostiary.invariants.yaml"
_MOST_WORDS = 200
_MOST_SAID = 20  # mistakes that one message tells of

_Group = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=_MOST_WORDS,
        description="A group's external id, or `portal`, `public` or `internal`.",
    ),
]
_Groups = _Group | Annotated[list[_Group], msgspec.Meta(min_length=1, max_length=50)]
_Modes = Mode | Annotated[list[Mode], msgspec.Meta(min_length=1, max_length=4)]


class InvalidInvariants(ValueError):
    """A file, or invariants, that can't be used. `faults` is a sentence for each mistake, with its place in front; the
    message has one on each line."""

    def __init__(self, *faults: str) -> None:
        more = len(faults) - _MOST_SAID
        last = [f"There are {more} more such mistakes."] if more > 0 else []
        super().__init__("\n".join([*faults[:_MOST_SAID], *last]))
        self.faults = faults


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An invariant as it is written."""

    name: Annotated[
        str,
        msgspec.Meta(
            pattern="^[A-Za-z0-9][A-Za-z0-9._ -]*$",
            max_length=_MOST_WORDS,
            description="What reports call it: letters (a to z), digits, spaces, dots, dashes and underscores,"
            " beginning with a letter or digit. No two of a file are called the same.",
        ),
    ]
    who: Annotated[
        _Groups, msgspec.Meta(description="Whom it is about. Of several groups it is asked one by one.")
    ]
    model: Annotated[
        str,
        msgspec.Meta(min_length=1, max_length=_MOST_WORDS, description="The model, by its technical name."),
    ]
    modes: Annotated[_Modes, msgspec.Meta(description="What must not be possible: one mode, or several.")]
    never: Annotated[
        str,
        msgspec.Meta(
            min_length=1,
            max_length=20_000,
            description="The records it must not be possible with, as a record rule's domain: Odoo's text, which may"
            " speak of `user`, `company_id` and `company_ids`. `[]` is every record.",
        ),
    ]
    why: Annotated[
        str, msgspec.Meta(max_length=2_000, description="The reason, for those who read a report.")
    ] = ""
    unless: Annotated[
        _Group | Annotated[list[_Group], msgspec.Meta(max_length=50)],
        msgspec.Meta(description="Who holds one of these groups too is excused."),
    ] = []
    with_any_groups: Annotated[
        bool,
        msgspec.Meta(
            description="Whether it holds whatever other groups the user holds, except those of `unless`. By default"
            " it is about users who hold `who`, what that implies, and nothing else."
        ),
    ] = False


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Invariants of Ostiary: what must never be possible."""

    version: Annotated[Literal[1], msgspec.Meta(description="The version of this format.")] = 1
    invariants: Annotated[list[Entry], msgspec.Meta(max_length=1_000)]


class _Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A File whose invariants are read one by one, so that a mistake in each of them can be told."""

    version: Literal[1] = 1
    invariants: Annotated[list[Any], msgspec.Meta(max_length=1_000)]


class Invariant(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One question of an entry: about one group and one mode. `path` and `lines` say where each key was read."""

    name: str
    who: str
    model: str
    mode: Mode
    never: str
    why: str = ""
    unless: tuple[str, ...] = ()
    with_any_groups: bool = False
    path: str = FILE_NAME
    lines: tuple[tuple[str, int], ...] = ()

    @cached_property
    def domain(self) -> Domain:
        """The records it is about."""
        return parse(self.never)

    @property
    def group(self) -> str:
        """The external id of `who`."""
        return group_named(self.who)

    @property
    def excused(self) -> frozenset[str]:
        """The external ids of `unless`."""
        return frozenset(group_named(name) for name in self.unless)

    def place(self, key: str = "name") -> str:
        """Where a key of it is, for a message."""
        line = self.line(key) or self.line("name")
        return f"{self.path}:{line}" if line else self.path

    def line(self, key: str) -> int:
        """The line of a key, 0 where it isn't known."""
        return dict(self.lines).get(key, 0)


def group_named(name: str) -> str:
    """The external id of a group, or of `portal`, `public`, `internal`."""
    return WORDS.get(name, name)


def schema() -> dict[str, object]:
    """The JSON schema of the file, for editors."""
    found = msgspec.json.schema(File)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE_NAME, **found}


# -- reading ---------------------------------------------------------------------------------------------------


def read_invariants(path: Path, shown: str | None = None) -> tuple[Invariant, ...]:
    """The invariants of a file, one for each group and mode, in its order. Raises InvalidInvariants.

    `shown` is what messages call the file. Nothing is known here of models and groups: see `check_invariants`.
    """
    from ostiary.prove.bounded_yaml import MOST_BYTES

    name = shown or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInvariants(f"{name}: {error.strerror or error}.") from None
    return parse_invariants(content, name)


def parse_invariants(content: bytes, shown: str = FILE_NAME) -> tuple[Invariant, ...]:
    """As `read_invariants`, of a file's content. Raises InvalidInvariants."""
    from ostiary.prove.bounded_yaml import InvalidYaml, read_yaml

    try:
        document = read_yaml(content)
    except InvalidYaml as error:
        raise InvalidInvariants(f"{shown}:{error.line}: {error.message}.") from None
    try:
        outline = msgspec.convert(document.value, _Outline)
    except msgspec.ValidationError as error:
        raise InvalidInvariants(_told(error, document, shown)) from None
    lines: dict[object, list[tuple[str, int]]] = {}
    for path, at in document.lines.items():
        if len(path) == 3 and path[0] == "invariants":
            lines.setdefault(path[1], []).append((str(path[2]), at))
    first: dict[str, int] = {}
    found: list[Invariant] = []
    mistakes: list[str] = []
    for index, value in enumerate(outline.invariants):
        here = ("invariants", index)
        try:
            entry = msgspec.convert(value, Entry)
        except msgspec.ValidationError as error:
            mistakes.append(_told(error, document, shown, here))
            continue
        line = document.line((*here, "name"))
        if entry.name in first:
            same = f"invariant {entry.name!r} has the name of the one on line {first[entry.name]}"
            mistakes.append(f"{shown}:{line}: {same}.")
        first.setdefault(entry.name, line)
        found += _questions(entry, shown, tuple(lines.get(index, ())))
    if mistakes:
        raise InvalidInvariants(*mistakes)
    return tuple(found)


def _questions(entry: Entry, path: str, lines: tuple[tuple[str, int], ...]) -> Iterator[Invariant]:
    modes = [entry.modes] if isinstance(entry.modes, Mode) else entry.modes
    for who in _several(entry.who):
        for mode in dict.fromkeys(modes):
            yield Invariant(
                name=entry.name, who=who, model=entry.model, mode=mode, never=entry.never, why=entry.why,
                unless=_several(entry.unless), with_any_groups=entry.with_any_groups, path=path, lines=lines,
            )  # fmt: skip


def _several(names: str | list[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))


_WHERE = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_SIZE = re.compile(r"Expected `(str|array)` of length (<=|>=) (\d+)")
_NAME = "letters (a to z), digits, spaces, dots, dashes and underscores, beginning with a letter or digit"
_KINDS = {"array": "a list", "object": "a mapping", "str": "text", "int": "a number", "bool": "true or false",
          "null": "nothing"}  # fmt: skip


def _told(error: Exception, document: Document, shown: str, here: tuple[str | int, ...] = ()) -> str:
    """A validation error of the value at a path, as a sentence with its place."""
    message, where = _in_words(str(error), here)
    return _sentence(f"{shown}:{document.line(where)}: {message}")


def _in_words(message: str, here: tuple[str | int, ...]) -> tuple[str, tuple[str | int, ...]]:
    """A validation error as the end of a sentence, and the path of the value it is about."""
    found = _WHERE.search(message)
    steps = _STEP.findall(found["path"]) if found else []
    where = (*here, *(name if name else int(place) for name, place in steps))
    said = message[: found.start()] if found else message
    named = _name_of(where)
    unknown = re.search(r"unknown field `([^`]*)`", said)
    missing = re.search(r"missing required field `([^`]*)`", said)
    kinds = re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", said)
    if unknown:
        known = File.__struct_fields__ if not where else Entry.__struct_fields__
        return f"there is no `{unknown[1]}` here{near_names(unknown[1], known)}", (*where, unknown[1])
    if missing:
        return f"`{missing[1]}` is missing", where
    if kinds and where[-1:] == ("never",) and kinds[2] == "array":
        return "`never` is a list: write the domain in quotes, as text", where
    if kinds:
        wanted = " or ".join(_KINDS.get(kind.strip(), kind.strip()) for kind in kinds[1].split("|"))
        return f"{named} is {_KINDS.get(kinds[2], kinds[2])}, and should be {wanted}", where
    if where[-1:] == ("name",) and "matching regex" in said:
        return f"`name` may have {_NAME}", where
    if size := _SIZE.fullmatch(said):
        things = "characters" if size[1] == "str" else "items"
        return f"{named} {'is empty' if size[2] == '>=' else f'has more than {size[3]} {things}'}", where
    enum = re.search(r"Invalid enum value (.*)", said)
    if enum and "modes" in where:
        return f"{enum[1]} is no mode: those are read, write, create and unlink", where
    if enum:
        return f"{named} can't be {enum[1]}", where
    return f"{named} is not as it should be: {said[:1].lower()}{said[1:]}", where


def _name_of(where: tuple[str | int, ...]) -> str:
    """How a sentence names the value at a path."""
    if not where:
        return "the file"
    if isinstance(where[-1], str):
        return f"`{where[-1]}`"
    return "an invariant" if where[:-1] == ("invariants",) else f"an item of `{where[-2]}`"


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


# -- against a Policy ------------------------------------------------------------------------------------------


def check_invariants(policy: Policy, invariants: tuple[Invariant, ...]) -> tuple[str, ...]:
    """What is wrong with invariants that are about this Policy, one sentence each, in order and with its place."""
    return tuple(dict.fromkeys(fault for one in invariants for fault in faults_of(policy, one)))


def faults_of(policy: Policy, invariant: Invariant) -> Iterator[str]:
    """What keeps an invariant from being asked of a Policy: unknown names, a domain that can't be read."""
    named = f"invariant {invariant.name!r}"
    for key, text in (*_group_faults(policy, invariant), *_model_faults(policy, invariant)):
        yield _sentence(f"{invariant.place(key)}: {named}: {text}")


def _group_faults(policy: Policy, invariant: Invariant) -> Iterator[tuple[str, str]]:
    known = {*policy.groups, *USER_TYPES}
    for key, name in (("who", invariant.who), *(("unless", one) for one in invariant.unless)):
        if group_named(name) not in known:
            yield key, f"there is no group {name}{near_names(name, [*WORDS, *policy.groups])}"
    held = closure(policy, (invariant.group,))
    excused = sorted(held & invariant.excused)
    if excused:
        yield "unless", f"it is about nobody: who holds {invariant.who} also holds {excused[0]}"
    conflict = user_type_conflict(held)
    if conflict:
        yield (
            "who",
            f"it is about nobody: {invariant.who} implies {' and '.join(conflict)}, which exclude each other",
        )


def _model_faults(policy: Policy, invariant: Invariant) -> Iterator[tuple[str, str]]:
    model = policy.models.get(invariant.model)
    if model is None:
        yield "model", f"there is no model {invariant.model}{near_names(invariant.model, policy.models)}"
        return
    if model.abstract:
        yield "model", f"model {invariant.model} is abstract: it has no records"
        return
    unread = [part.why or part.text for part in opaques(invariant.domain)]
    if unread:
        yield "never", f"the domain can't be understood: {unread[0]}"
        return
    for node in nodes(invariant.domain):
        if isinstance(node, HasGroup) and node.xmlid not in policy.groups:
            yield "never", f"there is no group {node.xmlid}{near_names(node.xmlid, policy.groups)}"
    origin = Origin(path=invariant.path, line=invariant.line("never"))
    rule = RecordRule(
        origin=origin, xmlid=invariant.name, model=invariant.model, domain_force=invariant.never
    )
    for fault in faults(policy, rule, invariant.domain):
        if fault.fails:
            yield "never", f"{fault.text}{near_field(policy, fault.text)}"
    for shown, missing in unread_fields(policy, invariant.model, invariant.domain):
        if all_read(policy, missing.model):
            near = near_fields(policy, missing)
            yield "never", f"{shown} names a field {missing.name}, which {missing.model} doesn't have{near}"
