"""Addresses that are put together or tested by how they begin."""

from __future__ import annotations

from ostiary.code.flow.values import Either, Seq, Value, inner_given, text_of


def keeps_to_a_site(beginning: str) -> bool:
    """Whether an address that begins so leads to one site only: `/my`, `https://example.com/`, not `//` or `https://a`."""
    inside = beginning.startswith("/") and len(beginning) > 1 and beginning[1] not in "/\\"
    return inside or (beginning.startswith(("http://", "https://")) and "/" in beginning[8:])


def addresses(beginnings: Value) -> bool | None:
    """Whether each of these keeps what begins with it to a site; None where they are not known."""
    match beginnings:
        case Seq(items=items, rest=rest):
            parts = [*(one.value for one in items), *([rest] if rest is not None else [])]
        case Either(options=choices):
            parts = list(choices)
        case _:
            text = text_of(beginnings)
            return (False if inner_given(beginnings) else None) if text is None else keeps_to_a_site(text)
    each = [addresses(one) for one in parts]
    return False if False in each or not each else None if None in each else True
