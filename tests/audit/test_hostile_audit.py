"""An audit of hostile definitions ends in bounded time: with findings, or with one sentence."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from ostiary.audit import TooLarge, audit, bounds, checking
from ostiary.audit.decided.path_patterns import matches
from ostiary.code import forked
from ostiary.policy import Policy
from ostiary.sources import open_policy
from sources.build import BOOK, data, write_addon

ACCESS = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
ROW = "a{0},a,model_lib_book,{1},1,1,1,1\n"


def group(number: int, implied: str) -> str:
    return (
        f'<record id="g{number}" model="res.groups"><field name="name">g</field>'
        f'<field name="implied_ids" eval="[(4, ref(\'{implied}\'))]"/></record>'
    )


def policy(folder: Path, records: str = "", rows: str = ROW.format(0, "base.group_portal")) -> Policy:
    files = {"records.xml": data(records), "ir.model.access.csv": ACCESS + rows}
    manifest = {"depends": ["portal"]}
    module = write_addon(folder, "lib", python=BOOK, files=files, manifest=manifest)
    return open_policy([module], cache=False)


def test_a_chain_of_groups_is_refused(tmp_path: Path) -> None:
    chain = "".join(group(n, f"lib.g{n - 1}" if n else "base.group_user") for n in range(1_000))
    with pytest.raises(TooLarge, match="imply too many others"):
        audit(policy(tmp_path, chain))


def test_many_share_groups_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="groups make portal or public users"):
        audit(policy(tmp_path, "".join(group(n, "base.group_portal") for n in range(250))))


def test_many_groups_rights_and_rules_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = policy(tmp_path, rows="".join(ROW.format(n, "base.group_user") for n in range(10)))
    bounds.refuse_too_large(found)
    for name, says in (
        ("MAX_GROUPS", "groups are too many"),
        ("MAX_RIGHTS", "access rights are too many"),
        ("MAX_RIGHTS_OF_MODEL", "The model lib.book has 10 access rights"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(bounds, name, 2)
            with pytest.raises(TooLarge, match=says):
                bounds.refuse_too_large(found)


def test_findings_of_one_check_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MAX_FINDINGS", 3)
    found = policy(tmp_path, rows="".join(ROW.format(n, "") for n in range(9)))
    result = audit(found, select=["access-right-without-group"])
    assert len(result.findings) == 3
    assert "found more than 3" in result.errors[0].message


def test_no_pattern_of_paths_takes_long() -> None:
    path = "addons/" + "a/" * 200 + "rules.xml"
    for pattern in ("**/" * 200 + "x", "*a" * 200 + "b", "**" * 100 + "z", "*" * 201 + "/x"):
        assert not matches(pattern, path)
    assert matches("**/" * 50 + "rules.xml", path)
    assert matches("./addons/", path)


def _wait() -> None:
    forked._begin(os.getppid(), abs, 0)
    time.sleep(60)


def _parent(told: multiprocessing.SimpleQueue[int]) -> None:
    child = multiprocessing.get_context("fork").Process(target=_wait)
    child.start()
    told.put(child.pid or 0)
    time.sleep(60)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked at in /proc")
def test_who_proves_ends_with_its_parent() -> None:
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    parent = context.Process(target=_parent, args=(told,))
    parent.start()
    child = told.get()
    time.sleep(0.3)  # until the child has asked to end with its parent
    assert _runs(child)
    os.kill(parent.pid or 0, signal.SIGKILL)
    parent.join()
    until = time.monotonic() + 10
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(child)
