"""What the interpreter says of one route or method each, on one line for each use.

The cases lie in `cases/`: a title, the body, what else it needs (`-- helper`, `-- arguments`, `-- decorator`), and what
is said of it after `=>`. With `OSTIARY_UPDATE_SNAPSHOTS=1` what is said is written anew: read it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

Said = Callable[..., list[str]]
FOLDER = Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.txt"))


@dataclass
class Case:
    title: str
    body: str = ""
    helper: str = ""
    arguments: str = ""
    decorator: str = ""
    said: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [f"## {self.title}"]
        parts += [f"-- arguments {self.arguments}"] if self.arguments else []
        parts += [f"-- decorator {self.decorator}"] if self.decorator else []
        parts.append(self.body)
        parts += [f"-- helper\n{self.helper}"] if self.helper else []
        parts.append("\n".join(f"=> {line}" for line in self.said) or "=>")
        return "\n\n".join(parts) + "\n"


def read(file: Path) -> list[Case]:
    """The cases of a file."""
    found: list[Case] = []
    helper = False
    for line in file.read_text().splitlines():
        if line.startswith("## "):
            found.append(Case(line[3:]))
            helper = False
        elif line.startswith("-- arguments "):
            found[-1].arguments = line[13:]
        elif line.startswith("-- decorator "):
            found[-1].decorator = line[13:]
        elif line == "-- helper":
            helper = True
        elif line.startswith("=>"):
            found[-1].said += [line[3:]] if line[3:] else []
        elif helper:
            found[-1].helper += line + "\n"
        else:
            found[-1].body += line + "\n"
    for case in found:
        case.body, case.helper = case.body.strip("\n"), case.helper.strip("\n")
    return found


CASES = [(file, case) for file in FILES for case in read(file)]


@pytest.fixture(scope="module")
def anew() -> dict[Path, list[Case]]:
    return {file: read(file) for file in FILES}


@pytest.mark.parametrize(("file", "case"), CASES, ids=[case.title for _, case in CASES])
def test_what_is_said(
    file: Path, case: Case, route: Said, method: Said, anew: dict[Path, list[Case]]
) -> None:
    if file.stem == "methods":
        said = method(case.body, case.arguments, case.decorator)
    else:
        said = route(case.body, case.helper)
    if os.environ.get("OSTIARY_UPDATE_SNAPSHOTS"):
        next(one for one in anew[file] if one.title == case.title).said = said
        file.write_text("\n\n".join(map(str, anew[file])))
    assert os.environ.get("OSTIARY_UPDATE_SNAPSHOTS") or said == case.said


def test_there_are_cases() -> None:
    assert len(CASES) > 80
    assert sum(not case.said for _, case in CASES) <= 2
