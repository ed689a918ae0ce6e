"""Text that is put together: what it begins with, and what of the request stands in it."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.values import (
    MAX_ITEMS,
    UNSET,
    Dict,
    Either,
    Plain,
    Records,
    Seq,
    Value,
    constant,
    known,
    loose_of,
    made_of,
    mixed,
    text_of,
)


def formatted(parts: list[Value]) -> Plain:
    """A text made of these, one after the other."""
    texts = [text_of(part) for part in parts]
    if all(text is not None for text in texts):
        return constant("".join(text or "" for text in texts)[:20_000])
    prefix = ""
    for part, text in zip(parts, texts, strict=True):
        if text is None:
            prefix += (part.prefix or "") if isinstance(part, Plain) else ""
            break
        prefix += text
    found = mixed(*parts, key=made_of(parts))
    return replace(
        found,
        built="interpolated" if not all(_fixed(part) for part in parts) else "constant",
        prefix=prefix,
        loose=loose_of(parts),
    )


def _fixed(part: Value) -> bool:
    """Whether a part can't change what the text means: a constant, or a number."""
    return isinstance(part, Plain) and (known(part) is not UNSET or part.built == "constant" or part.number)


def added(op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`."""
    match op, left, right:
        case ast.Add(), Seq(), Seq():
            return Seq(
                items=(*left.items, *right.items)[:MAX_ITEMS],
                rest=left.rest or right.rest,
                given=left.given | right.given,
                own=left.own or right.own,
            )
        case ast.Add(), Seq(), _ if not isinstance(right, Records):
            return replace(left, rest=right, given=left.given | right.given)
        case ast.Add(), _, Seq() if not isinstance(left, Records):
            return replace(right, rest=left, given=left.given | right.given)
        case ((ast.Add() | ast.BitOr()), Records(), Records()):
            return (
                left
                if left.ident == right.ident
                else Either(options=(left, right), own=left.own and right.own)
            )
        case ((ast.BitOr() | ast.BitAnd()), Records(), _):
            return left
        case ((ast.Sub() | ast.BitAnd()), Records(), _):
            return left
        case ast.BitOr(), Dict(), Dict():
            from ostiary.code.flow.containers import updated

            return updated(left, right)
        case ast.Add(), Plain(), Plain() if not (left.number and right.number):
            return formatted([left, right])
        case ast.Mult(), Seq(), _:
            return left
        case ast.Mult(), Plain(), _ if isinstance(known(left), str):
            return left
        case ast.Mod(), Plain(), _ if not left.number:
            return percent(left, right)
        case ast.BitAnd() | ast.BitOr(), Plain(), Plain():
            return mixed(left, right)
    if isinstance(left, Plain) and isinstance(right, Plain):
        found = mixed(left, right)
        return replace(found, number=left.number and right.number)
    return mixed(left, right)


def percent(left: Plain, right: Value) -> Plain:
    """`'...%s...' % values`."""
    values: list[Value]
    match right:
        case Seq(items=items, rest=rest):
            values = [*(one.value for one in items), *([rest] if rest is not None else [])]
        case Dict(items=named, star=star, rest=rest):
            values = [*named.values(), *(one for one in (star, rest) if one is not None)]
        case _:
            values = [right]
    text = text_of(left)
    if text is not None and not values:
        return left
    start = (text or left.prefix or "").partition("%")[0]
    numbers = text is not None and "%s" not in text and "%r" not in text and "%(" not in text
    return into_template(left, start, values, numbers=numbers)


def into_template(template: Plain, start: str, values: list[Value], *, numbers: bool = False) -> Plain:
    """A template text with values put in: what it begins with is what the template begins with."""
    found = mixed(template, *values, key=made_of(values))
    fixed = numbers or all(_fixed(value) for value in values)
    if not start and values and isinstance(values[0], Plain):
        start = values[0].prefix or ""
    return replace(
        found,
        built="constant"
        if fixed and template.built in ("constant", "") and not template.given
        else "interpolated",
        prefix=start,
        loose=template.loose | (frozenset() if numbers else loose_of(values)),
    )
