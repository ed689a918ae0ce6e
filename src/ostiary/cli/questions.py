"""`ostiary explain`, `ostiary who` and `ostiary matrix`: who may do what, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli import options
from ostiary.cli.options import Shape, listed
from ostiary.cli.output import Failure, check_writable, console, progress, put, say, write
from ostiary.cli.rows import counting, judge_of, reading_rows
from ostiary.policy import Decision, Question, Subject, Verdict, decide
from ostiary.policy import who as who_may
from ostiary.policy.subject import active_users

if TYPE_CHECKING:
    from ostiary.records.access import Access


class Expected(StrEnum):
    """The verdict that `explain --expect` asks for."""

    ALLOWED = "allowed"
    DENIED = "denied"
    FILTERED = "filtered"


class MatrixFormat(StrEnum):
    """How a matrix is said."""

    TERMINAL = "terminal"
    JSON = "json"
    CSV = "csv"


def explain(
    targets: options.Targets,
    *,
    as_: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="WHO",
            show_default=False,
            help="A user's login, a group's external id, or portal, public or internal.",
        ),
    ],
    can: Annotated[
        str,
        typer.Option(
            "--can",
            metavar="QUESTION",
            show_default=False,
            help="'read sale.order', 'write sale.order.note' for a field, 'read sale.order:42' for a record of a "
            "database ('read sale.order.note:42' for a field of it), 'see sale.menu_root' for a menu.",
        ),
    ],
    expect: Annotated[
        Expected | None,
        typer.Option(
            "--expect",
            case_sensitive=False,
            show_default=False,
            help="End with exit code 1 where the verdict is another.",
        ),
    ] = None,
    company: options.Company = None,
    debug: options.Debug = False,
    format_: options.AsShape = Shape.TERMINAL,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Say whether somebody may do something, and every reason for it.

    Asked about a record of a database, it follows each rule down to the terms, with the values found there. They
    are shown to you, who may look at the database, whether or not the user may.

    Exit code 0 whatever the verdict, unless --expect is given. 2: wrong usage, or a target can't be read.
    """
    from ostiary.report import explanation

    reading = reading_rows(
        targets,
        rows=":" in can,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    with reading as (policy, access):
        subject, question = Subject.find(policy, as_), Question.parse(can, policy)
        judge = None
        if access is not None and question.record is not None:
            judge = judge_of(access, subject, question, listed(company))
        decision = decide(policy, subject, question, debug, judge)
    if format_ is Shape.JSON:
        put(explanation.as_json(decision, policy))
    else:
        explanation.render(decision, console())
    if expect is not None and decision.verdict is not Verdict(expect.value):
        say(
            f"ostiary: expected {expect.value}, but the verdict is {decision.verdict}.",
            style="red",
            error=True,
        )
        raise typer.Exit(1)


def who(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET... MODE NAME",
            show_default=False,
            help="What to read, then the question: read, write, create or unlink and a model or field, "
            "or see and a menu.",
        ),
    ],
    *,
    company: options.Company = None,
    debug: options.Debug = False,
    format_: options.AsShape = Shape.TERMINAL,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """List every group that may do something, with what limits each; of one record, every user who may, and why."""
    from ostiary.report import explanation, users_who

    if len(words) < 3:
        raise Failure("Name what to read and then the question, as in 'ostiary who ADDONS read sale.order'.")
    *targets, mode, name = words
    reading = reading_rows(
        targets,
        rows=":" in name,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    with reading as (policy, access):
        question = Question.parse(f"{mode} {name}", policy)
        if question.record is not None and access is not None:
            decisions = _users_who_may(access, question, listed(company), debug, not no_progress)
        else:
            decisions = who_may(policy, question, debug)
    if format_ is Shape.JSON:
        put(explanation.who_as_json(question, decisions, policy))
    elif question.record is not None:
        users_who.render(question, decisions, console())
    else:
        explanation.render_who(question, decisions, console())


def _users_who_may(
    access: Access, question: Question, companies: list[str], debug: bool, shown: bool
) -> list[Decision]:
    """A decision for each active user of the database but the superuser, and for visitors, by login."""
    policy = access.policy
    people = sorted(user.login for user in active_users(policy))
    found = []
    with progress(shown) as report:
        for done, login in enumerate(people):
            if report is not None:
                report("Users", done, len(people))
            subject = Subject.of_user(policy, login)
            found.append(
                decide(policy, subject, question, debug, judge_of(access, subject, question, companies))
            )
    return found


def matrix(
    targets: options.Targets,
    *,
    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="WHO",
            show_default=False,
            help="A login, a group's external id, or portal, public or internal; repeat it for several. By "
            "default the share groups, internal users and the modules' own groups.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="GLOB",
            show_default=False,
            help="Only models with such names, as in 'sale.*'; repeat it for several. By default those that "
            "share users reach and those that the modules concern.",
        ),
    ] = None,
    company: options.Company = None,
    format_: Annotated[
        MatrixFormat, typer.Option("--format", "-f", case_sensitive=False, help="How to say it.")
    ] = MatrixFormat.TERMINAL,
    output: options.Output = None,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Show what each audience may do with each model, with what limits each.

    For users of a database, named with --as, it also counts the records that each may read, write and unlink,
    archived ones too.
    """
    from ostiary.report import matrix as matrices
    from ostiary.report import matrix_terminal

    check_writable(output)
    reading = reading_rows(
        targets,
        rows=bool(as_),
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    patterns = listed(model)
    with reading as (policy, access):
        subjects = [Subject.find(policy, each) for each in listed(as_)]
        count = counting(access, listed(company)) if access is not None else None
        found = matrices.build(policy, subjects, patterns, count=count)
    if patterns and not found.models:
        raise Failure(f"No model is called {' or '.join(patterns)} in what was read.")
    if format_ is MatrixFormat.TERMINAL and output is None:
        matrix_terminal.render(found, policy, console())
        return
    if format_ is MatrixFormat.TERMINAL:
        text = matrix_terminal.as_text(found, policy)
    else:
        text = matrices.as_json(found, policy) if format_ is MatrixFormat.JSON else matrices.as_csv(found)
    if output is None:
        put(text)
    else:
        write(output, text)
