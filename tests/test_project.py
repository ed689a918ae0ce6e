"""What the project promises about itself: its pins, its example, its documents."""

import ast
import csv
import os
import re
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import docs_check
import pins
import pytest
from lxml import etree

import ostiary
from ostiary.audit import audit
from ostiary.sources import open_policy

ROOT = Path(__file__).resolve().parent.parent
ESTATE = ROOT / "examples" / "estate"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ADDONS = sorted(path.parent for path in ESTATE.glob("*/*/__manifest__.py"))
ACCESS_COLUMNS = [
    "id", "name", "model_id:id", "group_id:id", "perm_read", "perm_write", "perm_create", "perm_unlink",
]  # fmt: skip


def addon_id(path: Path) -> str:
    return path.relative_to(ESTATE).as_posix()


def manifest(addon: Path) -> dict[str, object]:
    return ast.literal_eval((addon / "__manifest__.py").read_text("utf-8"))


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


# ---------------------------------------------------------------------------------------------------- package


def test_the_version_is_said_once():
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", ostiary.__version__)


def test_the_command_is_installed():
    commands = entry_points(group="console_scripts", name="ostiary")
    assert [command.value for command in commands] == ["ostiary.__main__:main"]


@pytest.mark.parametrize("name", sorted(pins.PINNED))
def test_pins_are_versions_and_hashes_and_nothing_else(name):
    assert pins.problems((ROOT / "requirements" / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("lxml==6.0", "no hash: lxml==6.0"),
        ("lxml>=6.0 \\\n    --hash=sha256:" + "0" * 64, "not a pin: lxml>=6.0"),
        ("--index-url https://example.org/simple", "not a pin: --index-url https://example.org/simple"),
        ("--find-links /srv/wheels", "not a pin: --find-links /srv/wheels"),
        ("lxml @ file:///srv/lxml.whl", "not a pin: lxml @ file:///srv/lxml.whl"),
        ("# from https://example.org", "an address or a path in a comment: # from https://example.org"),
    ],
)
def test_what_does_not_belong_among_the_pins_is_noticed(line, problem):
    assert pins.problems(line) == [problem]


def test_everything_that_is_asked_for_is_pinned():
    pinned = {
        canonical(line)
        for line in (ROOT / "requirements" / "pins.txt").read_text().splitlines()
        if "==" in line
    }
    asked = [
        *PROJECT["build-system"]["requires"],
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["dev"],
    ]
    missing = sorted({canonical(requirement) for requirement in asked} - pinned)
    assert not missing, "run `make pins`"


def test_changelog_fragments_are_of_a_known_type():
    types = {kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]}
    for fragment in (ROOT / "changelog.d").glob("*"):
        if fragment.name != "README.md":
            assert re.fullmatch(rf"(\d+|\+.+)\.({'|'.join(sorted(types))})\.md", fragment.name), fragment.name


@pytest.mark.parametrize("name", [".ci/run", "tools/demo"])
def test_scripts_can_be_run(name):
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


# ---------------------------------------------------------------------------------------------------- example


def test_the_example_is_there_twice():
    assert [addon_id(addon) for addon in ADDONS] == [
        "open/estate",
        "open/estate_account",
        "secured/estate",
        "secured/estate_account",
    ]


@pytest.mark.parametrize("addon", ADDONS, ids=addon_id)
def test_the_example_parses(addon):
    for path in addon.rglob("*.py"):
        ast.parse(path.read_text("utf-8"), str(path))
    for path in addon.rglob("*.xml"):
        assert etree.parse(path).getroot().tag == "odoo"
    for path in addon.rglob("*.csv"):
        with path.open(newline="", encoding="utf-8") as stream:
            columns, *rows = csv.reader(stream)
        assert columns == ACCESS_COLUMNS
        assert all(len(row) == len(columns) and set(row[4:]) <= {"0", "1"} for row in rows)
        assert len({row[0] for row in rows}) == len(rows)


@pytest.mark.parametrize("addon", ADDONS, ids=addon_id)
def test_the_manifests_name_files_that_exist(addon):
    data = manifest(addon)["data"]
    assert isinstance(data, list)
    assert [name for name in data if not (addon / name).is_file()] == []
    unloaded = {
        path.relative_to(addon).as_posix() for path in addon.rglob("*") if path.suffix in (".xml", ".csv")
    } - set(data)
    assert unloaded == ({"security/estate_portal_rules.xml"} if addon_id(addon) == "open/estate" else set())


FAULTS = {
    "access-right-without-group",
    "company-rule-not-global",
    "missing-company-rule",
    "model-without-access-right",
    "noupdate-security",
    "portal-group-gains-rights",
    "portal-reaches-internal",
    "related-publishes",
    "rule-always-true",
    "rule-company-only",
    "rule-invalid",
    "secret-field-without-groups",
    "security-file-not-loaded",
    "share-can-write",
    "share-model-without-rule",
}


@pytest.mark.parametrize(("state", "faults"), [("open", FAULTS), ("secured", set())])
def test_the_example_has_every_fault_and_then_none(state, faults):
    result = audit(open_policy([ESTATE / state], cache=False))
    assert {finding.check for finding in result.findings} == faults
    assert not result.errors


# -------------------------------------------------------------------------------------------------- documents


def test_links_that_lead_nowhere_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(docs_check, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# One heading, `twice`\n")
    text = (
        "[there](other.md) [heading](other.md#one-heading-twice) [web](https://example.org/x) [here](#top)\n"
        "[gone](gone.md) [no heading](other.md#two)\n\n# Top\n\n```md\n[in code](never.md)\n```\n`[span](never.md)`\n"
    )
    page.write_text(text)
    assert list(docs_check.broken_links(page, text)) == [
        "the link to gone.md leads nowhere",
        "there is no heading for the link to other.md#two",
    ]


def test_commands_that_do_not_exist_are_noticed():
    commands = {"": {"--help", "--version"}, "audit": {"--help", "--html"}}
    text = (
        "Run `ostiary audit addons --html x.html`, not `ostiary fix` or `make tea`; `make demo` is fine.\n\n"
        "```console\n$ ostiary audit . --pdf x.pdf | less --raw\n$ ostiary --version\n$ ostiary --colour\n```\n"
    )
    assert list(docs_check.unknown_commands(text, commands, {"demo"})) == [
        "`ostiary audit . --pdf x.pdf`: there is no option `--pdf`",
        "`ostiary --colour`: there is no option `--colour`",
        "`ostiary fix`: there is no command `fix`",
        "`make tea`: there is no `make tea`",
    ]
