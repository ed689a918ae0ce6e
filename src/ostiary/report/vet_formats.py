"""What vetting found as JSON (`docs/vet.schema.json` describes it) and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ostiary import __version__
from ostiary.policy.origin import Origin
from ostiary.report import json_, routes_formats, routes_said, vet_found
from ostiary.report.json_ import dumps
from ostiary.report.proofs import label
from ostiary.report.proofs_asked import unread_values
from ostiary.report.routes_formats import plain
from ostiary.report.text import enumerated, line, name, place
from ostiary.report.vet_found import Gain, Vetted
from ostiary.report.vet_terminal import KINDS
from ostiary.report.vet_verdict import Said
from ostiary.report.words import counts_phrase

FORMAT = 1


def as_json(found: Vetted, said: Said, *, targets: Sequence[str] = ()) -> str:
    """What was found as JSON text. `format` is raised when a reader would have to change."""
    audit = json_.document(found.result, found.policy)
    return dumps(
        {
            "tool": "ostiary",
            "version": __version__,
            "format": FORMAT,
            "odoo": found.policy.odoo,
            "targets": [str(target) for target in targets],
            "modules": list(found.modules),
            "not_installed_either": list(found.come),
            "verdict": {
                "advice": said.advice.value,
                "lines": list(said.lines),
                "things": [
                    {"text": one.text, "stops": one.stops, **_place(one.origin)} for one in said.things
                ],
            },
            "gives": [_gain(one, found) for one in vet_found.gains(found)],
            "takes": [
                {
                    "audience": label(one.audience),
                    "model": one.model,
                    "mode": one.mode.value,
                    "causes": list(one.causes),
                }
                for one in vet_found.losses(found)
            ],
            "new_groups": vet_found.new_groups(found),
            "code_read": found.code,
            "routes": routes_formats.values(found.routes, found.policy),
            "methods": routes_formats.values(found.methods, found.policy),
            "pages": [
                {"page": one.inherit, "view": one.xmlid, "active": one.active, **_place(one.origin)}
                for one in vet_found.pages(found)
            ],
            "overrides": [
                {
                    "definition": one.xmlid,
                    "model": one.model,
                    "deleted": one.deleted,
                    "said": vet_found.overridden(one),
                    **_place(one.origin),
                }
                for one in vet_found.overrides(found)
            ],
            "besides": [{"kind": one.kind, "text": one.text, **_place(one.origin)} for one in found.besides],
            "findings": audit["findings"],
            "checks": audit["checks"],
            **unread_values(found.policy),
        }
    )


def _gain(one: Gain, found: Vetted) -> dict[str, Any]:
    return {
        "audience": one.audience,
        "outside": one.outside,
        "model": one.model,
        "modes": [mode.value for mode in one.modes],
        "new_model": one.own,
        "known": one.known,
        "standing": one.standing.value if one.standing is not None else None,
        "said": vet_found.gained(one) or None,
        "example": vet_found.example(one, found.policy) or None,
        "causes": vet_found.causes(one),
    }


def _place(origin: Origin) -> dict[str, Any]:
    return {"path": origin.path, "line": origin.line}


# -- as Markdown -----------------------------------------------------------------------------------------------


def as_markdown(found: Vetted, said: Said, *, targets: Sequence[str] = ()) -> str:
    """What was found as Markdown."""
    return "\n".join(_markdown(found, said, targets)).rstrip() + "\n"


def _markdown(found: Vetted, said: Said, targets: Sequence[str]) -> Iterator[str]:
    yield f"# Before installing {plain(enumerated(map(name, targets or found.modules)))}"
    yield ""
    yield f"**{plain(said.lines[0])}**"
    for sentence in said.lines[1:]:
        yield ""
        yield plain(sentence)
    yield ""
    if said.things:
        yield "## To look at first"
        yield ""
        for at, thing in enumerate(said.things, 1):
            yield f"{at}. {plain(thing.text)} ({plain(place(thing.origin))})"
        yield ""
    yield from _gains(found)
    for title, inventory in (("Routes", found.routes), ("Methods over RPC", found.methods)):
        if inventory.listed:
            yield f"## {title}"
            yield ""
            yield plain(" ".join(routes_said.summary(inventory)))
            yield ""
            yield from routes_formats.tables(inventory, found.policy, "###")
    pages = [
        f"{name(one.inherit or '')} by {name(one.xmlid)} ({place(one.origin)})"
        for one in vet_found.pages(found)
    ]
    yield from _list("Pages of other modules that it changes", pages)
    changed = [f"{vet_found.overridden(one)} ({place(one.origin)})" for one in vet_found.overrides(found)]
    yield from _list("Definitions of other modules that it changes", changed)
    besides = [
        f"{KINDS.get(one.kind, one.kind)}: {line(one.text, 200)} ({place(one.origin)})"
        for one in found.besides
    ]
    yield from _list("What runs by itself, and reaches out", besides)
    yield "## Findings"
    yield ""
    yield f"{plain(counts_phrase(found.result.findings))}."
    yield ""
    for finding in found.result.findings:
        said_ = f"{finding.severity.value}: {line(finding.message)} ({place(finding.origin)})"
        yield f"- {plain(said_)}"


def _gains(found: Vetted) -> Iterator[str]:
    yield "## What rights and rules newly give"
    yield ""
    gains = vet_found.gains(found)
    if not gains:
        yield "Nobody may do anything that they could not do before."
        yield ""
        return
    yield "| who | model | may | which records |"
    yield "|---|---|---|---|"
    for one in gains:
        modes = ", ".join(mode.value for mode in one.modes)
        model = f"{name(one.model)}{'' if one.own else ' (was there before)'}"
        cells = [vet_found.whom(one.audience), model, modes, vet_found.gained(one)]
        yield "| " + " | ".join(map(plain, cells)) + " |"
    yield ""


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"## {title}"
        yield ""
        yield from (f"- {plain(each)}" for each in items)
        yield ""
