"""The checks for a terminal: a list, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from ostiary.audit import Check
from ostiary.report.json_ import dumps
from ostiary.report.lines import put, wrapped
from ostiary.report.markdown import alone
from ostiary.report.terminal import STYLES
from ostiary.report.text import block, line, name

OURS = "ostiary"


def render_list(checks: Iterable[Check], console: Console) -> None:
    """Print the checks with their titles and the greatest severity each reports."""
    put(console, _list(checks, console))


def _list(checks: Iterable[Check], console: Console) -> Iterator[Text]:
    for check in checks:
        head = Text().append(name(check.id), "bold").append("  ")
        head.append(check.severity.value, STYLES[check.severity])
        if check.origin != OURS:
            head.append(f"  from {name(check.origin)}", "dim")
        yield head
        yield from wrapped(console, Text(line(check.title)), "  ", "  ")
    yield Text()
    yield from wrapped(console, Text("'ostiary checks ID' shows the page of one.", "dim"))


def markdown(check: Check) -> str:
    """A check's page as Markdown."""
    facts = f"`{check.id}` · up to {check.severity} · {', '.join(check.references) or 'no references'}"
    return block(f"# {check.title}\n\n{facts}\n\n{alone(check.doc)}", 40_000).rstrip() + "\n"


def render_page(check: Check, console: Console) -> None:
    """Print the page of a check: rendered on a terminal, as Markdown elsewhere."""
    page = markdown(check)
    if console.is_terminal:
        console.print(Markdown(page, hyperlinks=False))
    else:
        put(console, (Text(each) for each in page.rstrip("\n").split("\n")))


def as_json(checks: Iterable[Check]) -> str:
    """The checks as JSON text."""
    return dumps(
        {
            "tool": "ostiary",
            "checks": [
                {
                    "id": check.id,
                    "title": check.title,
                    "severity": check.severity.value,
                    "references": check.references,
                    "tags": check.tags,
                    "from": check.origin,
                    "page": check.doc,
                }
                for check in checks
            ],
        }
    )
