"""What is kept between two readings changes nothing but the time they take."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import run
from sys import executable
from typing import Any

import pytest

import ostiary
from ostiary.sources import open_policy
from ostiary.sources.addons import read as reading
from ostiary.sources.addons.cache import default_folder as folder_of_user
from sources.build import BOOK, MakeAddon, ReadAddon, data, write_addon

CSV = "id,name,model_id:id,perm_read\nx,x,model_lib_book,1\n"
MENU = data('<menuitem id="top" name="Top" groups="base.group_user"/>')


def entries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def lib(addon: MakeAddon) -> Path:
    return addon("lib", python=BOOK, files={"ir.model.access.csv": CSV, "menus.xml": MENU})


def test_a_second_reading_is_the_first_one(lib: Path, read: ReadAddon, tmp_path: Path) -> None:
    without = read()
    cold, warm = read(cache=tmp_path / "cache"), read(cache=tmp_path / "cache")
    assert without == cold == warm and cold.rights[0].modes == warm.rights[0].modes
    assert entries(tmp_path / "cache")


def test_options_are_part_of_what_is_kept(lib: Path, read: ReadAddon, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    choices: list[dict[str, Any]] = [{}, {"demo": True}, {"odoo": "17.0"}, {"modules": []}]
    seen = [read(cache=cache, **options) for options in choices]
    again = [read(cache=cache, **options) for options in choices]
    assert seen == again and [policy.odoo for policy in seen] == ["18.0", "18.0", "17.0", "18.0"]
    assert [policy.demo for policy in seen] == [False, True, False, False] and "lib" not in seen[3].modules


@pytest.mark.parametrize("path", ["models.py", "ir.model.access.csv", "menus.xml", "__manifest__.py"])
def test_a_changed_file_is_noticed(lib: Path, read: ReadAddon, tmp_path: Path, path: str) -> None:
    before = read(cache=tmp_path / "cache")
    times = (lib / path).stat()
    content = (lib / path).read_text()
    (lib / path).write_text(
        content.replace("title", "other")
        .replace("x,x", "y,y")
        .replace("top", "low")
        .replace("'lib'", "'bil'")
    )
    os.utime(lib / path, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = read(cache=tmp_path / "cache")
    assert after != before and after == read()


@pytest.mark.parametrize(
    ("imports", "path"),
    [("from . import tests", "tests/__init__.py"), ("from . import models", "models/__init__.py"),
     ("from .deep import tests", "deep/tests.py")],
)  # fmt: skip
def test_a_changed_file_outside_of_the_usual_folders_is_noticed(
    addon: MakeAddon, read: ReadAddon, tmp_path: Path, imports: str, path: str
) -> None:
    module = addon("lib", files={"__init__.py": imports, path: BOOK})
    if path.startswith("models"):
        (module / "models").rename(tmp_path / "elsewhere")
        (module / "models").symlink_to(tmp_path / "elsewhere")
    assert "lib.book" in read(cache=tmp_path / "cache").models
    (module / path).write_text(BOOK.replace("lib.book", "lib.page"))
    assert "lib.page" in read(cache=tmp_path / "cache").models


def test_a_data_file_in_any_folder_is_noticed(addon: MakeAddon, read: ReadAddon, tmp_path: Path) -> None:
    module = addon("lib", files={"static/menus.xml": MENU, "doc/m.XML": MENU.replace("top", "low")})
    assert {"lib.top"} <= read(cache=tmp_path / "cache").menus.keys()
    (module / "static/menus.xml").write_text(MENU.replace("top", "new"))
    assert "lib.new" in read(cache=tmp_path / "cache").menus


@pytest.mark.parametrize("broken", [b"", b"\x00", b"nonsense" * 100, "cut"])
def test_a_broken_entry_is_no_entry(lib: Path, read: ReadAddon, tmp_path: Path, broken: bytes | str) -> None:
    first = read(cache=tmp_path / "cache")
    for path in entries(tmp_path / "cache"):
        content = path.read_bytes()
        path.write_bytes(broken if isinstance(broken, bytes) else content[: len(content) // 2])
    assert read(cache=tmp_path / "cache") == first == read(cache=tmp_path / "cache")


def test_a_damaged_entry_is_no_entry_and_is_replaced(lib: Path, read: ReadAddon, tmp_path: Path) -> None:
    first = read(cache=tmp_path / "cache", code=True)
    whole = {path: path.read_bytes() for path in entries(tmp_path / "cache")}
    for path, content in whole.items():
        at = content.rfind(b"title") if b"title" in content else len(content) - 1
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert read(cache=tmp_path / "cache", code=True) == first
    assert {path: path.read_bytes() for path in entries(tmp_path / "cache")} == whole


def test_what_is_edited_while_it_is_read_is_kept_as_what_was_read(
    lib: Path, read: ReadAddon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(cache=tmp_path / "cache")
    python = lib / "models.py"
    text = python.read_text()
    python.write_text(text + "\n# Another day.\n")
    told = reading._keys

    def edited(*given: Any) -> dict[str, str]:
        keys = told(*given)
        python.write_text(text.replace("lib.book", "lib.scroll"))
        return keys

    with monkeypatch.context() as patched:
        patched.setattr(reading, "_keys", edited)
        assert "lib.scroll" in read(cache=tmp_path / "cache").models
    python.write_text(text + "\n# Another day.\n")
    assert read(cache=tmp_path / "cache").models == before.models


def test_what_can_not_be_decoded_is_said_and_not_kept(
    lib: Path, read: ReadAddon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(reading, "encode", lambda found: b"\xc1")
        assert [one.kind for one in read(cache=tmp_path / "cache").problems] == ["limit"]
    assert "lib.book" in read(cache=tmp_path / "cache").models


def test_a_folder_that_can_not_be_written_is_harmless(lib: Path, read: ReadAddon, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert read(cache=tmp_path / "file") == read(cache=tmp_path / "file" / "below") == read()


def test_a_cache_of_a_relative_folder_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert folder_of_user() == tmp_path / ".cache" / "ostiary"


def test_without_a_cache_nothing_is_written(
    lib: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    open_policy([lib], cache=False)
    assert not (tmp_path / "home").exists()
    open_policy([lib])
    assert folder_of_user() == tmp_path / "home" / "ostiary" and entries(folder_of_user())


def test_two_processes_at_once(lib: Path, read: ReadAddon, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ostiary.sources import open_policy\n"
        "print(len(open_policy([sys.argv[1]], cache=Path(sys.argv[2])).models))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(ostiary.__file__).parents[1])}
    command = [executable, "-c", code, str(lib), str(tmp_path / "cache")]
    with ThreadPoolExecutor(3) as pool:
        done = list(
            pool.map(lambda _: run(command, env=environment, capture_output=True, text=True), range(3))
        )
    expected = f"{len(read().models)}\n"
    assert [(item.stdout, item.stderr) for item in done] == [(expected, "")] * 3
    assert not [path for path in entries(tmp_path / "cache") if path.name.startswith(".new-")]


def test_many_modules_are_read_in_parallel_to_the_same_policy(
    tmp_path: Path, read: ReadAddon, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(reading._PARALLEL_FROM + 3):
        text = BOOK.replace("lib.book", f"lib.book{number}")
        write_addon(tmp_path / "addons", f"m{number}", python=text, files={"m.xml": MENU})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    stages: list[str] = []
    told: dict[str, Any] = {
        "cache": tmp_path / "cache",
        "progress": lambda stage, done, total: stages.append(f"{stage} {done}/{total}"),
    }
    parallel = read(**told)
    assert "Reading modules 27/27" in stages
    assert read(**told) == parallel and "Looking at modules 27/27" in stages
    monkeypatch.setattr(reading, "_PARALLEL_FROM", 1_000)
    assert parallel == read() and len(parallel.menus) == 27
