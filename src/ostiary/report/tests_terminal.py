"""What became of access tests, for a terminal: each failure with the tree of its reasons, then what it comes to."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ostiary.policy import Policy
from ostiary.policy.decide import Decision
from ostiary.report import explanation
from ostiary.report.lines import put, whole, wrapped
from ostiary.report.text import line, place, plural
from ostiary.testing.asked import Outcome
from ostiary.testing.run import Checked, FileResult

_MARKS = {Outcome.PASSED: ("✓", "green"), Outcome.FAILED: ("✗", "red"), Outcome.UNKNOWN: ("?", "magenta")}
_WORDS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.UNKNOWN: "unknown"}
MOST_SHOWN = 50
"""How many failures of a file are shown, unless all are asked for."""

MOST_GUARDED = 5
"""Of how many methods that may refuse more a file says so."""

_INDENT = "    "


def render(
    results: Sequence[FileResult], console: Console, *, verbose: bool = False, unusable: int = 0
) -> None:
    """Print what failed or isn't known, file by file, and the counts. `verbose` lists what passed too; `unusable` is
    the number of files that could not be run."""
    for result in results:
        _file(result, console, verbose=verbose)
    put(console, [_summary(results, unusable)])


def plain() -> Console:
    """A console that keeps what is printed, as plain text."""
    return Console(
        file=io.StringIO(), width=120, color_system=None, highlight=False, markup=False, emoji=False
    )


def written(console: Console) -> str:
    """What a `plain` console was given."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def _file(result: FileResult, console: Console, *, verbose: bool) -> None:
    bad = len(result.checked) - result.count(Outcome.PASSED)
    if not result.checked:
        return
    mark, style = _MARKS[Outcome.PASSED] if not bad else ("✗", "red")
    head = (
        Text()
        .append(f"{mark} ", style)
        .append(line(result.path), "bold")
        .append(f"  {counts([result])}", "dim")
    )
    put(console, [head])
    shown = [one for one in result.checked if one.outcome is not Outcome.PASSED or verbose]
    most = len(shown) if verbose else MOST_SHOWN
    for one in shown[:most]:
        _one(one, result.policy, console)
    if len(shown) > most:
        put(
            console,
            [Text(f"  … and {len(shown) - most:,} more; --verbose or --format json shows them all", "dim")],
        )
    for guard in result.guarded[:MOST_GUARDED]:
        text = Text(line(guard.text), "dim").append(f"  {place(guard.origin)}", "dim")
        put(console, wrapped(console, text, "  ", _INDENT))


def _one(checked: Checked, policy: Policy, console: Console) -> None:
    mark, style = _MARKS[checked.outcome]
    head = Text(f"  {mark} ", style).append(line(checked.title), "bold" if checked.text else "")
    put(console, [head.append(f"  {line(checked.path)}:{checked.line}", "dim")] if checked.text else [head])
    if checked.text:
        put(console, wrapped(console, Text(line(checked.text)), _INDENT, _INDENT))
    if checked.why and checked.text:
        put(
            console,
            wrapped(console, Text(f"Why it matters: {line(checked.why)}", "italic"), _INDENT, _INDENT),
        )
    if checked.decision is not None:
        put(console, _tree(checked.decision, console))
    if checked.proof is not None and checked.text and checked.outcome is Outcome.FAILED:
        put(console, wrapped(console, Text(line(proof_said(checked, policy))), _INDENT, _INDENT))


def proof_said(checked: Checked, policy: Policy) -> str:
    """The witness of a broken invariant, as a sentence; empty where there is none."""
    from ostiary.report.proofs_story import Teller

    proof = checked.proof
    if proof is None or proof.witness is None:
        return ""
    return Teller(policy).tell(proof.witness, proof.audience, proof.mode).sentence


def _tree(decision: Decision, console: Console) -> Iterator[Text]:
    """The tree of reasons, moved to the right."""
    width = max(console.width - len(_INDENT), 40)
    inner = Console(file=io.StringIO(), width=width, force_terminal=console.is_terminal, highlight=False, markup=False,
                    emoji=False, color_system=console.color_system or None)  # type: ignore[arg-type]  # fmt: skip
    explanation.render(decision, inner)
    for row in written(inner).rstrip("\n").split("\n"):
        yield whole(Text.from_ansi(row), _INDENT)


def reasons(checked: Checked) -> str:
    """The tree of reasons of a failure as plain text; empty where there is none."""
    if checked.decision is None:
        return ""
    console = plain()
    explanation.render(checked.decision, console)
    return written(console).rstrip("\n")


def counts(results: Sequence[FileResult]) -> str:
    """How many expectations passed, failed, are unknown or were left out: `12 passed, 1 failed`."""
    said = []
    for outcome, word in _WORDS.items():
        number = sum(one.count(outcome) for one in results)
        if number or outcome is Outcome.PASSED:
            said.append(f"{number:,} {word}")
    left = sum(one.left for one in results)
    return ", ".join([*said, *([f"{left:,} left out"] if left else [])])


def _summary(results: Sequence[FileResult], unusable: int) -> Text:
    asked = sum(len(one.checked) for one in results)
    good = all(one.outcome is Outcome.PASSED for result in results for one in result.checked)
    files = plural(len(results), "file")
    text = Text(
        f"{files}, {plural(asked, 'expectation')}: {counts(results)}",
        "bold green" if good and asked and not unusable else "bold red",
    )
    if unusable:
        text.append(f"; {plural(unusable, 'file')} could not be run", "bold red")
    return text.append(".")
