"""What vetting found as one HTML page that needs nothing else: to be read before installing, or sent to a customer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from ostiary import __version__
from ostiary.audit import catalogue
from ostiary.report import cards, excerpt, routes_html, vet_found, words
from ostiary.report.html import digest, environment, page_part, project
from ostiary.report.markdown import to_html
from ostiary.report.vet_found import Gain, Vetted
from ostiary.report.vet_terminal import KINDS
from ostiary.report.vet_verdict import Advice, Said

_TONES = {Advice.STOP: "critical", Advice.LOOK: "medium", Advice.CLEAR: "none"}
_WORDS = {Advice.STOP: "Not as it is", Advice.LOOK: "Look first", Advice.CLEAR: "Nothing against it"}


def render(
    found: Vetted,
    said: Said,
    *,
    targets: Sequence[str] = (),
    title: str = "",
    sources: Sequence[str | os.PathLike[str]] = (),
) -> str:
    """The page. `title` names what was vetted, by default the modules; `sources` are read again for the lines that
    findings speak of."""
    style = "".join(map(page_part, ("report.css", "proofs.css", "routes.css", "vet.css")))
    with excerpt.reading(sources) as reader:
        values: dict[str, Any] = {
            "version": __version__,
            "title": title or project(found.policy, targets),
            "targets": [str(target) for target in targets],
            "style": Markup(style),  # noqa: S704 - our own file
            "style_hash": digest(style),
            "policy": found.policy,
            "found": found,
            "said": said,
            "tone_of_advice": _TONES[said.advice],
            "advice": _WORDS[said.advice],
            "vet": vet_found,
            "gains": _by_audience(found),
            "kinds": KINDS,
            "grades": cards.grades(found.result),
            "counts": words.counts_phrase(found.result.findings),
            "excerpts": reader.excerpts,
            "pages": _checks(found),
            **routes_html.words(),
        }
        return environment().get_template("vet.html.j2").render(values)


def _by_audience(found: Vetted) -> list[tuple[str, list[Gain]]]:
    return [(who, list(same)) for who, same in groupby(vet_found.gains(found), key=lambda one: one.audience)]


def _checks(found: Vetted) -> list[tuple[str, str, Markup]]:
    """The checks that found something: id, title and page."""
    ids = {one.check for one in found.result.findings}
    return [
        (check.id, check.title, Markup(to_html(check.doc)))  # noqa: S704 - the parser escapes
        for check in catalogue().checks
        if check.id in ids
    ]
