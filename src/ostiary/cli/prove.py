"""`ostiary prove`: is what one customer has out of another's reach, and if not, what would they see?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ostiary.cli import options
from ostiary.cli.options import listed
from ostiary.cli.output import Failure, check_writable, console, progress, put, say, write
from ostiary.cli.proving import (
    Audiences,
    CrossCheck,
    Except,
    Models,
    Modes,
    WithWitness,
    hint,
    named_audiences,
    solving,
)
from ostiary.cli.proving_waste import idle_definitions, put_waste, refuse
from ostiary.cli.reading import read
from ostiary.policy import Policy
from ostiary.sources import shown_target

if TYPE_CHECKING:
    from ostiary.prove import Proof
    from ostiary.prove.invariants import Invariant
    from ostiary.report.proofs_asked import Asked

INVARIANTS = "ostiary.invariants.yaml"


class AskFor(StrEnum):
    """What is asked."""

    ISOLATION = "isolation"
    SILO = "silo"
    SEPARATION = "separation"


class ProofFormat(StrEnum):
    """How proofs are said."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


class ProofFailOn(StrEnum):
    """Which verdicts make the exit code 1."""

    GAP = "gap"
    OPEN = "open"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"
    WASTE = "waste"
    NEVER = "never"


class Shown(StrEnum):
    """Which verdicts are shown."""

    OPEN = "open"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"
    ISOLATED = "isolated"
    NO_ACCESS = "no-access"


_SUFFIXES = {
    ".html": ProofFormat.HTML,
    ".htm": ProofFormat.HTML,
    ".sarif": ProofFormat.SARIF,
    ".json": ProofFormat.JSON,
}


def prove(
    targets: options.Targets,
    *,
    as_: Audiences = None,
    model: Models = None,
    except_: Except = None,
    mode: Modes = None,
    question: Annotated[
        list[AskFor] | None,
        typer.Option(
            "--question",
            "-q",
            case_sensitive=False,
            show_default=False,
            help="isolation: can somebody reach a record that nothing ties to them? silo: one of a company that they "
            "do not work in? separation: do the promises of --invariants hold? Repeat it for several. By default "
            "isolation, and separation where there are invariants.",
        ),
    ] = None,
    invariants: Annotated[
        Path | None,
        typer.Option(
            "--invariants",
            metavar="FILE",
            show_default=False,
            help=f"Promises to hold, as YAML. By default {INVARIANTS} in or beside a target, if it is there.",
        ),
    ] = None,
    waste: Annotated[
        bool,
        typer.Option(
            "--waste",
            help="Say instead which access rights and record rules do nothing: without them, everybody could do what "
            "they can now.",
        ),
    ] = False,
    cross_check: CrossCheck = False,
    verdict: Annotated[
        list[Shown] | None,
        typer.Option(
            "--verdict",
            case_sensitive=False,
            show_default=False,
            help="Show only these verdicts; repeat it for several. --fail-on looks at all of them.",
        ),
    ] = None,
    witness: WithWitness = False,
    fail_on: Annotated[
        ProofFailOn | None,
        typer.Option(
            "--fail-on",
            case_sensitive=False,
            show_default=False,
            help="End with exit code 1 where there is: a gap (what is listed as such: open, or conditional on anything "
            "but that what is read is published, unless it is only reading a model about nobody; or an invariant that "
            "is broken or not known; or a rule that Odoo raises an error for); open (anything open); conditional "
            "(anything open or conditional); unknown (a gap, or anything not known); waste (with --waste: a definition "
            "that does nothing); or never. By default gap, with --waste never.",
        ),
    ] = None,
    format_: Annotated[
        ProofFormat | None,
        typer.Option(
            "--format",
            "-f",
            case_sensitive=False,
            show_default=False,
            help="How to say it. By default what the ending of --output says, else terminal.",
        ),
    ] = None,
    output: options.Output = None,
    title: Annotated[
        str,
        typer.Option(
            "--title",
            metavar="TEXT",
            show_default=False,
            help="The HTML report's title. By default the modules' names.",
        ),
    ] = "",
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Prove by logic that nobody reaches records that are none of theirs, or show who would reach which.

    Every verdict is of what access rights and record rules allow, for all records and users there could be. isolated:
    proved. open: any record passes. conditional: only such that fulfil a condition, which is shown. Both come with a
    witness, a made-up user and record, checked by evaluating the rules on it. unknown: it rests on something that
    can't be read.

    Exit code 0: nothing that --fail-on names. 1: something. 2: wrong usage, or a target can't be read.
    """
    check_writable(output)
    _fitting(waste, fail_on)
    if waste:
        refuse(
            [("--as", as_), ("--mode", mode), ("--question", question), ("--invariants", invariants),
             ("--verdict", verdict), ("--witness", witness)]
        )  # fmt: skip
    promised = () if waste else _promised(invariants, targets, question)
    policy = read(
        targets,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    chosen = format_ or (_SUFFIXES.get(output.suffix.lower()) if output else None) or ProofFormat.TERMINAL
    shown_targets = [shown_target(one) for one in targets]
    if waste:
        models = named_models(policy, model, except_)
        idle = idle_definitions(policy, models, cross_check=cross_check, shown=not no_progress)
        put_waste(idle, policy, targets=shown_targets, title=title, wanted=chosen, output=output)
        raise typer.Exit(1 if idle and fail_on is ProofFailOn.WASTE else 0)
    _check(policy, promised)
    questions = [one.value for one in question or ()] or (
        ["isolation", "separation"] if promised else ["isolation"]
    )
    asked: dict[str, Any] = {
        "audiences": named_audiences(policy, as_),
        "models": named_models(policy, model, except_),
        "questions": questions,
    }
    found = _proved(
        policy,
        modes=mode or None,
        invariants=promised,
        cross_check=cross_check,
        shown=not no_progress,
        **asked,
    )
    from ostiary.prove.run import nothing_asked
    from ostiary.report.proofs_asked import Asked

    only = frozenset(each.value for each in verdict or ())
    about = Asked(promised, "" if found else nothing_asked(policy, **asked), cross_check)
    Report(found, policy, shown_targets, about, title, only, witness).put(chosen, output)
    for one in found:
        if one.defect:
            say(
                f"ostiary: {one.defect}; this is a defect of Ostiary, please report it.",
                style="yellow",
                error=True,
            )
    raise typer.Exit(1 if fails(found, policy, fail_on or ProofFailOn.GAP) else 0)


def _fitting(waste: bool, fail_on: ProofFailOn | None) -> None:
    """Raises Failure where --fail-on names what is not asked about: it must not pass for a check."""
    if fail_on in (None, ProofFailOn.NEVER) or (fail_on is ProofFailOn.WASTE) is waste:
        return
    assert fail_on is not None
    if waste:
        raise Failure(f"With --waste there are no verdicts: --fail-on {fail_on.value} does not go with it.")
    raise Failure("--fail-on waste needs --waste.")


def _unkept(proof: Proof) -> bool:
    """Whether a promise can't be decided: it doesn't pass for one that is kept."""
    return proof.question == "separation" and proof.verdict == "unknown"


def fails(proofs: Iterable[Proof], policy: Policy, fail_on: ProofFailOn) -> bool:
    """Whether a verdict is one that was asked to fail on."""
    from ostiary.prove import Verdict
    from ostiary.report.proofs import is_gap, is_refused

    tests: dict[ProofFailOn, Any] = {
        ProofFailOn.OPEN: lambda one: one.verdict is Verdict.OPEN,
        ProofFailOn.GAP: lambda one: is_gap(one, policy) or _unkept(one) or is_refused(one),
        ProofFailOn.CONDITIONAL: lambda one: one.verdict in (Verdict.OPEN, Verdict.CONDITIONAL),
        ProofFailOn.UNKNOWN: lambda one: is_gap(one, policy) or one.verdict is Verdict.UNKNOWN,
        ProofFailOn.NEVER: lambda one: False,
    }
    return any(tests[fail_on](one) for one in proofs)


# -- what is asked ---------------------------------------------------------------------------------------------


def named_models(
    policy: Policy, patterns: Sequence[str] | None, without: Sequence[str] | None
) -> list[str] | None:
    """The models that are meant; None for those that matter. Raises Failure where a pattern names none."""
    from ostiary.prove.run import chosen_models

    wanted, unwanted = listed(patterns), listed(without)
    for pattern in wanted:
        if not chosen_models(policy, [pattern]):
            raise Failure(f"No model with records is called {pattern}{hint(pattern, list(policy.models))}")
    if not wanted and not unwanted:
        return None
    models = chosen_models(policy, wanted or None)
    return [name for name in models if not any(fnmatchcase(name, one) for one in unwanted)]


def _promised(
    path: Path | None, targets: Sequence[str], question: Sequence[AskFor] | None
) -> tuple[Invariant, ...]:
    """The invariants to hold: of the file that is named, or of the one beside the addons."""
    if path is None:
        if question and AskFor.SEPARATION not in question:
            return ()
        path = next((one for one in _places(targets) if one.is_file()), None)
    if path is None:
        if question and AskFor.SEPARATION in question:
            raise Failure(
                f"There are no invariants to hold: name the file with --invariants, or write {INVARIANTS}."
            )
        return ()
    from ostiary.prove.invariants import InvalidInvariants, read_invariants

    try:
        return read_invariants(path)
    except InvalidInvariants as error:
        raise Failure(str(error)) from None


def _check(policy: Policy, promised: tuple[Invariant, ...]) -> None:
    """Raises Failure where an invariant can't be asked of what was read."""
    if promised:
        from ostiary.prove.invariants import check_invariants

        faults = check_invariants(policy, promised)
        if faults:
            more = f" (There are {len(faults) - 1} more such mistakes.)" if len(faults) > 1 else ""
            raise Failure(f"{faults[0]}{more}")


def _places(targets: Sequence[str]) -> Iterator[Path]:
    for target in targets:
        if "://" not in target:
            for folder in (Path(target), Path(target).resolve().parent):
                yield folder / INVARIANTS


def _proved(policy: Policy, *, shown: bool, **asked: Any) -> list[Proof]:
    with solving(), progress(shown) as report:
        from ostiary.prove.run import proofs

        return list(proofs(policy, progress=report, **asked))


# -- what is said ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made from."""

    proofs: Sequence[Proof]
    policy: Policy
    targets: Sequence[str]
    asked: Asked
    title: str = ""
    only: frozenset[str] = frozenset()
    witness: bool = False

    def put(self, wanted: ProofFormat, output: Path | None) -> None:
        """Say it: on the terminal, or as a file with a summary of it on the terminal."""
        from ostiary.report import proofs_terminal

        if output is not None:
            write(output, self.text(wanted))
            if str(output) != "-":
                proofs_terminal.summary(self.proofs, self.policy, console(), asked=self.asked)
                say(f"The report is {output}.")
        elif wanted is ProofFormat.TERMINAL:
            proofs_terminal.render(
                self.proofs,
                self.policy,
                console(),
                targets=self.targets,
                only=self.only,
                witness=self.witness,
                asked=self.asked,
            )
        else:
            put(self.text(wanted))

    def text(self, wanted: ProofFormat) -> str:
        """The report in a format."""
        from ostiary.report import proofs_html, proofs_json, proofs_sarif, proofs_terminal

        shown = [one for one in self.proofs if not self.only or one.verdict.value in self.only]
        if wanted is ProofFormat.JSON:
            return proofs_json.render(shown, self.policy, targets=self.targets, asked=self.asked)
        if wanted is ProofFormat.SARIF:
            return proofs_sarif.render(shown, self.policy, targets=self.targets, asked=self.asked)
        if wanted is ProofFormat.HTML:
            return proofs_html.render(
                self.proofs,
                self.policy,
                targets=self.targets,
                title=self.title,
                only=self.only,
                asked=self.asked,
            )
        return proofs_terminal.as_text(
            self.proofs,
            self.policy,
            targets=self.targets,
            only=self.only,
            witness=self.witness,
            asked=self.asked,
        )
