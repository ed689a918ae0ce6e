"""`ostiary test`: may people do what they should, and nothing else?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli import options
from ostiary.cli.options import listed, paths
from ostiary.cli.output import Failure, Report, check_writable, console, progress, put, say, write

if TYPE_CHECKING:
    from ostiary.policy import Policy
    from ostiary.testing.coverage import Coverage
    from ostiary.testing.mutate import Mutations
    from ostiary.testing.run import FileResult
    from ostiary.testing.survivors import Survived
    from ostiary.testing.target import Targets

# What a file of access tests is called, for messages before anything is read.
_SUFFIX = ".access.yaml"


class TestFormat(StrEnum):
    """How results are said."""

    __test__ = False  # nothing that pytest should collect

    TERMINAL = "terminal"
    JSON = "json"
    JUNIT = "junit"


_SUFFIXES = {".json": TestFormat.JSON, ".xml": TestFormat.JUNIT}


@dataclass
class Ran:
    """What became of the files: results of those that could be run, and sentences about those that could not."""

    results: list[FileResult] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    unusable: int = 0
    coverage: dict[int, Coverage] = field(default_factory=dict)
    mutations: Mutations | None = None
    survived: list[Survived] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(one.outcome != "passed" for result in self.results for one in result.checked)


def test(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            show_default=False,
            help=f"Files of access tests, or folders that hold some: files called *{_SUFFIX}, and YAML in folders "
            "called access.",
        ),
    ],
    *,
    keyword: Annotated[
        list[str] | None,
        typer.Option(
            "--keyword",
            "-k",
            metavar="TEXT",
            show_default=False,
            help="Only expectations whose words hold this text, as in -k 'anna can'; repeat it for several, and begin "
            "it with 'not ' for those that don't.",
        ),
    ] = None,
    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="WHO",
            show_default=False,
            help="Only what is expected of this user; repeat it for several.",
        ),
    ] = None,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help="Say which access rights, record rules and field groups of the addons no expectation asks "
            "for.",
        ),
    ] = False,
    mutate: Annotated[
        bool,
        typer.Option(
            "--mutate",
            help="Change the definitions in ways that matter, one at a time, and say which changes no expectation "
            "notices.",
        ),
    ] = False,
    mutate_limit: Annotated[
        int, typer.Option("--mutate-limit", metavar="COUNT", min=1, help="Try at most so many changes.")
    ] = 500,
    database: Annotated[
        str,
        typer.Option(
            "--database",
            metavar="URL",
            show_default=False,
            help="Run on PostgreSQL: on databases that are made on the server of this URL and dropped afterwards. By "
            "default in memory, on SQLite.",
        ),
    ] = "",
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Run again whenever a file of the tests or of the addons changes; end it with Ctrl-C.",
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="On a terminal, list what passed too.")
    ] = False,
    junit: Annotated[
        Path | None,
        typer.Option(
            "--junit", metavar="FILE", show_default=False, help="Write the results as JUnit XML too."
        ),
    ] = None,
    format_: Annotated[
        TestFormat | None,
        typer.Option(
            "--format",
            "-f",
            case_sensitive=False,
            show_default=False,
            help="How to say it. By default what the ending of --output says, else terminal.",
        ),
    ] = None,
    output: options.Output = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="PATH",
            rich_help_panel=options.READING,
            show_default=False,
            help="The addons that the tests are about, in place of what the files say; repeat it for several.",
        ),
    ] = None,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Hold access tests against addons: files that say who can do what with which records, and who can't.

    The users and records of a file are put into tables, and each expectation is decided there as Odoo would: by access
    rights, record rules and field groups. Nothing of Odoo's is started. What can't be decided without Odoo's Python is
    unknown, and never passes. A failure comes with the tree of its reasons. docs/access-tests.md says what a file may
    hold.

    Exit code 0: every expectation is met. 1: some are not, or not known. 2: wrong usage, a file can't be run, or no
    expectation is chosen.
    """
    check_writable(output)
    check_writable(junit)
    wanted = format_ or (_SUFFIXES.get(output.suffix.lower()) if output else None) or TestFormat.TERMINAL
    run = _Run(
        places=places,
        chosen=_chosen(keyword or [], listed(as_)),
        keywords=keyword or (),
        people=listed(as_),
        database=database,
        shown=not no_progress,
        coverage=coverage,
        mutations=mutate_limit if mutate else 0,
    )

    known: list[Targets] = []

    def targets(report: Report | None) -> Targets:
        from ostiary.testing.target import Targets

        cache = False if no_cache else None
        known.append(Targets(paths(target), paths(addons_path), listed(modules), odoo, cache, report))
        return known[-1]

    def once() -> int:
        ran = run(targets)
        _put(ran, run, wanted, output, junit, verbose=verbose)
        return 2 if ran.mistakes else 1 if ran.failed else 0

    if watch:
        from ostiary.cli.test_watch import watching

        watching(
            places,
            once,
            lambda: [one for made in known[-1:] for place in made.known for one in place.targets],
        )
    raise typer.Exit(once())


def _chosen(keywords: Sequence[str], people: Sequence[str]) -> Callable[[str, str], bool] | None:
    """Whether an expectation is asked, by its title and its user; None for all."""
    if not keywords and not people:
        return None
    without = [one[4:].lower() for one in keywords if one.lower().startswith("not ")]
    words = [one.lower() for one in keywords if not one.lower().startswith("not ")]

    def chosen(title: str, who: str) -> bool:
        said = title.lower()
        if people and who not in people:
            return False
        return (not words or any(one in said for one in words)) and not any(one in said for one in without)

    return chosen


@dataclass
class _Run:
    """Runs the tests of some places."""

    places: Sequence[Path]
    chosen: Callable[[str, str], bool] | None
    database: str
    shown: bool
    keywords: Sequence[str] = ()
    people: Sequence[str] = ()
    coverage: bool = False
    mutations: int = 0

    def __call__(self, targets: Callable[[Report | None], Targets]) -> Ran:
        from ostiary.testing.database import Databases, NoDatabase
        from ostiary.testing.find import NoTests, files_at
        from ostiary.testing.mutate import Mutations

        ran = Ran(mutations=Mutations(self.mutations) if self.mutations else None)
        try:
            files = files_at(self.places)
            with progress(self.shown) as report, Databases(self.database) as databases:
                reading = targets(report)
                for path in files:
                    self._file(path, reading, databases, ran, report)
                ran.survived += ran.mutations.survivors(report) if ran.mutations else []
            if not ran.unusable:
                ran.mistakes += self._chose_nothing(ran)
        except (NoDatabase, NoTests) as error:
            raise Failure(str(error)) from None
        return ran

    def _chose_nothing(self, ran: Ran) -> list[str]:
        """That --as names somebody whom nothing is expected of, or that nothing at all was chosen: it would pass."""
        from ostiary.testing.mistakes import near, sentence

        known = sorted({name for one in ran.results for name in one.people})
        wrong = [
            sentence(f"--as {one}: nothing is expected of {one} in these files{near(one, known)}")
            for one in self.people
            if one not in known
        ]
        if wrong or any(one.checked for one in ran.results):
            return wrong
        said = " ".join([*(f"-k {one!r}" for one in self.keywords), *(f"--as {one}" for one in self.people)])
        return [f"No expectation was chosen by {said}: --verbose without it lists the words of all of them."]

    def _file(self, path: Path, targets: Targets, databases: object, ran: Ran, report: Report | None) -> None:
        from ostiary.testing.database import Databases
        from ostiary.testing.mistakes import InvalidTests
        from ostiary.testing.reading import read_tests
        from ostiary.testing.run import run_file

        assert isinstance(databases, Databases)
        try:
            tests = read_tests(path)
            policy = targets.policy_of(tests)
            ran.results.append(
                run_file(
                    tests,
                    policy,
                    databases,
                    chosen=self.chosen,
                    progress=report,
                    data=targets.data_of(tests),
                    coverage=self._coverage_of(policy, ran),
                    mutation=ran.mutations.of(policy) if ran.mutations else None,
                )
            )
        except InvalidTests as error:
            ran.mistakes += error.mistakes
            ran.unusable += 1
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("z3", "cvc5"):
                raise
            ran.mistakes.append(f"{path}: `never` needs z3: install it with 'pip install z3-solver'.")
            ran.unusable += 1

    def _coverage_of(self, policy: Policy, ran: Ran) -> Coverage | None:
        """What is noted for a policy, over all the files that are about it."""
        from ostiary.testing.coverage import Coverage

        return ran.coverage.setdefault(id(policy), Coverage(policy)) if self.coverage else None


def _put(
    ran: Ran, run: _Run, wanted: TestFormat, output: Path | None, junit: Path | None, *, verbose: bool
) -> None:
    """Say what became of the tests."""
    from ostiary.report import tests_json, tests_junit, tests_terminal, tests_thorough
    from ostiary.testing.coverage import merged

    for mistake in ran.mistakes:
        say(f"ostiary: {mistake}", style="red", error=True)
    if junit is not None:
        write(junit, tests_junit.render(ran.results, ran.mistakes))
    if wanted is TestFormat.TERMINAL:
        to = console() if output is None else tests_terminal.plain()
        tests_terminal.render(ran.results, to, verbose=verbose, unusable=ran.unusable)
        if run.coverage:
            tests_thorough.render_coverage(merged(ran.coverage.values()), to)
        if ran.mutations is not None:
            tests_thorough.render_mutation(ran.mutations, ran.survived, to)
        if output is not None:
            write(output, tests_terminal.written(to))
        return
    if wanted is TestFormat.JUNIT:
        text = tests_junit.render(ran.results, ran.mistakes)
    else:
        text = tests_json.render(
            ran.results,
            mistakes=ran.mistakes,
            unusable=ran.unusable,
            coverage=tests_thorough.coverage_document(merged(ran.coverage.values()))
            if run.coverage
            else None,
            mutation=tests_thorough.mutation_document(ran.mutations, ran.survived) if ran.mutations else None,
        )
    write(output, text) if output is not None else put(text)
