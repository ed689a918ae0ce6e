"""Reading a target together with its rows, for questions about records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ostiary.cli.options import listed, paths
from ostiary.cli.output import Failure, progress
from ostiary.cli.reading import read
from ostiary.policy import MODES, Mode, Policy, Question, Subject

if TYPE_CHECKING:
    from ostiary.records.access import Access
    from ostiary.records.judge import RecordJudge
    from ostiary.records.session import Session
    from ostiary.report.matrix import Count

# What create accepts among records that are there already says nothing about a user's reach.
_COUNTED = tuple(mode for mode in MODES if mode is not Mode.CREATE)


@contextlib.contextmanager
def reading_rows(
    targets: Sequence[str],
    *,
    rows: bool = True,
    addons_path: Sequence[str] | None = None,
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    demo: bool = False,
    no_cache: bool = False,
    no_progress: bool = False,
) -> Iterator[tuple[Policy, Access | None]]:
    """The policy of the targets and, where there is one target, a database, and `rows` are wanted, access to its
    records as of the same moment. The access is None where there are no records, and ends with the context."""
    from ostiary.sources.database import is_database

    if not rows or len(targets) != 1 or not is_database(targets[0]):
        yield (
            read(
                targets,
                addons_path=addons_path,
                odoo=odoo,
                modules=modules,
                demo=demo,
                no_cache=no_cache,
                no_progress=no_progress,
            ),
            None,
        )
        return
    from ostiary.records.opened import open_access
    from ostiary.sources.addons.cache import default_folder
    from ostiary.sources.database.rows import opened_rows

    with contextlib.ExitStack() as stack:
        with progress(not no_progress) as report:
            policy, connection = stack.enter_context(
                opened_rows(
                    targets[0],
                    addons_path=paths(addons_path),
                    odoo=odoo,
                    modules=listed(modules) or None,
                    cache=None if no_cache else default_folder(),
                    progress=report,
                )
            )
        yield policy, open_access(policy, connection)


def session_of(access: Access, subject: Subject, companies: Sequence[str]) -> Session:
    """The session of a subject: of a user with their own companies or these, of a group with no user at all."""
    from ostiary.records.session import Session

    chosen = [company_id(access.policy, one) for one in companies]
    if subject.user is not None:
        return access.session_of(subject.user, chosen or None)
    return Session(subject, None, chosen[0] if chosen else None, tuple(chosen))


def judge_of(access: Access, subject: Subject, question: Question, companies: Sequence[str]) -> RecordJudge:
    """The judge of the record that a question is about. Raises Failure where there is no such record."""
    from ostiary.records.errors import RecordsError
    from ostiary.records.judge import RecordJudge

    assert question.model is not None
    assert question.record is not None
    session = session_of(access, subject, companies)
    try:
        return RecordJudge(access, session, question.model, question.mode or Mode.READ, question.record)
    except RecordsError as error:
        raise Failure(f"Nothing can be said of {question.target}: {error}.") from None


def counting(access: Access, companies: Sequence[str]) -> Count:
    """A count of the records that a user may read, write and unlink; None for who is no user of the database."""
    from ostiary.records.decisions import Wanted, decisions
    from ostiary.records.errors import RecordsError
    from ostiary.report.matrix import Counts

    chosen = [company_id(access.policy, one) for one in companies]

    def count(subject: Subject, model: str) -> Counts | None:
        if subject.user is None or subject.user.id is None or access.policy.models[model].abstract:
            return None
        rows = list(decisions(access, Wanted([subject.name], [model], _COUNTED, chosen)))
        passing = {}
        for row in rows:
            ids = row["search_ids"] if row["mode"] == Mode.READ else row["ids"]
            if isinstance(ids, list):
                passing[Mode(str(row["mode"]))] = len(ids)
        try:
            return Counts(len(access.reader.ids(model)), passing) if passing else None
        except RecordsError:
            return None  # its rows are made by Python

    return count


def company_id(policy: Policy, text: str) -> int:
    """The id of a company, named by its id or external id. Raises Failure with near misses."""
    for one in policy.companies:
        if one.id is not None and text in (str(one.id), one.xmlid):
            return one.id
    near = get_close_matches(text, [one.xmlid for one in policy.companies], n=2, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else " in what was read."
    raise Failure(f"There is no company {text}{hint}")
