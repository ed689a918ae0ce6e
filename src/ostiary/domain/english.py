"""A domain in English, for readers who do not write domains."""

from __future__ import annotations

from collections.abc import Callable

from .english_values import is_many, test_to_english, unset_in, value_to_english
from .nodes import And, Constant, Domain, IfElse, Not, Opaque, Or, Term
from .operators import OPERATORS, find_operator
from .problems import shorten
from .values import Concat, Literal, Sequence, Subdomain, Value

Label = Callable[[str], str]

_EMPTY = (Literal(False), Literal(None))


def to_english(domain: Domain, label: Label | None = None) -> str:
    """What a domain asks of a record, as a phrase that fits behind "records where".

    ``label`` turns a field path, from the outermost model (``line_ids.product_id``), into the words to show;
    without it fields are shown as they are written. What cannot be read is said to be so. Raises nothing.
    """
    return _Speaker(label).domain(domain, "")


class _Speaker:
    def __init__(self, label: Label | None) -> None:
        self.label = label

    def domain(self, domain: Domain, prefix: str) -> str:
        match domain:
            case Constant(value):
                return "always" if value else "never"
            case And(items):
                return _joined([self.part(item, prefix) for item in items], "and")
            case Or(items):
                return _joined([self.part(item, prefix) for item in items], "or")
            case Not(Term() as term):
                return f"it is not so that {self.term(term, prefix)}"
            case Not(item):
                return f"not ({self.domain(item, prefix)})"
            case IfElse(test, then, otherwise):
                return (
                    f"if {test_to_english(test)}, then {self.part(then, prefix)}; "
                    f"otherwise {self.part(otherwise, prefix)}"
                )
            case Term():
                return self.term(domain, prefix)
            case Opaque(text):
                return f"a condition Ostiary cannot read (`{shorten(text)}`)"
        raise TypeError(f"not a domain: {type(domain).__name__}")

    def part(self, domain: Domain, prefix: str) -> str:
        """A domain inside a sentence: in brackets when it is a sentence of its own."""
        text = self.domain(domain, prefix)
        return f"({text})" if isinstance(domain, And | Or | IfElse | Not) else text

    def term(self, term: Term, prefix: str) -> str:
        name = self.label(prefix + term.path) if self.label is not None else term.path
        many = term.path.endswith("_ids")
        row = find_operator(term.operator)
        operator = (row.same_as or row.name) if row is not None else term.operator
        if isinstance(term.value, Subdomain):
            inner = self.domain(term.value.domain, f"{prefix}{term.path}.")
            if term.value.domain == Constant(True):
                inner = "there is one"
            no = operator.startswith("not")
            if many:
                return f"{'no' if no else 'some'} record of {name} is one where ({inner})"
            return f"{name} is {'not ' if no else ''}one where ({inner})"
        return f"{name} {_predicate(operator, term.value, many)}"


def _predicate(operator: str, value: Value, many: bool) -> str:
    """What is said of a field: ``is one of the user's active companies or not set``."""
    be = "are" if many else "is"
    if value in _EMPTY and operator in ("=", "!="):
        return f"{be} not set" if operator == "=" else f"{be} set"
    if isinstance(value, Literal) and isinstance(value.value, bool) and operator in ("=", "!="):
        return f"{be} {'not ' if operator == '!=' else ''}true"
    if operator in ("=", "!=") and isinstance(value, Sequence | Concat):
        operator = "in" if operator == "=" else "not in"
    if operator in ("in", "not in"):
        return _one_of(operator, value, many)
    if operator in ("child_of", "parent_of"):
        return _tree(operator, value, many)
    shown = value_to_english(value)
    if many and operator in ("=", "!="):
        return f"include {shown}" if operator == "=" else f"do not include {shown}"
    row = OPERATORS.get(operator)
    phrase = row.phrase if row is not None else f"{operator} {{}}"
    return phrase.replace("{}", shown)


def _one_of(operator: str, value: Value, many: bool) -> str:
    negative = operator == "not in"
    value, unset = unset_in(value)
    be = "are" if many else "is"
    if value == Sequence(()):
        if unset:
            return f"{be} set" if negative else f"{be} not set"
        return f"{be} anything" if negative else f"{be} one of nothing"
    shown = value_to_english(value)
    plural = is_many(value)
    if many:
        if negative:
            phrase = "include none of " if plural else "do not include "
        else:
            phrase = "include any of " if plural else "include "
    elif negative:
        phrase = "is none of " if plural else "is not "
    else:
        phrase = "is one of " if plural else "is "
    if not unset:
        return phrase + shown
    return f"{phrase}{shown} and {be} set" if negative else f"{phrase}{shown} or {be} not set"


def _tree(operator: str, value: Value, many: bool) -> str:
    value, _ = unset_in(value)
    shown = value_to_english(value)
    below = operator == "child_of"
    if is_many(value):
        verb = "include any of" if many else "is one of"
        return f"{verb} {shown} or {'anything inside their trees' if below else 'a parent of one'}"
    verb = "include" if many else "is"
    if many:
        return f"{verb} {shown} or {'anyone inside its tree' if below else 'one of its parents'}"
    return f"{verb} {shown} or {'inside its tree' if below else 'one of its parents'}"


def _joined(parts: list[str], word: str) -> str:
    """``a and b``; with commas as soon as a part has an "and" or "or" of its own."""
    if any(f" {other} " in part for part in parts for other in ("and", "or")):
        return f", {word} ".join(parts)
    return f" {word} ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
