"""The pages of the checks are written from their docstrings."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import pages
from ostiary.audit.registry import OURS, Check, all_checks

OUR_CHECKS = [check for check in all_checks() if check.origin == OURS]


@pytest.mark.parametrize("check", OUR_CHECKS, ids=lambda check: check.id)
def test_a_docstring_has_the_headings_in_order(check: Check) -> None:
    headings = [line[3:] for line in check.doc.splitlines() if line.startswith("## ")]
    assert headings == list(pages.HEADINGS)


def test_pages_are_written_once_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--into", str(tmp_path / "checks")]
    assert pages.main([*arguments, "--check"]) == 1
    assert "index.md" in capsys.readouterr().err
    assert pages.main(arguments) == 0
    assert pages.main([*arguments, "--check"]) == 0
    written = sorted(path.stem for path in (tmp_path / "checks").iterdir())
    assert written == sorted([*(check.id for check in OUR_CHECKS), "index"])


def test_a_page_that_was_changed_or_left_over_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages.main(["--into", str(tmp_path)])
    (tmp_path / "index.md").write_text("other")
    (tmp_path / "old-check.md").write_text("left over")
    assert pages.main(["--into", str(tmp_path), "--check"]) == 1
    assert "index.md, old-check.md" in capsys.readouterr().err
    pages.main(["--into", str(tmp_path)])
    assert not (tmp_path / "old-check.md").exists()
