"""A snapshot is the policy, whole; anything else is refused in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ostiary.policy import Policy
from ostiary.sources import UnreadableTarget, open_policy, snapshot

ROOT = Path(__file__).parents[2]
ODOO = os.environ.get("OSTIARY_ODOO_18", "")


@pytest.fixture(scope="module")
def estate() -> Policy:
    return open_policy([ROOT / "examples/estate/open"], cache=False)


def test_what_is_saved_is_what_is_loaded(estate: Policy, tmp_path: Path) -> None:
    target = tmp_path / "estate.json"
    snapshot.save(estate, target)
    loaded = snapshot.load(target)
    assert loaded == estate == open_policy([target]) and estate.rules
    assert loaded.rules[0].domain == estate.rules[0].domain
    assert snapshot.dump(loaded) == snapshot.dump(estate) == target.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["estate.json"]


@pytest.mark.skipif(not ODOO, reason="OSTIARY_ODOO_18 names no Odoo tree")
def test_a_whole_odoo_is_loaded_as_it_was_saved(tmp_path: Path, odoo_cache: Path) -> None:
    policy = open_policy([ODOO], demo=True, cache=odoo_cache)
    snapshot.save(policy, tmp_path / "odoo.json")
    assert snapshot.load(tmp_path / "odoo.json") == policy


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no Ostiary snapshot"),
        (b"{", "no Ostiary snapshot"),
        (b"[]", "no Ostiary snapshot"),
        (b"\xff\xfe", "no Ostiary snapshot"),
        (b'{"name": "package", "version": "1"}', "no Ostiary snapshot"),
        (b'{"ostiary_snapshot": 99, "policy": 3}', "format 99"),
        (b'{"ostiary_snapshot": 1}', "no Ostiary snapshot"),
        (b'{"ostiary_snapshot": 1, "policy": {"odoo": "12.0"}}', "no Ostiary snapshot"),
        (
            b'{"ostiary_snapshot": 1, "policy": {"odoo": "18.0", "rights": [{"xmlid": 1}]}}',
            "no Ostiary snapshot",
        ),
        (b'{"a":' * 100_000, "no Ostiary snapshot"),
        (b"[" * 100_000, "no Ostiary snapshot"),
    ],
)
def test_what_is_no_snapshot(tmp_path: Path, content: bytes, message: str) -> None:
    target = tmp_path / "x.json"
    target.write_bytes(content)
    with pytest.raises(UnreadableTarget, match=message) as caught:
        open_policy([target])
    assert str(caught.value).startswith(str(target)) and "\n" not in str(caught.value)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, estate: Policy) -> None:
    monkeypatch.setattr(snapshot, "MAX_BYTES", 1_000)
    snapshot.save(estate, tmp_path / "x.json")
    with pytest.raises(UnreadableTarget, match="larger than"):
        snapshot.load(tmp_path / "x.json")


def test_a_snapshot_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(UnreadableTarget, match="can't be read"):
            snapshot.load(path)
    with pytest.raises(UnreadableTarget, match="does not exist"):
        open_policy([tmp_path / "none.json"])


def test_nothing_half_written_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, estate: Policy
) -> None:
    target = tmp_path / "x.json"
    target.write_text("before")

    def fail(_: Policy) -> bytes:
        raise OSError("full")

    monkeypatch.setattr(snapshot, "dump", fail)
    with pytest.raises(OSError, match="full"):
        snapshot.save(estate, target)
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"] and target.read_text() == "before"
    with pytest.raises(OSError, match="nowhere"):
        snapshot.save(estate, tmp_path / "nowhere" / "x.json")


def test_a_snapshot_is_given_alone(tmp_path: Path, estate: Policy) -> None:
    snapshot.save(estate, tmp_path / "x.json")
    with pytest.raises(UnreadableTarget, match="alone"):
        open_policy([tmp_path / "x.json", tmp_path])
    with pytest.raises(UnreadableTarget, match="No target"):
        open_policy([])
