"""What a target may be, what is found in it, and how its files are named."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ostiary.sources import UnreadableTarget, open_policy, shown_target
from ostiary.sources.addons import locate
from sources.build import BOOK, MODELS, MakeAddon, ReadAddon, problems, right, write_addon

CSV = "id,name,model_id:id,group_id:id,perm_read\nbook_user,book,model_lib_book,base.group_user,1\n"
PARTS: dict[str, Any] = {"python": BOOK, "files": {"security/ir.model.access.csv": CSV}}


@pytest.mark.parametrize(
    ("target", "shown"),
    [("lib", "lib"), ("lib/", "lib"), ("./lib", "./lib"), (".", "./lib"), ("../addons", "../addons/lib")],
)
def test_origins_are_named_as_the_target_was(
    addon: MakeAddon, read: ReadAddon, monkeypatch: pytest.MonkeyPatch, target: str, shown: str
) -> None:
    folder = addon("lib", **PARTS).parent
    monkeypatch.chdir(folder)
    origin = right(read(target), "lib.book_user").origin
    assert (origin.path, origin.line, origin.module) == (f"{shown}/security/ir.model.access.csv", 2, "lib")


@pytest.mark.parametrize("target", [".", "../lib", "models/.."])
def test_a_module_is_named_by_its_folder_however_it_is_reached(
    addon: MakeAddon, read: ReadAddon, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    module = addon("lib", **PARTS)
    (module / "models").mkdir()
    monkeypatch.chdir(module)
    assert right(read(target), "lib.book_user").model == "lib.book"


def test_the_first_module_of_a_name_wins_and_several_folders_are_read(
    tmp_path: Path, read: ReadAddon
) -> None:
    write_addon(tmp_path / "one", "lib", **PARTS)
    write_addon(tmp_path / "two", "lib", files={"__init__.py": ""})
    write_addon(tmp_path / "two", "shop", files={"__init__.py": ""})
    first = read(tmp_path / "one", tmp_path / "two")
    assert {"lib", "shop"} <= first.modules.keys() and "lib.book" in first.models
    assert "lib.book" not in read(tmp_path / "two", tmp_path / "one").models


def test_modules_are_found_in_nested_folders_but_not_where_none_are_kept(
    tmp_path: Path, read: ReadAddon
) -> None:
    write_addon(tmp_path / "repo" / "odoo" / "addons", "lib", **PARTS)
    write_addon(tmp_path / "repo" / "node_modules", "hidden")
    write_addon(tmp_path / "repo" / ".git", "secret")
    assert read(tmp_path / "repo").modules.keys() & {"lib", "hidden", "secret"} == {"lib"}


def pack(path: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("lib.zip", ""), ("lib-18.0-py3-none-any.whl", "odoo/addons/"), ("x.zip", "repo-18/")],
)
def test_an_archive_reads_as_its_folder_does(
    addon: MakeAddon, read: ReadAddon, tmp_path: Path, name: str, prefix: str
) -> None:
    folder = addon("lib", **PARTS).parent
    archive = pack(tmp_path / name, folder, prefix)
    found = right(read(archive), "lib.book_user")
    assert found.origin.path == f"{archive}/{prefix}lib/security/ir.model.access.csv"
    assert (found.model, found.group) == ("lib.book", "base.group_user")


def test_an_archive_that_changes_is_read_again(addon: MakeAddon, read: ReadAddon, tmp_path: Path) -> None:
    module = addon("lib", **PARTS)
    archive = pack(tmp_path / "lib.zip", module.parent)
    assert right(read(archive), "lib.book_user").group == "base.group_user"
    (module / "security/ir.model.access.csv").write_text(CSV.replace("group_user", "group_portal"))
    pack(archive, module.parent)
    assert right(read(archive), "lib.book_user").group == "base.group_portal"


def test_an_entry_that_leaves_the_archive_is_no_module(tmp_path: Path, read: ReadAddon) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../evil", "/abs", "a/../../up", "ok"):
            archive.writestr(f"{name}/__manifest__.py", "{'data': ['../../../../etc/passwd.xml']}")
    policy = read(path)
    assert {name for name, module in policy.modules.items() if not module.facts} == {"ok"}
    assert [item.kind for item in policy.problems] == ["missing-file"]
    assert "outside the module" in policy.problems[0].message


def test_an_archive_that_says_it_is_huge_is_refused(
    tmp_path: Path, read: ReadAddon, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lib/__manifest__.py", "{}")
        archive.writestr("lib/security/x.xml", b" " * 5_000_000)
    monkeypatch.setattr(locate, "MAX_ARCHIVE_BYTES", 4_000_000)
    with pytest.raises(UnreadableTarget, match="larger than"):
        read(path)


def test_many_manifests_in_an_archive_are_not_compared_with_each_other(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(15_000):
            archive.writestr(f"m{number:05}/__manifest__.py", b"")
    assert len(locate.find_modules([path])) == 15_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"", "is no folder"),
        (b"PK\x03\x04 broken", "is no folder"),
        (b"{}", "is no"),
    ],
)
def test_what_is_no_target_is_said_in_one_sentence(
    tmp_path: Path, read: ReadAddon, content: bytes | None, message: str
) -> None:
    target = tmp_path / "thing"
    if content is not None:
        target.write_bytes(content)
    with pytest.raises(UnreadableTarget, match=message) as caught:
        read(target)
    assert "\n" not in str(caught.value) and str(target) in str(caught.value)


def test_a_folder_without_modules_and_a_pipe_are_no_targets(tmp_path: Path, read: ReadAddon) -> None:
    with pytest.raises(UnreadableTarget, match="holds no Odoo module"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableTarget):
        read(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="everything can be read by root")
def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, read: ReadAddon) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    try:
        with pytest.raises(UnreadableTarget, match=r"[Pp]ermission denied"):
            read(closed)
    finally:
        closed.chmod(0o700)


def test_links_that_lead_back_do_not_loop(addon: MakeAddon, read: ReadAddon) -> None:
    module = addon("lib", **PARTS)
    (module.parent / "again").symlink_to(module.parent)
    (module / "models").symlink_to(module)
    (module / "self").symlink_to(module / "self")
    assert "lib.book" in read(module.parent).models


def test_a_pipe_in_a_module_is_not_waited_for(addon: MakeAddon, read: ReadAddon) -> None:
    module = addon("lib", python=BOOK, manifest={"data": ["pipe.xml"]})
    os.mkfifo(module / "pipe.xml")
    assert [item.kind for item in read().problems] == ["limit"]


def test_names_that_are_no_text_are_passed_over(addon: MakeAddon, read: ReadAddon) -> None:
    module = addon("lib", **PARTS)
    os.mkdir(os.fsencode(module.parent) + b"/\xff")
    for name in (b"/\xff/__manifest__.py", b"/lib/security/ir.model.access-\xff.csv"):
        Path(os.fsdecode(os.fsencode(module.parent) + name)).write_text("{}")
    policy = read()
    assert "lib.book" in policy.models and policy.unloaded == []


@pytest.mark.parametrize("name", ["with space", "back\\slash", "dash-ed", "ünï"])
def test_a_folder_may_have_an_odd_name(tmp_path: Path, read: ReadAddon, name: str) -> None:
    write_addon(tmp_path / name, "lib", **PARTS)
    assert right(read(tmp_path / name), "lib.book_user").origin.path.startswith(f"{tmp_path}/{name}/lib/")


def test_files_the_manifest_names(addon: MakeAddon, read: ReadAddon) -> None:
    addon(
        "lib",
        python=BOOK,
        manifest={"data": ["../../etc/passwd.xml", "/etc/passwd.xml", "gone.xml", "./security/./ok.csv"]},
        files={"security/ok.csv": "", "static/x.xml": "<odoo/>"},
    )
    found = problems(read(), "missing-file")
    assert [item.fatal for item in found] == [True, True, True]
    assert ["outside" in item.message for item in found] == [True, True, False]
    assert found[2].origin.line == 1


def test_old_keys_of_a_manifest_load_nothing(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", manifest={"data": [], "update_xml": ["security/ir.model.access.csv"]}, **PARTS)
    policy = read()
    assert not [item for item in policy.rights if item.origin.module == "lib"]
    assert [item.xmlid for item in policy.unloaded[0].rights] == ["lib.book_user"]


def test_classes_of_a_module_that_is_not_installable_do_not_count(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", **PARTS)
    addon(
        "off",
        python=MODELS + "class A(models.Model):\n    _name = 'off.a'\n",
        manifest={"installable": False},
    )
    policy = read()
    assert "off" not in policy.modules and "off.a" not in policy.models


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("postgresql//postgres:SECRET@127.0.0.1/odoo", "postgresql//postgres:…@127.0.0.1/odoo"),
        ("postgresql;//u:SECRET@h/odoo", "postgresql;//u:…@h/odoo"),
        ("'postgresql://u:SECRET@h/odoo'", "'postgresql://u:…@h/odoo'"),
        ("//u:SECRET@h:5432/odoo", "//u:…@h:5432/odoo"),
        ("./u:SECRET@h/odoo", "./u:…@h/odoo"),
        ("u:SECRET@h/odoo", "u:…@h/odoo"),
        ("u%3ASECRET@h/odoo", "u%3A…@h/odoo"),
        ("1u:SEC RET@h", "1u:…@h"),
        ("1u:SEC@R:E/T@h/odoo", "1u:…@h/odoo"),
        ("1u:SECRET\0@h/odoo", "1u:…@h/odoo"),
        ("postgres:SECRET@h/odoo", "postgresql://…"),
        ("postgresql:u:SECRET@h/odoo", "postgresql://…"),
        ("postgresq://u:SECRET@h/odoo", "postgresq://…"),
        ("host=h password=SECRET", "postgresql://…"),
        ("PGPASSWORD=SECRET", "postgresql://…"),
        ("me@h:5432/odoo", "me@h:5432/odoo"),
        ("nowhere/18:00", "nowhere/18:00"),
    ],
)
def test_no_password_of_what_was_meant_as_a_url_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, shown: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_target(target) == shown
    for arguments in ({"targets": [target]}, {"targets": [tmp_path], "addons_path": [target]}):
        with pytest.raises(UnreadableTarget) as caught:
            open_policy(**arguments, cache=False)
        assert "SEC" not in str(caught.value) and "RET" not in str(caught.value)


def test_a_folder_with_such_a_name_is_shown_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "a:b@c"
    folder.mkdir()
    assert shown_target(str(folder)) == str(folder)
    with pytest.raises(UnreadableTarget, match="a:b@c holds no Odoo module"):
        open_policy([str(folder)], cache=False)
