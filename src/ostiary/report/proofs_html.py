"""Proofs as one HTML page that needs nothing else: who would get at whose records, and what is proved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from ostiary import __version__
from ostiary.policy import Policy
from ostiary.prove import Proof
from ostiary.report import proofs as said_of
from ostiary.report import proofs_summary
from ostiary.report.html import digest, environment, page_part, project
from ostiary.report.proofs import Entry, Section
from ostiary.report.proofs_asked import Asked, unread
from ostiary.report.proofs_story import Teller, Told

_NOTHING_ELSE = Asked()
_TONES = {
    Section.GAP: "critical",
    Section.UNKNOWN: "medium",
    Section.ABOUT_NOTHING: "medium",
    Section.REFERENCE: "low",
    Section.PUBLISHED: "low",
    Section.ISOLATED: "good",
    Section.OF_ITSELF: "good",
    Section.NO_ACCESS: "info",
}


def render(
    proofs: Sequence[Proof],
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    title: str = "",
    only: Collection[str] = (),
    asked: Asked = _NOTHING_ELSE,
) -> str:
    """The page. `title` names the project, by default its modules.

    `only` are the verdicts to show, all of them where it is empty; the conclusion is of all.
    """
    style = page_part("report.css") + page_part("proofs.css")
    every = said_of.entries(proofs, policy)
    found = said_of.only(every, only)
    teller = Teller(policy)
    values: dict[str, Any] = {
        "version": __version__,
        "title": title or project(policy, targets),
        "targets": [str(target) for target in targets],
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": digest(style),
        "policy": policy,
        "sections": [(section, list(same)) for section, same in groupby(found, key=lambda one: one.section)],
        "counts": said_of.counts(found),
        "all": said_of.counts(every),
        "conclusion": proofs_summary.conclusion(every, asked.nothing),
        "refused": proofs_summary.refused(every),
        "unread": unread(policy),
        "promised": lambda entry: asked.promised(entry.proof),
        "numbers": said_of.numbered(found),
        "said": said_of,
        "Section": Section,
        "tones": _TONES,
        "told": lambda entry: _told(teller, entry),
        "definitions": lambda entry: said_of.definitions(entry.proof, policy),
        "description": lambda model: _description(policy, model),
        "by_heading": _by_heading,
    }
    return environment().get_template("proofs.html.j2").render(values)


def _told(teller: Teller, entry: Entry) -> Told | None:
    proof = entry.proof
    if proof.witness is None:
        return None
    return teller.tell(proof.witness, proof.audience, proof.mode, silo=proof.question == "silo")


def _description(policy: Policy, model: str) -> str:
    known = policy.models.get(model)
    return known.description if known is not None and known.description != model else ""


def _by_heading(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries of a section under whom they are about, and what was asked."""
    found: dict[str, list[Entry]] = {}
    for one in entries:
        found.setdefault(said_of.heading(one), []).append(one)
    return [(who, sorted(same, key=lambda one: one.model)) for who, same in found.items()]
