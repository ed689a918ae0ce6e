"""What a report leaves out, and why: findings that were accepted, that are not new, or that settings keep away."""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.audit import AuditResult, Compared
from ostiary.report.text import line, name, plural

_SHOWN = 6


def left_out_phrases(result: AuditResult) -> list[str]:
    """A sentence for each reason for which findings are not shown or are judged otherwise; none where there is none."""
    said = []
    commented = sum(one.in_source for one in result.suppressed)
    if commented:
        verb = "is" if commented == 1 else "are"
        said.append(f"{plural(commented, 'finding')} {verb} accepted by a comment, with a reason.")
    said.extend(_compared(one) for one in result.compared)
    said.extend(line(sentence) for sentence in result.settings)
    return said


def anything_left_out(result: AuditResult) -> bool:
    """Whether there are findings that are not among those shown."""
    return bool(result.suppressed) or any(one.known for one in result.compared)


def compared_phrases(one: Compared) -> list[str]:
    """What is to be said of a comparison beside its counts: what became graver, and what was not there before."""
    said = []
    if one.graver:
        count = plural(len(one.graver), "known finding")
        if len(one.graver) == 1:
            said.append(f"{count} became graver or reaches further: it is among the findings.")
        else:
            said.append(f"{count} became graver or reach further: they are among the findings.")
    if one.absent:
        whole = "it" if len(one.absent) == 1 else "that"
        said.append(f"{name(one.name)} has nothing of {_listed(one.absent)}: all of {whole} is new.")
    return said


def _listed(names: Sequence[str]) -> str:
    shown = [name(each) for each in names[:_SHOWN]]
    if len(names) > _SHOWN:
        return f"{', '.join(shown)} and {len(names) - _SHOWN:,} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def _compared(one: Compared) -> str:
    return " ".join((_counts(one), *compared_phrases(one)))


def _counts(one: Compared) -> str:
    known = plural(one.known, "finding")
    if one.kind == "baseline":
        verb = "is" if one.known == 1 else "are"
        said = f"{known} that the baseline {name(one.name)} holds {verb} not shown."
        if one.gone:
            entries = "1 entry of it is" if one.gone == 1 else f"{one.gone:,} entries of it are"
            said += f" {entries} mended: write it anew with --write-baseline."
        return said
    verb = "is" if one.known == 1 else "are"
    said = f"{known} that {name(one.name)} already has {verb} not shown."
    if not one.gone:
        return said
    return f"{said} {plural(one.gone, 'finding')} of it {'is' if one.gone == 1 else 'are'} mended."
