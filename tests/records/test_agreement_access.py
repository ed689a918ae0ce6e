"""Generated rules: one record at a time, all together, and a search come to the same, save where Odoo differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.domain import from_python
from ostiary.policy import MODES, AccessRight, Mode, RecordRule, Subject
from ostiary.records.access import Access
from ostiary.records.memory import Reader, Rows, filtered
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from records.agreement import Tables, answer, dictionaries, on_sqlite
from records.divergences import known
from records.memory_models import ORIGIN, Data
from records.strategies import COMPANY, IDS, ITEM, domains, leaves, policy, worlds

VERSIONS = ("17", "18", "19")


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Callable[[str], Tables]]:
    with on_sqlite() as tables:
        yield tables


SOMEBODY = Subject("somebody", frozenset(), None, False, "somebody")


def limited(version: str, tokens: list[Any]) -> Schema:
    """The models, where everybody may do everything with the items of a rule."""
    right = AccessRight(origin=ORIGIN, xmlid="zz.right", model=ITEM, group=None, modes=MODES)
    rule = RecordRule(
        origin=ORIGIN, xmlid="zz.rule", model=ITEM, domain_force=repr(tokens), groups=(), modes=MODES
    )
    return Schema(msgspec.structs.replace(policy(version), rights=[right], rules=[rule]))


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=15, derandomize=True, deadline=None, database=None)
@given(
    data=worlds(), asked=st.lists(domains(max_leaves=4), min_size=6, max_size=6), active_test=st.booleans()
)
def test_one_record_passes_as_it_does_among_others(
    sqlite: Callable[[str], Tables], version: str, data: Data, asked: list[Any], active_test: bool
) -> None:
    session = Session(SOMEBODY, 7, COMPANY, (COMPANY,), active_test=active_test)
    with sqlite(version).holding(data) as rows:
        for tokens in asked:
            schema, domain = limited(version, tokens), from_python(tokens)
            store = Store(schema, rows.connection)
            # From 19 on, rules see archived lines whatever the session says.
            shown = active_test and not schema.semantics.rule_lines_ignore_active_test
            inside = session.sudo().with_active_test(shown)
            for source in (Reader(store), dictionaries(version, data, schema)):
                access = Access(store, source)  # type: ignore[arg-type]
                alone = [_allowed(access, session, [one]) for one in IDS * 2]
                assert alone == [_filtered(source, inside, domain, [one]) for one in IDS * 2], tokens
                together = _allowed(access, session, IDS)
                assert together == _filtered(source, inside, domain, IDS), tokens
                if not isinstance(together, str):
                    assert together == tuple(one for part in alone[:3] for one in part), tokens
                if shown or any(known(version, one, active_test=False, texts="") for one in leaves(domain)):
                    continue
                assert answer(lambda: access.search(session, ITEM, active_test=False)) == together, tokens  # noqa: B023


def _allowed(access: Access, session: Session, ids: list[int]) -> Any:
    return answer(lambda: access.allowed(session, ITEM, Mode.WRITE, ids))


def _filtered(source: Reader | Rows, session: Session, domain: Any, ids: list[int]) -> Any:
    return answer(lambda: filtered(source, None, session, ITEM, domain, ids))
