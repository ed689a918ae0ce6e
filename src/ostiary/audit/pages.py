"""The documentation pages of the checks, written from their docstrings.

`python -m ostiary.audit.pages` writes `docs/checks/<id>.md` and an index; with `--check` it writes nothing and says
which pages are out of date. Both take another folder with `--into`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ostiary.audit.registry import OURS, Check, all_checks

FOLDER = Path("docs/checks")
HEADINGS = ("What it does", "Why it is bad", "Example", "Use instead", "References")
_NOTE = "<!-- Written by `python -m ostiary.audit.pages` from the check's docstring: change it there. -->"


def page(check: Check) -> str:
    """The page of one check."""
    rows = [
        ("Up to severity", str(check.severity)),
        ("About", ", ".join(check.tags) or "–"),
        ("References", ", ".join(check.references) or "–"),
    ]
    if check.always:
        rows.append(("Runs", "always, unless ignored by name"))
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return (
        f"{_NOTE}\n\n# {check.id}\n\n**{check.title}**\n\n| | |\n|---|---|\n{table}\n\n{check.doc.strip()}\n"
    )


def index(checks: Sequence[Check]) -> str:
    """The list of all checks."""
    rows = "\n".join(
        f"| [{check.id}]({check.id}.md) | {check.title} | {check.severity} |" for check in checks
    )
    return f"{_NOTE}\n\n# Checks\n\n| check | what it reports | up to severity |\n|---|---|---|\n{rows}\n"


def pages() -> dict[str, str]:
    """Every page by its file's name; only our own checks have one."""
    ours = [check for check in all_checks() if check.origin == OURS]
    return {"index.md": index(ours), **{f"{check.id}.md": page(check) for check in ours}}


def stale(folder: Path) -> list[str]:
    """The names of pages that are missing, out of date or left over."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(
        prog="python -m ostiary.audit.pages", description="The pages of the checks."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a page is out of date"
    )
    parser.add_argument("--into", type=Path, default=FOLDER, help=f"the folder (default: {FOLDER})")
    chosen = parser.parse_args(arguments)
    folder: Path = chosen.into
    if chosen.check:
        names = stale(folder)
        if names:
            sys.stderr.write(
                f"Out of date in {folder}: {', '.join(names)}. Run python -m ostiary.audit.pages.\n"
            )
        return 1 if names else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale(folder):
        text = pages().get(name)
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
