"""The example of docs/secure.md runs as it stands."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "secure.md"


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    example = tmp_path / "example.py"
    example.write_text(first, encoding="utf-8")
    runpy.run_path(str(example))
    assert "may not create this help.ticket" in capsys.readouterr().out
