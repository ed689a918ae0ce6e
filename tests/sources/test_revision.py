"""A target at a git revision reads as a checkout of it does, and nothing a repository holds is run or followed out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ostiary.policy import Policy
from ostiary.sources import UnreadableTarget, git, open_policy, revision, revision_tree
from ostiary.sources.database.open import completed
from sources.build import BOOK, problems, right, write_addon

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

CSV = "id,name,model_id:id,group_id:id,perm_read\nbook_user,book,model_lib_book,base.group_user,1\n"
PORTAL = CSV.replace("group_user", "group_portal")
PARTS: dict[str, Any] = {"python": BOOK, "files": {"security/ir.model.access.csv": CSV}}
IDENTITY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "file"} | {
    f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}

Git = Callable[..., str]


def run_git(folder: Path, *arguments: str, feed: bytes = b"", check: bool = True) -> str:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", folder, *arguments], input=feed, capture_output=True, env=outside | IDENTITY
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def commit(folder: Path) -> str:
    run_git(folder, "add", "--all", "--force", ".")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message", "x")
    return run_git(folder, "rev-parse", "HEAD")


def read(*targets: str | os.PathLike[str], **options: Any) -> Policy:
    options.setdefault("cache", False)
    return open_policy(targets, **options)


def group(policy: Policy) -> str | None:
    return right(policy, "lib.book_user").group


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository above the test's folder, and none of the user's settings."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with the module `addons/lib`: internal users may read first, portal users now."""
    folder = tmp_path / "repo"
    folder.mkdir()
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    module = write_addon(folder / "addons", "lib", **PARTS)
    commit(folder)
    run_git(folder, "tag", "--annotate", "--message", "one", "v1")
    (module / "security/ir.model.access.csv").write_text(PORTAL)
    commit(folder)
    return folder


# -- what is read ----------------------------------------------------------------------------------


def test_a_revision_reads_as_a_checkout_of_it(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_addon(repo / "addons", "shop", files={"broken.xml": "<odoo>", "doc/x.csv": "id\n"})
    write_addon(repo / "addons/deep/er", "inner", **PARTS)
    (repo / "addons/linked").symlink_to("deep/er/inner")
    (repo / "addons/lib/more.xml").symlink_to("../shop/broken.xml")
    commit(repo)
    monkeypatch.chdir(repo)
    for target in (
        "addons",
        ".",
        "./addons/",
        "addons/lib",
        "addons/linked",
        "addons/deep/../lib",
        str(repo),
    ):
        assert read(f"{target}@HEAD") == read(target)
    assert problems(read("addons@HEAD")) and {"linked", "inner"} <= read("addons@HEAD").modules.keys()


@pytest.mark.parametrize(
    "name",
    [
        "v1",
        "HEAD~1",
        "HEAD^",
        "main~1",
        "main@{2}",
        "@~1",
        "HEAD@{2}",
        ":/^x",
        "refs/tags/v1",
        "v1^{}",
        "v1^{commit}",
    ],
)
def test_a_revision_is_named_as_git_names_it(repo: Path, name: str) -> None:
    run_git(repo, "commit", "--quiet", "--amend", "--message", "y")
    assert group(read(f"{repo}/addons@{name}")) == "base.group_user"
    assert group(read(f"{repo}/addons@HEAD")) == group(read(repo)) == "base.group_portal"


def test_a_hash_and_a_remote_branch_are_revisions(repo: Path, tmp_path: Path) -> None:
    old = run_git(repo, "rev-parse", "v1^{commit}")
    run_git(tmp_path, "clone", "--quiet", str(repo), "clone")
    for name in (old, old[:10], "origin/main~1"):
        assert group(read(f"{tmp_path}/clone/addons@{name}")) == "base.group_user"


@pytest.mark.parametrize(
    ("folder", "target", "shown"),
    [
        ("", "addons@v1", "addons/lib"),
        ("", ".@v1", "./addons/lib"),
        ("", "./addons/lib/@v1", "./addons/lib"),
        ("addons", "lib@v1", "lib"),
        ("addons", ".@v1", "./lib"),
        ("addons/lib", ".@v1", "."),
        ("addons/lib/security", "..@v1", ".."),
        ("addons/lib", "../../addons@v1", "../../addons/lib"),
    ],
)
def test_files_are_named_as_in_the_work_tree(
    repo: Path, monkeypatch: pytest.MonkeyPatch, folder: str, target: str, shown: str
) -> None:
    monkeypatch.chdir(repo / folder)
    found = right(read(target), "lib.book_user")
    assert found.origin.path == f"{shown}/security/ir.model.access.csv" and found.group == "base.group_user"


def test_the_work_tree_is_neither_read_nor_changed(repo: Path) -> None:
    (repo / "addons/lib/security/ir.model.access.csv").write_text("broken")
    (repo / ".git/index").write_bytes(b"broken")
    shutil.rmtree(repo / "addons/lib/security")
    before = sorted((path, path.stat().st_mtime_ns) for path in repo.rglob("*") if path.is_file())
    assert group(read(f"{repo}/addons@HEAD")) == "base.group_portal"
    assert before == sorted((path, path.stat().st_mtime_ns) for path in repo.rglob("*") if path.is_file())


def test_what_is_deleted_now_is_read_where_it_was(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(repo / "addons")
    commit(repo)
    monkeypatch.chdir(repo)
    for target in (
        "addons@HEAD~1",
        "addons/lib@HEAD~1",
        f"{repo}/addons@v1",
        f"{repo}/addons/lib@HEAD@{{1}}",
    ):
        assert "lib.book" in read(target).models
    with pytest.raises(UnreadableTarget, match="nothing at that path"):
        read("addons@HEAD")
    with pytest.raises(UnreadableTarget, match="nothing at that path"):
        read("gone/../addons@HEAD~1")


def test_nothing_is_left_behind(repo: Path, tmp_path: Path) -> None:
    for name in ("v1", "nope"):
        try:
            read(f"{repo}/addons@{name}")
        except UnreadableTarget:
            assert name == "nope"
    read(repo)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_cache_serves_each_revision_its_own(repo: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    targets = [f"{repo}/addons@v1", f"{repo}/addons@HEAD", f"{repo}/addons", f"{repo}/addons@v1"]
    found = [read(target, cache=cache) for target in targets * 2]
    expected = [f"base.group_{name}" for name in ("user", "portal", "portal", "user")]
    assert [group(policy) for policy in found[:4]] == expected
    assert found[:4] == found[4:] == [read(target) for target in targets]
    run_git(repo, "tag", "--force", "v1", "HEAD")
    assert group(read(targets[0], cache=cache)) == "base.group_portal"


def test_two_reads_at_once(repo: Path) -> None:
    names = ["v1", "HEAD"] * 6
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda name: group(read(f"{repo}/addons@{name}")), names))
    assert found == ["base.group_user", "base.group_portal"] * 6


def test_context_may_be_at_a_revision(repo: Path, tmp_path: Path) -> None:
    mine = write_addon(tmp_path / "mine", "mine", manifest={"depends": ["lib"]})
    policy = read(mine, addons_path=[f"{repo}/addons@v1"])
    assert group(policy) == "base.group_user" and {"lib", "mine"} <= policy.modules.keys()
    assert group(read(f"{repo}/addons@v1", f"{repo}/addons@HEAD")) == "base.group_user"


def test_the_source_of_a_database_may_be_at_a_revision(repo: Path) -> None:
    database = read(repo)
    for model in database.models.values():
        model.code_unread = True
    whole = completed(database, "postgresql://h/d", addons_path=[f"{repo}/addons@v1"])
    assert whole.models["lib.book"].code_unread is False


def test_the_version_of_an_odoo_is_read_from_its_revision(repo: Path) -> None:
    (repo / "odoo").mkdir()
    (repo / "odoo/release.py").write_text("version_info = (17, 0, 0, 'final', 0, '')\n")
    write_addon(repo / "odoo/addons", "base", manifest={"depends": [], "version": "1.0"})
    commit(repo)
    (repo / "odoo/release.py").write_text("version_info = (19, 0, 0, 'final', 0, '')\n")
    for target in ("", "/odoo", "/odoo/addons", "/odoo/addons/base"):
        assert read(f"{repo}{target}@HEAD", modules=["base"]).odoo == "17.0"


@pytest.mark.parametrize("bare", ["repo.git", "bare"])
def test_bare_repositories_and_git_folders(repo: Path, tmp_path: Path, bare: str) -> None:
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repo), bare)
    for target in (
        f"{bare}@v1",
        f"{bare}/addons@v1",
        f"{bare}/addons/lib@v1",
        "repo/.git@v1",
        "repo/.git/addons@v1",
    ):
        assert group(read(f"{tmp_path}/{target}")) == "base.group_user"


def test_a_repository_that_is_a_module_has_its_folder_s_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = write_addon(tmp_path, "lib", **PARTS)
    run_git(module, "init", "--quiet")
    commit(module)
    run_git(tmp_path, "clone", "--quiet", "--bare", str(module), "bare/lib.git")
    monkeypatch.chdir(module)
    (tmp_path / "alias").symlink_to(module)
    targets = (".@HEAD", "../lib@HEAD", "../bare/lib.git@HEAD", ".git@HEAD", "../alias@HEAD")
    assert {right(read(target), "lib.book_user").model for target in targets} == {"lib.book"}


def test_worktrees_have_a_head_of_their_own(repo: Path, tmp_path: Path) -> None:
    run_git(repo, "worktree", "add", "--quiet", "--detach", str(tmp_path / "other"), "v1")
    assert group(read(f"{tmp_path}/other/addons@HEAD")) == "base.group_user"
    assert group(read(f"{tmp_path}/other/addons@main")) == "base.group_portal"


def test_attributes_hide_and_change_nothing(repo: Path) -> None:
    module = repo / "addons/lib"
    attributes = "* export-ignore export-subst ident eol=crlf working-tree-encoding=UTF-16\n"
    (repo / ".gitattributes").write_text("security export-ignore\n")
    (module / "note.py").write_text("x = '$Format:%H$ $Id$'\n")
    commit(repo)
    (repo / ".git/info/attributes").write_text(attributes)
    assert group(read(f"{repo}/addons@HEAD")) == "base.group_portal"


def test_line_ends_are_read_as_they_were_committed(repo: Path) -> None:
    path = repo / "addons/lib/security/ir.model.access.csv"
    path.write_bytes(PORTAL.replace("\n", "\r\n").encode())
    run_git(repo, "config", "core.autocrlf", "false")
    commit(repo)
    found = right(read(f"{repo}/addons@HEAD"), "lib.book_user")
    assert (found.group, found.origin.line) == ("base.group_portal", 2)


def test_replacements_do_not_count(repo: Path) -> None:
    run_git(repo, "replace", "HEAD", "HEAD~1")
    assert group(read(f"{repo}/addons@HEAD")) == "base.group_portal"


def test_variables_of_a_hook_do_not_choose_the_repository(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "nowhere"))
    assert group(read(f"{repo}/addons@v1")) == "base.group_user"


# -- names with @ ----------------------------------------------------------------------------------


def test_what_exists_under_the_whole_name_is_a_path(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo)
    literal = write_addon(repo / "addons@v1", "lib", python=BOOK.replace("lib.book", "lib.page"))
    assert "lib.page" in read("addons@v1").models
    commit(repo)
    shutil.copytree(repo, repo.parent / "me@home")
    assert group(read("../me@home/addons@v1~0")) == "base.group_user"
    assert "lib.page" in read("addons@v1@HEAD").models
    assert group(read("../me@home/addons@HEAD@{0}")) == "base.group_portal"
    shutil.rmtree(repo.parent / "me@home/addons")
    assert group(read("../me@home/addons/lib@HEAD@{0}")) == "base.group_portal"
    assert literal.is_dir()


@pytest.mark.parametrize(
    "target", ["@", "@HEAD", "addons@", "addons@HE\nAD", "addons@HE\0AD", "x" * 5000 + "@HEAD"]
)
def test_what_is_no_revision_is_a_path_that_is_not_there(
    repo: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(repo)
    with pytest.raises(UnreadableTarget, match=r"does not exist|can't be read"):
        read(target)


# -- what can't be read ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("addons@nope", "no such revision; 'git log'"),
        ("addons@HEAD~99", "no such revision"),
        ("addons@--help", "no such revision"),
        ("addons@-", "no such revision"),
        ("addons@v1..HEAD", "no such revision"),
        ("addons@^HEAD", "no such revision"),
        ("addons@HEAD:addons", "is a tree, not a commit"),
        ("addons@HEAD:addons/lib/models.py", "is a blob, not a commit"),
        ("nothing@HEAD", "nothing at that path"),
        ("../repo/addons/lib/gone@HEAD", "nothing at that path"),
        ("addons/lib/models.py@HEAD", "is a file in that revision"),
        ("addons/lib/models.py/x@HEAD", "nothing at that path"),
        ("addons/lib/security@HEAD", "security@HEAD holds no Odoo module"),
        ("gone/../../../x@HEAD", "nothing at that path"),
        ("out@HEAD", "link out of the repository"),
    ],
)
def test_what_can_not_be_read_is_said_in_one_sentence(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    (repo / "out").symlink_to(tmp_path)
    commit(repo)
    run_git(repo, "tag", "v2", "HEAD")
    monkeypatch.chdir(repo)
    with pytest.raises(UnreadableTarget, match=message) as caught:
        read(target)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(target)
    assert "temporary" not in str(caught.value)
    with pytest.raises(UnreadableTarget, match=message):
        read(write_addon(tmp_path / "mine", "mine"), addons_path=[target])


def test_outside_of_a_repository_there_are_no_revisions(tmp_path: Path) -> None:
    write_addon(tmp_path / "addons", "lib", **PARTS)
    with pytest.raises(UnreadableTarget, match="in no git repository"):
        read(f"{tmp_path}/addons@HEAD")
    with pytest.raises(UnreadableTarget, match="does not exist: give"):
        read(f"{tmp_path}/gone@HEAD")


def test_an_empty_repository_has_no_revision(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    with pytest.raises(UnreadableTarget, match="no such revision"):
        read(f"{tmp_path}@HEAD")


def test_a_shallow_clone_says_how_to_get_more(repo: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth=1", repo.as_uri(), "shallow")
    assert group(read(f"{tmp_path}/shallow/addons@HEAD")) == "base.group_portal"
    with pytest.raises(UnreadableTarget, match=r"shallow clone .*\(git fetch --unshallow;"):
        read(f"{tmp_path}/shallow/addons@HEAD~1")


def test_without_git_it_is_said(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UnreadableTarget, match="takes git, which was not found"):
        read(f"{repo}/addons@HEAD")
    assert group(read(repo)) == "base.group_portal"


def test_a_repository_of_somebody_else_is_said(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(git._SET, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UnreadableTarget, match=r"another user; if you trust it, .*safe\.directory"):
        read(f"{repo}/addons@HEAD")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    assert group(read(f"{repo}/addons@HEAD")) == "base.group_portal"


def test_no_part_of_a_password_is_shown_or_given_to_git_as_an_argument(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo)
    started: list[str] = []
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        started.extend(command)
        return real(command, **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    for target in ("1u:SEC@R:E/T@h/odoo", "u:SECRET@h/odoo", "./u:SECRET@HEAD", "//u:SECRET@h:5432/odoo"):
        with pytest.raises(UnreadableTarget) as caught:
            read(target)
        assert (
            "SEC" not in str(caught.value)
            and "RET" not in str(caught.value)
            and "E/T" not in str(caught.value)
        )
    assert started and not any("SEC" in argument or "E/T" in argument for argument in started)


# -- hostile repositories --------------------------------------------------------------------------


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that is only there if something of the repository was executed."""
    return tmp_path / "mark"


def test_nothing_of_the_repository_is_executed(repo: Path, mark: Path) -> None:
    program = repo / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    for name in (
        "post-index-change",
        "post-checkout",
        "pre-auto-gc",
        "reference-transaction",
        "fsmonitor-watchman",
    ):
        shutil.copy(program, repo / ".git/hooks" / name)
    (repo / ".gitattributes").write_text("* filter=evil diff=evil merge=evil text eol=crlf\n")
    commit(repo)
    for setting in (
        "core.fsmonitor", "core.pager", "pager.ls-tree", "pager.cat-file", "pager.rev-parse", "core.editor",
        "core.sshCommand", "core.askPass", "core.gitProxy", "core.alternateRefsCommand", "credential.helper",
        "filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.evil.command",
        "diff.external", "merge.evil.driver", "remote.origin.uploadpack", "uploadpack.packObjectsHook",
        "gpg.program", "interactive.diffFilter", "trailer.x.command",
    ):  # fmt: skip
        run_git(repo, "config", setting, str(program))
    for name in ("cat-file", "ls-tree", "rev-parse"):
        run_git(repo, "config", f"alias.{name}", f"!{program}")
    run_git(repo, "config", "core.hooksPath", str(repo / ".git/hooks"))
    run_git(repo, "config", "filter.evil.required", "true")
    run_git(repo, "status", check=False)
    assert mark.exists(), "nothing here would have been executed by git itself"
    mark.unlink()
    for name in ("HEAD", "HEAD~1", "nope"):
        try:
            assert "lib.book" in read(f"{repo}/addons@{name}").models
        except UnreadableTarget:
            assert name == "nope"
    assert not mark.exists()


@pytest.mark.parametrize("kept", ["blob:none", "tree:0"])
def test_what_a_partial_clone_lacks_is_not_fetched(repo: Path, tmp_path: Path, mark: Path, kept: str) -> None:
    run_git(repo, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", "--no-checkout", f"--filter={kept}", repo.as_uri(), str(clone))
    run_git(clone, "config", "remote.origin.uploadpack", f"touch {mark}; git-upload-pack")
    run_git(clone, "config", "protocol.allow", "always")
    run_git(clone, "config", "protocol.file.allow", "always")
    with pytest.raises(UnreadableTarget, match="partial clone"):
        read(f"{clone}/addons@HEAD")
    assert not mark.exists()
    (clone / "addons").mkdir()
    run_git(clone, "checkout", "--quiet", "HEAD")
    assert mark.exists()
    assert group(read(f"{clone}/addons@HEAD")) == "base.group_portal"


def test_a_git_in_the_folder_or_on_a_relative_path_is_not_run(
    repo: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "git").write_text(f"#!/bin/sh\n: > {mark}\n")
    (repo / "git").chmod(0o755)
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(UnreadableTarget, match="takes git, which was not found"):
        read("addons@HEAD")
    assert not mark.exists()


def test_links_are_followed_inside_of_the_tree_only(repo: Path, tmp_path: Path) -> None:
    write_addon(tmp_path, "outside", **PARTS)
    (tmp_path / "secret.csv").write_text(CSV.replace("book_user", "leaked"))
    addons = repo / "addons"
    write_addon(repo / "vendor", "inside", **PARTS)
    for name, to in {
        "inside": "../vendor/inside",
        "chain": "hop/../addons/inside",
        "hop": "../vendor",
        "absolute": str(tmp_path / "outside"),
        "above": "../../outside",
        "here": str(addons / "lib"),
        "round": "round",
        "up": "..",
        "by": "up/../../outside",
        "dangling": "nowhere",
        "lib/file.csv": str(tmp_path / "secret.csv"),
        "lib/static.csv": "../../../secret.csv",
    }.items():
        (addons / name).symlink_to(to)
    (addons / "lib/static").mkdir()
    (addons / "lib/static/x").symlink_to("/")
    (addons / "lib/__manifest__.py").write_text("{'data': ['file.csv', 'static.csv']}")
    commit(repo)
    policy = read(f"{addons}@HEAD")
    assert {"inside", "chain", "lib"} <= policy.modules.keys()
    assert not policy.modules.keys() & {"absolute", "above", "here", "outside", "dangling", "by"}
    assert [item.kind for item in policy.problems if item.origin.module == "lib"] == ["missing-file"] * 2
    assert "leaked" not in repr(policy) and str(tmp_path / "temporary") not in repr(policy)
    noted = {note.origin.path for note in policy.notes if note.kind == "unread-folder"}
    names = ("absolute", "above", "by", "here", "lib/file.csv", "lib/static.csv")
    assert noted == {f"{addons}/{name}" for name in names}


def test_a_link_of_the_work_tree_does_not_lead_to_another_repository(repo: Path, tmp_path: Path) -> None:
    shutil.copytree(repo, tmp_path / "other")
    run_git(tmp_path / "other", "commit", "--quiet", "--allow-empty", "--message", "other")
    shutil.rmtree(repo / "addons")
    (repo / "addons").symlink_to(tmp_path / "other/addons")
    other = run_git(tmp_path / "other", "rev-parse", "HEAD")
    with pytest.raises(UnreadableTarget, match="no such revision"):
        read(f"{repo}/addons@{other}")
    assert group(read(f"{repo}/addons@HEAD")) == "base.group_portal"
    (tmp_path / "mine").symlink_to(tmp_path / "other")
    assert group(read(f"{tmp_path}/mine/addons@{other}")) == "base.group_portal"


def test_submodules_are_told_and_not_looked_into(repo: Path, tmp_path: Path) -> None:
    source = write_addon(tmp_path / "source", "sub", **PARTS)
    run_git(source, "init", "--quiet")
    commit(source)
    run_git(repo, "submodule", "--quiet", "add", source.as_uri(), "addons/sub")
    (repo / "addons/by").symlink_to("sub")
    commit(repo)
    policy = read(f"{repo}/addons@HEAD")
    assert "sub" not in policy.modules and "sub" in read(repo / "addons").modules
    noted = [(note.kind, note.origin.path) for note in policy.notes if "submodule" in note.message]
    assert noted == [("unread-folder", f"{repo}/addons/{name}") for name in ("by", "sub")]
    assert "lib.book" in read(f"{repo}/addons/sub@HEAD").models
    shutil.rmtree(repo / "addons/sub")
    (repo / "addons/sub").mkdir()
    with pytest.raises(UnreadableTarget, match="a submodule or"):
        read(f"{repo}/addons/sub@HEAD")


def test_a_pointer_of_git_lfs_is_not_taken_for_the_file(repo: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    (repo / "addons/lib/security/ir.model.access.csv").write_text(pointer)
    commit(repo)
    policy = read(f"{repo}/addons@HEAD")
    assert [item.kind for item in problems(policy)] == ["missing-file"]
    path = f"{repo}/addons/lib/security/ir.model.access.csv"
    assert [note.origin.path for note in policy.notes if note.kind == "unread-file"] == [path]


def tree_of(repo: Path, entries: list[tuple[str, str, bytes]]) -> str:
    """A tree object of any entries, also of those git itself would not write."""
    raw = b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(id) for mode, id, name in entries)
    return run_git(repo, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", feed=raw)


def commit_of(repo: Path, tree: str) -> str:
    return run_git(repo, "commit-tree", "-m", "x", tree)


@pytest.mark.parametrize("name", [b"..", b".", b"../evil", b"", b"x" * 5000])
def test_names_that_lead_out_of_a_folder_are_refused(repo: Path, tmp_path: Path, name: bytes) -> None:
    blob = run_git(repo, "hash-object", "-w", "--stdin", feed=b"{}")
    inner = tree_of(repo, [("100644", blob, b"__manifest__.py"), ("100644", blob, b"evil.py")])
    before = sorted(tmp_path.rglob("evil*"))
    for entry in (("40000", inner, name), ("100644", blob, name + b"/evil.py"), ("120000", blob, name)):
        at = commit_of(repo, tree_of(repo, [entry]))
        with pytest.raises(UnreadableTarget, match=r"names that no folder can hold|too long|empty filename"):
            read(f"{repo}@{at}")
    assert sorted(tmp_path.rglob("evil*")) == before


def test_two_things_of_one_name_are_refused(repo: Path, tmp_path: Path) -> None:
    blob = run_git(repo, "hash-object", "-w", "--stdin", feed=b"x = 1")
    link = run_git(repo, "hash-object", "-w", "--stdin", feed=os.fsencode(tmp_path))
    inner = tree_of(repo, [("100644", blob, b"evil.py")])
    for entries in (
        [("120000", link, b"a"), ("40000", inner, b"a")],
        [("100644", blob, b"a.py"), ("40000", inner, b"a.py")],
        [("40000", inner, b"a"), ("40000", inner, b"a")],
    ):
        with pytest.raises(UnreadableTarget, match=r"names that no folder|of one name"):
            read(f"{repo}@{commit_of(repo, tree_of(repo, entries))}")
    assert not list(tmp_path.glob("evil.py"))


def test_a_tree_that_multiplies_is_not_followed_to_its_end(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision_tree, "MAX_ENTRIES", 20_000)
    blob = run_git(repo, "hash-object", "-w", "--stdin", feed=b"{}")
    tree = tree_of(repo, [("100644", blob, b"__manifest__.py")])
    for _ in range(12):
        tree = tree_of(repo, [("40000", tree, f"d{number}".encode()) for number in range(10)])
    with pytest.raises(UnreadableTarget, match=r"more than 20,000"):
        read(f"{repo}@{commit_of(repo, tree)}")


def test_a_deep_tree_is_refused(repo: Path) -> None:
    blob = run_git(repo, "hash-object", "-w", "--stdin", feed=b"{}")
    tree = tree_of(repo, [("100644", blob, b"__manifest__.py")])
    for _ in range(100):
        tree = tree_of(repo, [("40000", tree, b"d")])
    with pytest.raises(UnreadableTarget, match="nested too deeply"):
        read(f"{repo}@{commit_of(repo, tree)}")


def test_too_many_bytes_are_refused_and_too_large_a_file_is_not_there(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "addons/lib/security/ir.model.access.csv").write_text(CSV + "\n" * 1_000_000)
    commit(repo)
    monkeypatch.setattr(revision, "MAX_FILE_BYTES", 500_000)
    assert [item.kind for item in problems(read(f"{repo}/addons@HEAD"))] == ["missing-file"]
    monkeypatch.setattr(revision, "MAX_ARCHIVE_BYTES", 100)
    with pytest.raises(UnreadableTarget, match="larger than"):
        read(f"{repo}/addons@HEAD")


def test_a_broken_object_is_said(repo: Path) -> None:
    blob = run_git(repo, "rev-parse", "HEAD:addons/lib/models.py")
    path = repo / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:10] + b"\xff" * 20)
    with pytest.raises(UnreadableTarget) as caught:
        read(f"{repo}/addons@HEAD")
    assert "\n" not in str(caught.value)


def test_a_git_that_does_not_end_is_not_waited_for(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin/git"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setattr(git, "MAX_SECONDS", 0.2)
    with pytest.raises(UnreadableTarget, match="took longer than"):
        read(f"{repo}/addons@HEAD")


def test_a_sha256_repository_is_read(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "repo")
    write_addon(tmp_path / "repo", "lib", **PARTS)
    assert len(commit(tmp_path / "repo")) == 64
    assert group(read(f"{tmp_path}/repo@HEAD")) == "base.group_user"


def test_names_that_are_no_text_and_odd_names_are_read(repo: Path) -> None:
    for name in (b"\xff.py", b"new\nline.py", b'"quoted".py', b"tab\t.py", "ünï.py".encode()):
        (repo / "addons/lib" / os.fsdecode(name)).write_text("x = 1\n")
    commit(repo)
    assert read(f"{repo}/addons@HEAD") == read(repo / "addons")
