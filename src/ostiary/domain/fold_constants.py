"""Arithmetic and text formatting on constants, bounded in size, without running anything of the text."""

from __future__ import annotations

import ast
import math
import re

from .values import Literal, Sequence, Value

MAX_TEXT = 10_000
MAX_BITS = 2_000


def calculate(op: ast.operator, left: Value, right: Value) -> Literal | None:
    """``left op right`` for two numbers (or two texts added), else ``None``.

    ``None`` also where Python would raise, where the result is not finite and where it would be large.
    """
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return None
    a, b = left.value, right.value
    if isinstance(a, str) and isinstance(b, str) and isinstance(op, ast.Add):
        return Literal(a + b) if len(a) + len(b) <= MAX_TEXT else None
    if not (isinstance(a, bool | int | float) and isinstance(b, bool | int | float)):
        return None
    if any(isinstance(number, int) and number.bit_length() > MAX_BITS for number in (a, b)):
        return None
    result = _number(op, a, b)
    if isinstance(result, float) and not math.isfinite(result):
        return None
    return None if result is None else Literal(result)


def _number(op: ast.operator, a: int | float, b: int | float) -> int | float | None:
    try:
        match op:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.FloorDiv():
                return a // b
            case ast.Mod():
                return a % b
    except (ArithmeticError, ValueError):
        return None
    return None  # powers and bit operations: nobody writes them in a domain, and they grow


def percent_format(pattern: str, value: Value) -> Literal | None:
    """``pattern % value`` with plain ``%s``, ``%d`` and ``%%`` only, else ``None``."""
    values = list(value.items) if isinstance(value, Sequence) else [value]
    parts = re.split(r"(%.?)", pattern, flags=re.DOTALL)
    for index, part in enumerate(parts):
        if part == "%%":
            parts[index] = "%"
        elif part in ("%s", "%d"):
            constant = values.pop(0) if values else None
            if not isinstance(constant, Literal) or _too_big(constant):
                return None
            if part == "%d":
                if not isinstance(constant.value, int):
                    return None
                parts[index] = str(int(constant.value))
            else:
                parts[index] = str(constant.value)
        elif part.startswith("%"):
            return None
    return _text("".join(parts)) if not values else None


def str_format(pattern: str, args: list[Value]) -> Literal | None:
    """``pattern.format(*args)`` with plain ``{}`` or ``{0}`` fields only, else ``None``."""
    used = 0
    result: list[str] = []
    for part in re.split(r"(\{\{|\}\}|\{\d{0,3}\})", pattern):
        if part in ("{{", "}}"):
            result.append(part[0])
        elif re.fullmatch(r"\{\d{0,3}\}", part):
            index = int(part[1:-1]) if part != "{}" else used
            used += part == "{}"
            constant = args[index] if index < len(args) else None
            if not isinstance(constant, Literal) or _too_big(constant):
                return None
            result.append(str(constant.value))
        elif "{" in part or "}" in part:
            return None
        else:
            result.append(part)
    if used and any(re.fullmatch(r"\{\d+\}", part) for part in re.split(r"(\{\d{0,3}\})", pattern)):
        return None  # Python refuses to mix {} with {0}
    return _text("".join(result))


def _too_big(constant: Literal) -> bool:
    return isinstance(constant.value, int) and constant.value.bit_length() > MAX_BITS


def _text(text: str) -> Literal | None:
    return Literal(text) if len(text) <= MAX_TEXT else None
