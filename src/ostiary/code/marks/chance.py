"""Whether what an expression comes to can be guessed: it is drawn from `random`, from the time, or from ids alone.

`secrets`, `uuid4`, `os.urandom` and `random.SystemRandom` can't be guessed, nor what a secret goes into.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from enum import IntEnum

from ostiary.code.marks.names import secret_sort
from ostiary.code.marks.walk import text_of

_DRAWS = frozenset({"randint", "randrange", "random", "getrandbits", "uniform", "randbytes", "triangular"})
_PICKS = frozenset({"choice", "choices", "sample"})
_TIMES = frozenset({"time", "time_ns", "now", "utcnow", "today", "monotonic", "perf_counter"})
_TIME_OWNERS = frozenset({"time", "datetime", "date", "Datetime", "Date"})
_UNGUESSABLE = frozenset(
    {
        "uuid4",
        "urandom",
        "token_hex",
        "token_urlsafe",
        "token_bytes",
        "randbelow",
        "SystemRandom",
        "get_param",
        "hmac",
    }
)
_HASHES = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "new", "crc32", "uuid5"}
)
_PASSES_ON = frozenset(
    {
        "str",
        "int",
        "hex",
        "bytes",
        "format",
        "join",
        "zfill",
        "upper",
        "lower",
        "encode",
        "decode",
        "hexdigest",
        "digest",
    }
    | {
        "strip",
        "replace",
        "rjust",
        "ljust",
        "b64encode",
        "urlsafe_b64encode",
        "b32encode",
        "hexlify",
        "strftime",
        "list",
    }
    | {
        "isoformat",
        "timestamp",
        "tuple",
        "sorted",
        "round",
        "abs",
        "oct",
        "bin",
        "repr",
        "float",
        "title",
        "to_string",
    }
)
_LETTERS = re.compile(
    r"char|alphabet|letter|digit|symbol|pool|ascii|hexdigits|printable|numbers", re.IGNORECASE
)
_KNOWN = re.compile(r"(?:^|_)(?:ids?|uid|login|email|create_date|write_date|create_uid)$")
_OF_A_UUID = frozenset({"hex", "bytes", "int", "urn"})
_DEEPEST = 40


class Guess(IntEnum):
    """Of what a value is made that can be guessed. A greater one says more."""

    NO = 0
    IDS = 1
    TIME = 2
    UUID1 = 3
    RANDOM = 4


@dataclass(slots=True)
class Names:
    """What names stand for in a file: modules and functions that were imported, and in a function what was assigned.

    `helpers` are functions of the file that return what can be guessed, and are not called so that it would show.
    """

    modules: dict[str, str] = field(default_factory=dict)
    functions: dict[str, tuple[str, str]] = field(default_factory=dict)
    helpers: dict[str, Guess] = field(default_factory=dict)
    local: dict[str, tuple[Guess, ast.AST]] = field(default_factory=dict)
    shadowed: set[str] = field(default_factory=set)
    secret: set[str] = field(default_factory=set)
    built: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)

    def called(self, func: ast.expr) -> tuple[str, str]:
        """The module and the name of what is called: `random` and `choice`, whatever they are imported as."""
        match func:
            case ast.Name(id=name):
                return ("", name) if name in self.shadowed else self.functions.get(name, ("", name))
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                return ("", name) if owner in self.shadowed else (self.modules.get(owner, owner), name)
            case ast.Attribute(value=ast.Attribute(attr=owner), attr=name):
                return owner, name
            case ast.Attribute(attr=name):
                return "", name
        return "", ""


@dataclass(slots=True)
class Found:
    """What was found in an expression: how it can be guessed, where, and whether something in it forbids that."""

    guess: Guess = Guess.NO
    at: ast.AST | None = None
    hashed: bool = False
    built: bool = False
    opaque: bool = False
    secret: bool = False

    def note(self, guess: Guess, at: ast.AST) -> None:
        if guess > self.guess:
            self.guess, self.at = guess, at

    @property
    def verdict(self) -> tuple[Guess, ast.AST] | None:
        """How the value can be guessed and the place that says so; None where it can't, or nothing says so.

        What `random` draws stays guessable beside something unknown; time and ids don't.
        """
        if self.secret or self.at is None or self.guess is Guess.NO:
            return None
        if self.opaque and self.guess < Guess.UUID1:
            return None
        return None if self.guess is Guess.IDS and not self.hashed else (self.guess, self.at)


def guessed(node: ast.expr, names: Names) -> Found:
    """What can be guessed of an expression."""
    found = Found()
    _look(node, names, found, 0)
    return found


def _look(node: ast.AST, names: Names, found: Found, depth: int) -> None:
    if depth > _DEEPEST:
        found.secret = True
        return
    match node:
        case ast.Call():
            _call(node, names, found, depth + 1)
        case ast.Name(id=name):
            if name in names.local:
                found.note(*names.local[name])
                found.built = found.built or name in names.built
            elif name in names.secret:
                found.secret = True
            else:
                _named(node, name, found)
        case ast.Attribute(value=ast.Call() as made, attr=name) if name in _OF_A_UUID:
            _look(made, names, found, depth + 1)
        case ast.Attribute(attr=name):
            _named(node, name, found)
        case ast.Subscript(value=value, slice=key):
            if secret_sort(text_of(key)) is not None:
                found.secret = True
            _look(value, names, found, depth + 1)
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element) | ast.SetComp(elt=element):
            found.built = True
            _look(element, names, found, depth + 1)
        case _:
            for child in ast.iter_child_nodes(node):
                _look(child, names, found, depth + 1)


def _named(node: ast.AST, name: str, found: Found) -> None:
    if secret_sort(name) is not None:
        found.secret = True
    elif _KNOWN.search(name):
        found.note(Guess.IDS, node)
    elif not _LETTERS.search(name):
        found.opaque = True


def _call(node: ast.Call, names: Names, found: Found, depth: int) -> None:
    module, name = names.called(node.func)
    arguments: list[ast.expr] = [*node.args, *(keyword.value for keyword in node.keywords)]
    if name in _UNGUESSABLE or module == "secrets":
        found.secret = True
        return
    if module == "random" and name in _DRAWS:
        found.note(Guess.RANDOM, node)
        return
    if module == "random" and name in _PICKS:
        if node.args and are_letters(node.args[0], names):
            found.built = found.built or name != "choice"
            found.note(Guess.RANDOM, node)
        else:
            found.opaque = True  # one of what is there already
        return
    if name == "uuid1":
        found.note(Guess.UUID1, node)
        return
    if name in _TIMES and (module in _TIME_OWNERS or (module, name) == ("", "time_ns")):
        found.note(Guess.TIME, node)
        return
    if name in names.helpers and module in ("", "self", "cls"):
        found.built = True
        found.note(names.helpers[name], node)
        return
    if name in _PASSES_ON or (name in _HASHES and module in ("hashlib", "", "zlib", "uuid")):
        found.hashed = found.hashed or name in _HASHES or "64" in name
        found.built = found.built or name == "join"
        if isinstance(node.func, ast.Attribute) and module not in (
            "hashlib",
            "base64",
            "zlib",
            "uuid",
            "binascii",
        ):
            _look(node.func.value, names, found, depth)
        for argument in arguments:
            _look(argument, names, found, depth)
        return
    found.opaque = True


def are_letters(node: ast.expr, names: Names) -> bool:
    """Whether something is picked from letters or digits, and not from records or texts that are there."""
    match node:
        case ast.Constant(value=str(text)):
            return len(text) > 1
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in names.letters or bool(_LETTERS.search(name))
        case ast.BinOp(left=left, right=right):
            return are_letters(left, names) or are_letters(right, names)
        case ast.Call(func=ast.Name(id="range")):
            return True
        case ast.Call(func=ast.Name(id="list" | "tuple"), args=[inner]):
            return are_letters(inner, names)
    return False
