"""A baseline: the findings that were there when somebody began to watch, so that only new ones are reported.

A finding is known by its fingerprint, which holds names and no lines or folders, as long as it is no graver and reaches
no further than the file says. What else the file says of it is for whoever reads the file's changes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec

from ostiary.audit.finding import Finding, Severity
from ostiary.audit.result import AuditResult

FORMAT = 1
MAX_BYTES = 100_000_000
_MOST_WORDS = 300


class BadBaseline(ValueError):
    """A file can't be taken for a baseline; the message is one sentence."""


class Entry(msgspec.Struct, frozen=True):
    """One finding of a baseline. `extent` is None where the file doesn't say how far it reached."""

    fingerprint: str
    check: str
    severity: Severity
    module: str
    subject: str
    model: str | None = None
    message: str = ""
    extent: tuple[str, ...] | None = None


class Baseline(msgspec.Struct, frozen=True):
    """The findings of an audit, as a file keeps them."""

    ostiary_baseline: int
    findings: tuple[Entry, ...]


class _Mark(msgspec.Struct):
    ostiary_baseline: int


def made_of(result: AuditResult) -> Baseline:
    """The baseline that holds each finding of a result."""
    return Baseline(FORMAT, tuple(sorted((_entry(each) for each in result.findings), key=_order)))


def dump(baseline: Baseline) -> str:
    """A baseline as the text of its file: JSON in a fixed order, one line for each value."""
    text = json.dumps(msgspec.to_builtins(baseline), indent=1)
    return text + "\n"


def load(path: str | os.PathLike[str], shown: str = "") -> Baseline:
    """Read a baseline. Raises BadBaseline, one sentence, where the file can't be read or is none."""
    name = shown or os.fspath(path)
    try:
        if not Path(path).is_file() and Path(path).exists():
            raise BadBaseline(f"{name} is no file; a baseline is a file that --write-baseline wrote.")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, BadBaseline):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise BadBaseline(f"The baseline {name} can't be read: {reason}.") from None
    if len(content) > MAX_BYTES:
        raise BadBaseline(f"{name} is larger than {MAX_BYTES // 10**6} MB; that is no baseline.")
    try:
        mark = msgspec.json.decode(content, type=_Mark).ostiary_baseline
        if mark != FORMAT:
            raise BadBaseline(
                f"{name} is a baseline of format {mark}, this Ostiary reads {FORMAT}: write it anew."
            )
        return msgspec.json.decode(content, type=Baseline)
    except BadBaseline:
        raise
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadBaseline(f"{name} is no baseline that --write-baseline wrote: {error}.") from None


def _entry(finding: Finding) -> Entry:
    message = finding.message
    return Entry(
        fingerprint=finding.fingerprint,
        check=finding.check,
        severity=finding.severity,
        module=finding.module,
        subject=_whole(finding.subject),
        model=None if finding.model is None else _whole(finding.model),
        message=_whole(message if len(message) <= _MOST_WORDS else message[:_MOST_WORDS] + " ..."),
        extent=tuple(_whole(each) for each in finding.extent),
    )


def _whole(text: str) -> str:
    """Text without halves of characters, which JSON can write and not read."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _order(entry: Entry) -> tuple[str, ...]:
    return (entry.check, entry.module, entry.subject, entry.model or "", entry.fingerprint)
