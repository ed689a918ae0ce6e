"""Every check, on the small addons beside its snapshot: `<check>/bad` is reported, `<check>/good` is not.

A check that asks what only a database says has `bad.json` and `good.json` in their place: snapshots of small ones.

`OSTIARY_UPDATE_SNAPSHOTS=1 pytest tests/audit/test_checks.py` writes the snapshots anew: read what changed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ostiary.audit import AuditResult, Finding, Proved, all_checks, audit
from ostiary.sources import open_policy

HERE = Path(__file__).parent
UPDATE = "OSTIARY_UPDATE_SNAPSHOTS"
IDS = sorted(path.name for path in HERE.iterdir() if (path / "bad").is_dir() or (path / "bad.json").is_file())


def audited(check: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> AuditResult:
    monkeypatch.chdir(HERE / check)
    target = kind if Path(kind).is_dir() else f"{kind}.json"
    return audit(open_policy([target], odoo="18.0", cache=False, code=True), select=[check])


def written(finding: Finding) -> str:
    lines = [
        f"{finding.path}:{finding.line}  {finding.severity}, confidence {finding.confidence}",
        f"  {finding.message}",
        f"  about {finding.subject}"
        + (f" on {finding.model}" if finding.model else "")
        + f", for {', '.join(finding.audience) or 'nobody in particular'}, in {finding.module}",
    ]
    lines += [f"  - {step.text}" + (f"  [{step.origin}]" if step.origin else "") for step in finding.evidence]
    if finding.proof is not None:
        lines.append(f"  proof: {_proved(finding.proof)}")
    lines += ["  fix:", *[f"    {line}" for line in finding.fix.splitlines()]]
    lines += [f"  references: {', '.join(finding.references)}", f"  fingerprint: {finding.fingerprint}"]
    # The bundled facts grow, and their lines move.
    return re.sub(r"(ostiary:facts/\w+\.toml):\d+", r"\1", "\n".join(lines)) + "\n"


def _proved(proof: Proved) -> str:
    said = f"{proof.question} of {proof.audience}, {proof.mode}: {proof.verdict}"
    if proof.sort:
        said += f" ({proof.sort}: {proof.condition})"
    return f"{said}, {'with' if proof.witness else 'without'} a witness"


@pytest.mark.parametrize("check", IDS)
def test_bad_is_reported_as_in_the_snapshot(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = audited(check, "bad", monkeypatch)
    text = "\n".join(written(finding) for finding in result.findings if finding.check == check)
    snapshot = HERE / check / "snapshot.txt"
    if os.environ.get(UPDATE):
        snapshot.write_text(text, encoding="utf-8")
    assert not result.errors
    assert text
    assert text == snapshot.read_text(encoding="utf-8")


@pytest.mark.parametrize("check", IDS)
def test_good_is_not_reported(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = audited(check, "good", monkeypatch)
    assert not result.errors
    assert [written(finding) for finding in result.findings if finding.check == check] == []


def test_every_check_has_its_addons_its_snapshot_and_its_page() -> None:
    ours = [check.id for check in all_checks() if check.origin == "ostiary"]
    assert ours == IDS
    assert len(ours) >= 36
    pages = HERE.parents[1] / "docs/checks"
    for check in ours:
        for kind in ("bad", "good"):
            assert any((HERE / check / name).exists() for name in (kind, f"{kind}.json")), check
        assert (HERE / check / "snapshot.txt").stat().st_size, check
        assert (pages / f"{check}.md").is_file(), check
