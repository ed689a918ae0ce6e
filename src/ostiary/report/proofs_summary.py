"""What proofs come to, for somebody who reads no further."""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.report.proofs import Entry, Section, counted, counts, is_refused
from ostiary.report.text import enumerated, plural
from ostiary.report.words import audience_label, audience_rank

_MOST_NAMED = 3
_WHOSE = {
    "isolation": "records that are none of theirs",
    "silo": "records of companies that they do not work in",
    "separation": "what was promised to be out of their reach",
}


def summary(found: Sequence[Entry], nothing: str = "") -> str:
    """`160 verdicts: 12 gaps; 3 not known; 40 isolated.`; where there are none, `nothing`, which says why."""
    if not found:
        return nothing or "Nothing was asked."
    tally = counts(found)
    parts = [f"{tally[one]:,} {counted(one, tally[one])}" for one in Section if tally[one]]
    return f"{plural(sum(tally.values()), 'verdict')}: {'; '.join(parts)}."


def refused(found: Sequence[Entry]) -> str:
    """How many verdicts rest on a rule that Odoo raises an error for; empty where none does."""
    count = sum(is_refused(each) for one in found for each in one.proofs)
    if not count:
        return ""
    rest, they = ("rests", "it counts") if count == 1 else ("rest", "they count")
    return f"{count:,} of what is not known {rest} on a rule that Odoo raises an error for: {they} as a gap."


def conclusion(found: Sequence[Entry], nothing: str = "") -> str:
    """A sentence or two: who reaches what, for each question of its own; `nothing` where there are no verdicts."""
    if not found:
        return nothing or "There was nothing to decide."
    gaps = [one for one in found if one.section is Section.GAP]
    if gaps:
        return " ".join(_reached(gaps, question) for question in _asked(gaps))
    if any(one.section in (Section.UNKNOWN, Section.ABOUT_NOTHING) for one in found):
        return "No gap was found, but not everything could be decided."
    saves = any(one.section in (Section.PUBLISHED, Section.REFERENCE) for one in found)
    but = ", save for what is published or about nobody" if saves else ""
    return " ".join(
        f"{_who(same)} do not reach {_WHOSE[question]}{but if question == 'isolation' else ''}."
        for question in _asked(found)
        if (same := [one for one in found if one.proof.question == question])
    )


def _asked(found: Sequence[Entry]) -> list[str]:
    """The questions that these answer, in the order in which they are told."""
    return [question for question in _WHOSE if any(one.proof.question == question for one in found)]


def _reached(gaps: Sequence[Entry], question: str) -> str:
    same = [one for one in gaps if one.proof.question == question]
    models = list(dict.fromkeys(one.model for one in same))
    shown = enumerated(models if len(models) <= 3 else [*models[:2], plural(len(models) - 2, "other model")])
    return f"{_who(same)} reach {_WHOSE[question]} on {plural(len(models), 'model')}: {shown}."


def _who(found: Sequence[Entry]) -> str:
    """`Public visitors and portal users`, or how many groups it is about."""
    who = sorted({one for entry in found for one in entry.audiences}, key=audience_rank)
    if len(who) > _MOST_NAMED:
        return f"Users of {len(who):,} groups"
    words = [f"Users of {audience_label(one)}" if "." in one else audience_label(one) for one in who]
    return enumerated(word if at == 0 else word[0].lower() + word[1:] for at, word in enumerate(words))
