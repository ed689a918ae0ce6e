"""The pytest plugin, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ostiary.pytest_plugin import pytest_collect_directory
from testing.conftest import ESTATE, PEOPLE

pytest_plugins = ["pytester"]
SETTINGS = f"""\
[pytest]
access_target = {ESTATE}
addopts = -p ostiary.pytest_plugin -p no:cacheprovider
"""
GOOD = PEOPLE + "expect:\n  - {who: joel, can: {read: house}, cannot: {read: flat}}\n"
TESTS = """\
import pytest
from ostiary.enforce import AccessError

@pytest.mark.access("good.access.yaml")
def test_a_user_writes_and_is_refused(as_user, access_env):
    as_user("anna", "house").write({"state": "sold"})
    assert as_user("anna", "house").state == "sold"
    with pytest.raises(AccessError):
        as_user("anna", "villa").write({"state": "sold"})
    access_env.add_user("zoe", "portal", company="access_tests.north")
    assert not as_user("zoe")["estate.property"].search([])
    assert len(access_env("maria", companies=["south"])["estate.property"].search([])) == 1

@pytest.mark.access("good.access.yaml")
def test_nothing_is_left_of_another_test(as_user):
    assert as_user("anna", "house").state == "new"

def test_without_a_file_there_are_the_people_of_the_addons(access_env):
    access_env.add_user("agent", "estate.estate_group_user")
    made = access_env("agent")["estate.property"].create({"name": "Barn", "expected_price": 5})
    assert made.user_id.login == "agent"
"""


def test_files_are_collected_and_fixtures_give_rows(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makefile(".ini", pytest=SETTINGS)
    pytester.path.joinpath("good.access.yaml").write_text(GOOD)
    pytester.path.joinpath("bad.access.yaml").write_text(GOOD.replace("read: flat", "read: house"))
    pytester.path.joinpath("wrong.access.yaml").write_text(GOOD.replace("who: joel", "who: jol"))
    addon = pytester.mkpydir("shop").joinpath("tests")
    addon.mkdir()
    for one in (addon.parent, addon):
        one.joinpath("__init__.py").write_text("import odoo\n")
        one.joinpath("good.access.yaml").write_text(GOOD)
    addon.parent.joinpath("__manifest__.py").write_text("{'name': 'Shop', 'version': '18.0.1.0.0'}")
    pytester.makepyfile(test_rows=TESTS)
    result = pytester.runpytest_inprocess("--continue-on-collection-errors")
    result.assert_outcomes(passed=10, failed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "wrong.access.yaml:16: there is no user jol; did you mean joel?*",
            "bad.access.yaml:16: joel cannot read house",
            "joel can read house.",
            "*ALLOWED  read estate.property:1  as user joel",
            "FAILED bad.access.yaml::joel cannot read house*",
        ]
    )


def test_folders_of_addons_are_packages_where_odoo_is_there_and_where_nothing_is_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("__init__.py", "__manifest__.py"):
        (tmp_path / name).write_text("{}")
    made: list[Path] = []
    monkeypatch.setattr(pytest.Dir, "from_parent", lambda parent, path: made.append(path) or path)
    collects = {"access_collect": True}
    parent: Any = SimpleNamespace(config=SimpleNamespace(getini=collects.get, rootpath=tmp_path))
    assert pytest_collect_directory(tmp_path, parent) == tmp_path
    assert pytest_collect_directory(tmp_path.parent, parent) is None
    collects["access_collect"] = False
    assert pytest_collect_directory(tmp_path, parent) is None
    collects["access_collect"] = True
    monkeypatch.setitem(sys.modules, "odoo", sys)
    assert pytest_collect_directory(tmp_path, parent) is None
    assert made == [tmp_path]


def test_who_does_not_use_it_does_not_pay_for_it() -> None:
    code = (
        "import sys, ostiary.pytest_plugin; "
        "print(sorted(one for one in sys.modules if one.partition('.')[0] in ('sqlalchemy', 'msgspec', 'lxml', 'z3')"
        " or one.startswith('ostiary.')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "['ostiary.pytest_plugin']"
