"""The pytest plugin: files of access tests are collected, and tests in Python get environments to work in.

`*.access.yaml` files become tests, one for each expectation (`access_collect = false` in the settings of pytest turns
that off). The fixtures `access_env` and `as_user` give an `Environment` on rows of the test's own:

```python
@pytest.mark.access("properties.access.yaml")
def test_an_agent_sells(as_user):
    as_user("anna", "house").write({"state": "sold"})
```

Nothing of Ostiary is imported before it is needed. See docs/access-tests.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ostiary.policy import Policy
    from ostiary.testing.run import Checked, FileResult
    from ostiary.testing.session import AccessSession, Sessions
    from ostiary.testing.target import Targets

_SUFFIXES = (".access.yaml", ".access.yml")
_MANIFEST = "__manifest__.py"
_MARK = "access(file): rows of a file of access tests, for the fixtures access_env and as_user"
_SESSIONS = pytest.StashKey["Sessions"]()
_TARGETS = pytest.StashKey["Targets"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings: what is read, and where tests run."""
    group = parser.getgroup("ostiary", "access tests")
    group.addoption(
        "--access-database",
        metavar="URL",
        default="",
        help="run access tests on databases made on this PostgreSQL server, and not in memory",
    )
    parser.addini("access_collect", "collect *.access.yaml files", type="bool", default=True)
    parser.addini("access_target", "the addons that access tests are about", type="paths", default=[])
    parser.addini("access_addons_path", "folders of addons that these depend on", type="paths", default=[])
    parser.addini("access_odoo", "the version of Odoo, such as 18.0", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARK)


def pytest_unconfigure(config: pytest.Config) -> None:
    sessions = config.stash.get(_SESSIONS, None)
    if sessions is not None:
        sessions.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of access tests, where it is called like one."""
    if file_path.name.endswith(_SUFFIXES) and parent.config.getini("access_collect"):
        return AccessFile.from_parent(parent, path=file_path)
    return None


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A folder of an addon, as a plain one. As a package, pytest would import its `__init__.py` before the first test
    in it, which imports odoo. Where odoo is there, everything stays as it is."""
    if not parent.config.getini("access_collect") or not _in_addon(path, parent.config.rootpath):
        return None
    return None if _odoo_is_there() else pytest.Dir.from_parent(parent, path=path)


def _in_addon(path: Path, root: Path) -> bool:
    """Whether a folder with an `__init__.py` is that of an addon, or a package in one, up to the root of this run."""
    while (path / "__init__.py").is_file():
        if (path / _MANIFEST).is_file():
            return True
        if path == root:
            return False
        path = path.parent
    return False


def _odoo_is_there() -> bool:
    return "odoo" in sys.modules or find_spec("odoo") is not None


def _sessions(config: pytest.Config) -> Sessions:
    """The databases of this run of pytest."""
    if _SESSIONS not in config.stash:
        from ostiary.testing.database import Databases
        from ostiary.testing.session import Sessions

        config.stash[_SESSIONS] = Sessions(Databases(config.getoption("--access-database")))
    return config.stash[_SESSIONS]


def _targets(config: pytest.Config) -> Targets:
    """The policies of this run of pytest."""
    if _TARGETS not in config.stash:
        from ostiary.testing.target import Targets

        config.stash[_TARGETS] = Targets(
            [str(one) for one in config.getini("access_target")],
            [str(one) for one in config.getini("access_addons_path")],
            (),
            config.getini("access_odoo") or None,
        )
    return config.stash[_TARGETS]


# -- files -------------------------------------------------------------------------------------------------------


class AccessFile(pytest.File):
    """A file of access tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each expectation. The file is run here, all of it at once, which is how it is fast."""
        result = self._run()
        for checked in result.checked:
            yield AccessItem.from_parent(self, name=checked.title, checked=checked, result=result)

    def _run(self) -> FileResult:
        from ostiary.testing.database import NoDatabase
        from ostiary.testing.mistakes import InvalidTests
        from ostiary.testing.reading import read_tests
        from ostiary.testing.run import run_file

        targets = _targets(self.config)
        try:
            tests = read_tests(self.path, _shown(self.path, self.config))
            policy = targets.policy_of(tests)
            data = targets.data_of(tests)
            return run_file(tests, policy, _sessions(self.config).databases, data=data)
        except (InvalidTests, NoDatabase) as error:
            raise self.CollectError(str(error)) from None


class AccessItem(pytest.Item):
    """One expectation."""

    def __init__(self, *, checked: Checked, result: FileResult, **given: Any) -> None:
        super().__init__(**given)
        self.checked = checked
        self.result = result

    def runtest(self) -> None:
        """Fails where the expectation is not met, or not known."""
        if self.checked.outcome != "passed":
            raise NotMet(self.checked.text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is so instead, and the tree of reasons."""
        if not isinstance(excinfo.value, NotMet):
            return super().repr_failure(excinfo, style)
        from ostiary.report.tests_terminal import proof_said, reasons

        checked = self.checked
        told = [f"{checked.path}:{checked.line}: {checked.title}", checked.text]
        told += [f"Why it matters: {checked.why}"] if checked.why else []
        told += [reasons(checked), proof_said(checked, self.result.policy) if checked.proof else ""]
        return "\n".join(one for one in told if one)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.checked.line - 1, self.checked.title


class NotMet(AssertionError):
    """An expectation that is not met, or not known to be."""


# -- fixtures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def access_policy(pytestconfig: pytest.Config) -> Policy | None:
    """The Policy of `access_target`; None where the settings name none. Override it to read one's own."""
    targets = _targets(pytestconfig)
    if not targets.targets:
        return None
    from ostiary.sources import open_policy

    return open_policy(targets.targets, addons_path=targets.addons_path, odoo=targets.odoo)


@pytest.fixture
def access_env(request: pytest.FixtureRequest, access_policy: Policy | None) -> Iterator[AccessSession]:
    """Makes Environments on rows of this test's own: `access_env("login")`.

    The rows are those of the file that the mark `access` names, or only the people of `access_policy`. What a test
    changes is gone after it.
    """
    config = request.config
    marked = request.node.get_closest_marker("access")
    sessions = _sessions(config)
    if marked is None:
        if access_policy is None:
            raise pytest.UsageError(
                "access_env needs rows: mark the test with pytest.mark.access('FILE.access.yaml'), or say "
                "access_target in the settings of pytest."
            )
        with sessions.opened(access_policy) as session:
            yield session
        return
    from ostiary.testing.mistakes import InvalidTests
    from ostiary.testing.reading import read_tests

    path = request.path.parent / str(marked.args[0])
    targets = _targets(config)
    try:
        tests = read_tests(path, _shown(path, config))
        with sessions.opened(targets.policy_of(tests), tests, targets.data_of(tests)) as session:
            yield session
    except InvalidTests as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture
def as_user(access_env: AccessSession) -> Callable[..., Any]:
    """`as_user("anna")` is an Environment of hers; `as_user("anna", "house")` the record as she has it."""

    def made(user: str, record: str = "", **options: Any) -> Any:
        env = access_env(user, **options)
        return access_env.record(record, env) if record else env

    return made


def _shown(path: Path, config: pytest.Config) -> str:
    try:
        return str(path.relative_to(config.rootpath))
    except ValueError:
        return str(path)
