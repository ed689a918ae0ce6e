"""Check the documentation against what it is about.

- every relative link in a Markdown file leads to a file, and to a heading of it where it names one;
- every `ostiary ...` command and option, and every `make ...` target, that a document shows exists;
- every command that exists is shown in the README;
- the page of each check is what its docstring says.
"""

import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = "ostiary.audit.pages"

_FENCE = re.compile(r"^ {0,3}(```|~~~)(?P<kind>\w*).*?^ {0,3}\1\s*$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`+[^`\n]+`+")
_LINK = re.compile(r"(?<!\\)!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*$", re.MULTILINE)
_TARGET = re.compile(r"^(?P<name>[a-z][a-z-]*):", re.MULTILINE)


def documents() -> list[Path]:
    """List the Markdown files that are ours, in a stable order."""
    places = [*ROOT.glob("*.md")]
    places += [
        path for folder in ("docs", "examples", "changelog.d") for path in (ROOT / folder).rglob("*.md")
    ]
    return sorted(places)


def anchors(text: str) -> set[str]:
    """List what `#...` may name in a document, as the usual hosts of Markdown derive it from headings."""
    prose = _FENCE.sub("", text)
    return {
        re.sub(r"[^\w\- ]", "", heading["text"].lower()).strip().replace(" ", "-")
        for heading in _HEADING.finditer(prose)
    }


def broken_links(path: Path, text: str) -> Iterator[str]:
    """Name the relative links of a document that lead nowhere."""
    prose = _CODE_SPAN.sub(lambda code: "`" * len(code[0]), _FENCE.sub("", text))
    for link in _LINK.finditer(prose):
        target, _, anchor = link["target"].partition("#")
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        goal = (path.parent / target).resolve() if target else path
        if not goal.exists():
            yield f"the link to {link['target']} leads nowhere"
        elif not goal.is_relative_to(ROOT):
            yield f"the link to {link['target']} leads out of the project"
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text("utf-8")):
            yield f"there is no heading for the link to {link['target']}"


def shown_commands(text: str) -> Iterator[list[str]]:
    """Yield the command lines that a document shows: in shell blocks, and as code within a sentence."""
    lines: list[str] = []
    for block in _FENCE.finditer(text):
        if block["kind"] in ("sh", "bash", "console", "shell"):
            lines += block[0].replace("\\\n", " ").splitlines()[1:-1]
    lines += [span[0].strip("`") for span in _CODE_SPAN.finditer(_FENCE.sub("", text))]
    for line in lines:
        try:
            words = shlex.split(line.removeprefix("$ "), comments=True)
        except ValueError:
            continue
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            del words[0]
        for end, word in enumerate(words):
            if word in ("|", "||", "&&", ";", ">"):
                del words[end:]
                break
        if words and words[0] in ("ostiary", "make") and len(words) > 1:
            yield words


def command_line() -> dict[str, set[str]]:
    """Name the commands there are, each with its options; those of `ostiary` itself stand under ''."""
    app = importlib.import_module("ostiary.cli.app").app
    group: Any = importlib.import_module("typer.main").get_command(app)

    def options(command: Any) -> set[str]:
        names = {"--help"}
        for parameter in command.params:
            names.update(parameter.opts, parameter.secondary_opts)
        return {name for name in names if name.startswith("-")}

    commands = {"": options(group)}
    for name, command in group.commands.items():
        if not command.hidden:
            commands[name] = options(command)
    return commands


def unknown_commands(text: str, commands: dict[str, set[str]], targets: set[str]) -> Iterator[str]:
    """Name what a document shows and the command line or the Makefile does not know."""
    for program, first, *rest in shown_commands(text):
        shown = " ".join((program, first, *rest))
        if program == "make":
            unknown = [word for word in (first, *rest) if "=" not in word and word not in targets]
            yield from (f"`{shown}`: there is no `make {word}`" for word in unknown)
            continue
        name = "" if first.startswith("-") else first
        if name not in commands:
            yield f"`{shown}`: there is no command `{name}`"
            continue
        for word in ([first] if not name else []) + rest:
            option = word.partition("=")[0]
            if option.startswith("-") and option != "-" and option not in commands[name]:
                yield f"`{shown}`: there is no option `{option}`"


def stale_pages() -> Iterator[str]:
    """Say which pages of checks are not what the docstrings say, as the module that writes them sees it."""
    outcome = subprocess.run(
        [sys.executable, "-m", PAGES, "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if outcome.returncode:
        lines = (outcome.stdout + outcome.stderr).strip().splitlines()
        yield from lines or ["the pages of the checks are not current: `make docs` writes them"]


def problems() -> Iterator[str]:
    """Yield everything that is wrong, each with the file it is wrong in."""
    targets = {match["name"] for match in _TARGET.finditer((ROOT / "Makefile").read_text("utf-8"))}
    texts = {path: path.read_text("utf-8") for path in documents()}
    try:
        commands = command_line()
    except ImportError as error:
        yield f"ostiary.cli.app: there is no command line to compare with: {error}"
        return
    for path, text in texts.items():
        name = path.relative_to(ROOT)
        for problem in [*broken_links(path, text), *unknown_commands(text, commands, targets)]:
            yield f"{name}: {problem}"
    shown = {
        first for program, first, *_ in shown_commands(texts[ROOT / "README.md"]) if program == "ostiary"
    }
    for missing in sorted(commands.keys() - shown - {""}):
        yield f"README.md: the command `ostiary {missing}` is not shown"
    yield from (f"docs/checks: {problem}" for problem in stale_pages())


def main() -> int:
    """Print what is wrong, and say whether anything is."""
    found = list(problems())
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print(f"{len(documents())} documents: links, commands and pages are right.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
