"""The example of docs/enforce.md runs, and prints what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/enforce.md").read_text("utf-8")


def test_the_example_prints_what_stands_below_it(tmp_path: Path) -> None:
    found = re.search(r"```python\n(?P<code>.*?)```\n\n```text\n(?P<said>.*?)```", PAGE, re.DOTALL)
    assert found
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", found["code"]],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "XDG_CACHE_HOME": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == found["said"]
