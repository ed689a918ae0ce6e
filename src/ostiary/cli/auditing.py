"""What `ostiary audit` holds its findings against: a baseline, or what its targets were before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ostiary.audit import AuditResult, Settings, Severity
from ostiary.audit.decided.audiences import no_such_audience
from ostiary.audit.decided.baseline import BadBaseline, Baseline, dump, load, made_of
from ostiary.cli.options import paths
from ostiary.cli.output import Failure, progress, say, write
from ostiary.cli.reading import read
from ostiary.policy import Policy
from ostiary.report.text import plural
from ostiary.sources import earlier, shown_target
from ostiary.sources.errors import Absent


@dataclass(frozen=True, slots=True)
class Reading:
    """How targets are read."""

    targets: Sequence[str]
    addons_path: Sequence[str]
    odoo: str | None
    modules: Sequence[str] | None
    demo: bool
    no_cache: bool
    no_progress: bool

    def policy(self, meanwhile: Callable[[Policy], None] | None = None) -> Policy:
        """What the targets say. `meanwhile` is as in `open_policy`. Raises UnreadableTarget."""
        return read(
            self.targets,
            addons_path=self.addons_path,
            odoo=self.odoo,
            modules=self.modules,
            demo=self.demo,
            no_cache=self.no_cache,
            no_progress=self.no_progress,
            hint=False,
            code=True,
            meanwhile=meanwhile,
        )


@dataclass(frozen=True, slots=True)
class Running:
    """Which checks run, and how they are judged."""

    select: Sequence[str]
    ignore: Sequence[str]
    min_severity: Severity | None
    settings: Settings
    shown: bool
    cache: bool

    def result(self, policy: Policy) -> AuditResult:
        """The audit of a policy. Raises UnknownCheck."""
        from ostiary.audit import audit
        from ostiary.sources import default_folder

        with progress(self.shown) as report:
            return audit(
                policy,
                select=self.select,
                ignore=self.ignore,
                min_severity=self.min_severity,
                settings=self.settings,
                progress=report,
                cache=default_folder() if self.cache else None,
            )


@contextmanager
def proving_meanwhile(running: Running) -> Iterator[Callable[[Policy], None]]:
    """What begins to prove as soon as the definitions are read, where all checks will run. Nothing goes on after it."""
    with ExitStack() as begun:

        def begin(policy: Policy) -> None:
            from ostiary.audit.decided.configuration import configured

            if not running.select and configured(policy, running.settings) is policy:
                from ostiary.audit.ahead import beginning  # takes long to import

                begun.enter_context(beginning(policy))

        yield begin


def before(base: str, now: Reading, policy: Policy) -> tuple[Policy, tuple[str, ...]]:
    """What was there before, and the targets and modules that were not: `base` is a target, or a revision of these.

    A target or a module that was not there yet is new, and there was nothing of it. Raises UnreadableTarget.
    """
    if earlier.is_target(base):
        then = replace(now, targets=[base])
    else:
        given = paths(now.addons_path)
        then = replace(
            now,
            targets=earlier.at_revision(now.targets, base),
            addons_path=earlier.beside(now.targets, given, base),
        )
    was = dict(zip(then.targets, map(shown_target, now.targets), strict=False))
    absent: list[str] = []
    while then.targets and then.modules != []:
        try:
            return then.policy(), tuple(absent)
        except Absent as error:
            fewer = _without(then, error.names)
            # A base that was named itself has to be there.
            if fewer == then or base in error.names:
                raise
            absent += [was.get(name, name) for name in error.names if name not in then.addons_path]
            then = fewer
    return earlier.nothing(policy.odoo), tuple(absent)


def _without(reading: Reading, names: Sequence[str]) -> Reading:
    """The same reading without some targets, folders or modules."""
    modules = reading.modules
    return replace(
        reading,
        targets=[each for each in reading.targets if each not in names],
        addons_path=[each for each in reading.addons_path if each not in names],
        modules=[each for each in modules if each not in names] if modules else modules,
    )


def check_audiences(policy: Policy, settings: Settings) -> None:
    """Refuse settings that name a group of a module that was read whole and has no such group. Raises Failure."""
    for group in settings.audiences:
        if wrong := no_such_audience(policy, group):
            raise Failure(f"{settings.name}: audiences: {wrong}" if settings.name else wrong)


def check_folders(folders: Sequence[str], by: str) -> None:
    """Refuse settings whose addons_path names what is not there. Raises Failure."""
    for folder in folders:
        if not earlier.is_target(folder):
            raise Failure(f"{by}: addons_path names {folder}, which is not there.")


def baseline_of(path: str | None, writing: Path | None, by: str = "") -> Baseline | None:
    """The baseline to hold findings against, where one is named. Raises Failure where it can't be read.

    One that is about to be written need not be there yet. `by` is the file of settings that names it, if one does.
    """
    if path is None or (writing is not None and not os.path.lexists(path)):
        return None
    try:
        return load(path)
    except BadBaseline as error:
        raise Failure(f"{by}: baseline: {error}" if by else str(error)) from None


def keep(result: AuditResult, path: Path) -> None:
    """Write the findings as a baseline, all of it or nothing. Raises Failure."""
    write(path, dump(made_of(result)))
    say(f"The baseline {path} holds {plural(len(result.findings), 'finding')}.", error=True)
