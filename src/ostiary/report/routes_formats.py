"""An inventory of routes or methods as JSON (`docs/routes.schema.json` describes it) and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ostiary import __version__
from ostiary.policy import Policy
from ostiary.policy.code import EntryKind, Given, Guard, Use
from ostiary.policy.origin import Origin
from ostiary.report import routes_said as said_of
from ostiary.report.json_ import dumps
from ostiary.report.proofs import label
from ostiary.report.proofs_asked import unread, unread_values
from ostiary.report.routes_inventory import Inventory
from ostiary.report.routes_reach import Ease, Listed, Reach
from ostiary.report.routes_words import CALLERS, called, facts
from ostiary.report.text import line, name, place

FORMAT = 1
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#|~!])")


def as_json(found: Inventory, policy: Policy, *, targets: Sequence[str] = ()) -> str:
    """The inventory as JSON text. `format` is raised when a reader would have to change."""
    document = {
        "tool": "ostiary",
        "version": __version__,
        "format": FORMAT,
        "odoo": policy.odoo,
        "targets": [str(target) for target in targets],
        **values(found, policy),
        "unread_files": [_place(one) for one in (policy.code.unread if policy.code is not None else ())],
        **unread_values(policy),
    }
    return dumps(document)


def values(found: Inventory, policy: Policy) -> dict[str, Any]:
    """The inventory as plain values, without what is said about the reading."""
    return {
        "kind": found.kind.value,
        "summary": {
            "entries": len(found.listed),
            "of": found.total,
            "callers": found.callers(),
            "ease": {_word(ease): found.count(ease) for ease in sorted(Ease, reverse=True)},
        },
        "proved": found.proved,
        "not_proved": found.unproved,
        "entries": [_entry(one, policy) for one in found.listed],
    }


def _word(ease: Ease) -> str:
    return ease.name.lower().replace("_", "-")


def _entry(one: Listed, policy: Policy) -> dict[str, Any]:
    entry = one.entry
    route = entry.route
    return {
        "name": entry.name,
        "module": entry.module,
        **_place(entry.origin),
        "model": entry.model or None,
        "method": entry.method or None,
        "parameters": list(entry.parameters),
        "static": entry.static,
        "route": None
        if route is None
        else {
            "paths": list(route.paths),
            "auth": route.auth,
            "type": route.type,
            "methods": list(route.methods),
            "csrf": route.csrf,
            "website": route.website,
            "converters": dict(sorted(route.converters.items())),
        },
        "caller": one.caller,
        "ease": _word(one.ease),
        "changes": one.changes,
        "followed": entry.read,
        "overrides": [_place(each) for each in entry.overrides],
        "reaches": [_reach(each, policy) for each in one.reaches],
        "besides": [_besides(each) for each in one.others],
        "beyond": [_beyond(each) for each in one.beyond],
        "not_read": list(entry.unread),
    }


def _reach(reach: Reach, policy: Policy) -> dict[str, Any]:
    return {
        "model": reach.model or None,
        "does": [kind.value for kind in reach.kinds],
        "methods": list(reach.methods),
        "fields": list(reach.fields),
        "rights": reach.actor.value,
        "choices": [each.value for each in reach.choices],
        "parents": list(reach.parents),
        "given": _given(reach.given),
        "guards": [_guard(each) for each in reach.guards],
        "looks_like": [_guard(each) for each in reach.looks],
        "certain": reach.certain,
        "ease": _word(reach.ease),
        "said": said_of.said(reach),
        "standing": [
            {"audience": label(each.label), "mode": each.mode.value, "standing": each.standing.value}
            for each in reach.joins
        ],
        "proved": said_of.proved(reach, policy) or None,
        **_place(reach.origin),
    }


def _beyond(use: Use) -> dict[str, Any]:
    return {
        "kind": use.kind.value,
        "model": use.model or None,
        "rights": use.actor.value,
        **_place(use.origin),
    }


def _besides(use: Use) -> dict[str, Any]:
    return {
        "kind": use.kind.value,
        "said": said_of.other(use),
        "template": use.template or None,
        "built": use.built or None,
        "given": _given(use.given),
        "written": _given(use.written),
        "guards": [_guard(each) for each in use.guards],
        "certain": use.certain,
        **_place(use.origin),
    }


def _given(given: Sequence[Given]) -> list[dict[str, str]]:
    return [{"source": one.source, "name": one.name} for one in given]


def _guard(guard: Guard) -> dict[str, Any]:
    return {
        "kind": guard.kind.value,
        "text": guard.text,
        "model": guard.model or None,
        **_place(guard.origin),
    }


def _place(origin: Origin) -> dict[str, Any]:
    return {"path": origin.path, "line": origin.line}


# -- as Markdown -----------------------------------------------------------------------------------------------


def as_markdown(found: Inventory, policy: Policy, *, targets: Sequence[str] = ()) -> str:
    """The inventory as Markdown: a table for each module, or model."""
    head = "Routes" if found.kind is EntryKind.ROUTE else "Methods over RPC"
    named = f" of {', '.join(name(str(one)) for one in targets)}" if targets else ""
    lines = [f"# {head}{plain(named)}", ""]
    for said in (*said_of.summary(found), *said_of.notes(found, policy), *unread(policy)):
        lines += [plain(line(said)), ""]
    return "\n".join([*lines, *tables(found, policy, "##")]).rstrip() + "\n"


def tables(found: Inventory, policy: Policy, heading: str) -> Iterator[str]:
    """A table for each module or model, under headings of that depth."""
    for group, listed in said_of.given_by(found.listed).items():
        yield f"{heading} {plain(name(group))}"
        yield ""
        yield "| | what | who | what it reaches | where |"
        yield "|---|---|---|---|---|"
        for one in listed:
            sign, _ = said_of.SIGNS[one.ease]
            cells = [
                sign,
                plain(called(one.entry)),
                plain(" · ".join([CALLERS[one.caller], *facts(one.entry)])),
                "<br>".join(plain(each) for each in _said(one, policy)),
                plain(place(one.entry.origin)),
            ]
            yield "| " + " | ".join(cells) + " |"
        yield ""


def _said(one: Listed, policy: Policy) -> Iterator[str]:
    for row in said_of.rows(one, policy, short=True):
        yield line(f"{row.models}: {row.text}{f' {row.proof}' if row.proof else ''}", 2_000)
    for text, _ in said_of.others(one):
        yield line(text)
    if further := said_of.beyond(one):
        yield further


def plain(text: str) -> str:
    """Text in which nothing is markup, nor mentions anybody."""
    return _MARKS.sub(r"\\\1", line(text, 2_000)).replace("@", "&#64;")
