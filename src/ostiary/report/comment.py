"""An audit as Markdown, short enough for a comment on a pull request: what matters first, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ostiary import __version__
from ostiary.audit import AuditResult, Finding, Severity
from ostiary.policy.policy import Policy
from ostiary.report import witness
from ostiary.report.left_out import compared_phrases
from ostiary.report.text import block, fix_parts, line, place, plural
from ostiary.report.words import counts_phrase, read_phrase, unread_phrases, verdict

# A bot finds its own comment by this, and writes it anew.
MARK = "<!-- ostiary audit -->"
# GitHub takes 65,536 characters, GitLab a million.
_ROOM = 60_000
_LONGEST = 4_000
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$!])")
_LINKED = re.compile(r"[@#](?=\w)|:(?=//)|\bwww(?=\.)")


def render(
    result: AuditResult, policy: Policy, *, targets: Sequence[str] = (), least: Severity | None = None
) -> str:
    """The audit as Markdown of at most 60,000 characters."""
    head = "\n".join(_head(result, targets, least))
    tail = "\n".join(_tail(result))
    room = _ROOM - len(head) - len(tail)
    shown: list[str] = []
    for at, finding in enumerate(result.findings):
        text = "\n".join(_finding(finding, policy))
        room -= len(text) + 1
        if room < 0:
            left = plural(len(result.findings) - at, "more finding")
            shown.append(f"\nThere is no room here for {left}: see the whole report.\n")
            break
        shown.append(text)
    return "\n".join([head, *shown, tail]).rstrip() + "\n"


def _head(result: AuditResult, targets: Sequence[str], least: Severity | None) -> Iterator[str]:
    yield MARK
    named = ", ".join(_code(str(target)) for target in targets[:6])
    yield f"## Access audit{f' of {named}' if named else ''}"
    yield ""
    yield f"**{_prose(counts_phrase(result.findings))}.** {_prose(verdict(result, least))}"
    for one in result.compared:
        yield ""
        yield (
            f"Only what is new against {_code(one.name)} is shown: {plural(one.known, 'finding')} "
            f"{'was' if one.known == 1 else 'were'} there before, {one.gone:,} {'is' if one.gone == 1 else 'are'} gone."
        )
        for said in compared_phrases(one):
            yield ""
            yield _prose(said)
    yield ""


def _finding(finding: Finding, policy: Policy) -> Iterator[str]:
    """A finding as a folded piece: its line tells what is wrong, inside are grounds and the way to mend it."""
    said = _html(line(finding.message))
    yield f"<details><summary><b>{finding.severity}</b> · {said}</summary>"
    yield ""
    yield f"{_code(place(finding.origin))} · {_code(finding.check)} · {finding.confidence} confidence"
    yield ""
    for step in finding.evidence:
        where = f" {_code(place(step.origin))}" if step.origin is not None and step.origin.path else ""
        yield f"- {_prose(line(step.text))}{where}"
    shown = witness.sentence(finding, policy)
    if shown:
        yield ""
        yield f"_{_prose(line(shown))}_"
    if finding.fix:
        yield ""
        yield "To mend it:"
        for kind, text in fix_parts(finding.fix):
            yield ""
            yield _prose(line(text)) if kind == "text" else _fence(block(text, _LONGEST))
    yield ""
    yield "</details>"


def _tail(result: AuditResult) -> Iterator[str]:
    yield ""
    for setting in result.settings:
        yield f"- {_prose(line(setting))}"
    if result.suppressed:
        yield f"- {plural(len(result.suppressed), 'finding')} accepted by comments with a reason."
    for said in unread_phrases(result)[:10]:
        yield f"- Not examined: {_prose(said)}"
    yield ""
    yield f"<sub>Ostiary {__version__} read {_prose(read_phrase(result))}.</sub>"


def _prose(text: str) -> str:
    """Text in which nothing is markup, a mention or a link."""
    return _unlinked(_MARKUP.sub(r"\\\1", text.replace("&", "&amp;")))


def _html(text: str) -> str:
    """The same inside of HTML, where Markdown is not read."""
    return _unlinked(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _unlinked(text: str) -> str:
    """Mentions (`@somebody`, `#12`) and addresses, which hosts make links of even where they are escaped."""
    return _LINKED.sub(r"\g<0><!-- -->", text)


def _code(text: str) -> str:
    """Text as code, whatever it holds."""
    said = line(text)
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", said)), default=0))
    space = " " if said.startswith("`") or said.endswith("`") else ""
    return f"{ticks}{space}{said}{space}{ticks}"


def _fence(text: str) -> str:
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{ticks}\n{text}\n{ticks}"
