"""Every domain that a real Odoo 18.0 searched for, as superuser, on its own database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from compare_domains import by_sql, compare
from tests.policy.oracle import needs_oracle, rows

from ostiary.records.access_protocol import NoAccess
from ostiary.records.schema import Schema, read_catalog
from ostiary.records.store import Store
from ostiary.sources import open_policy

pytestmark = [needs_oracle, pytest.mark.slow]

# The dump holds no rows of these.
LEFT_OUT = frozenset({"ir.attachment", "ir.asset", "ir.ui.view"})
MAY_BE_UNDECIDED = ("cleans the value of an HTML field", "model_data_id of model ir.ui.view")


@pytest.fixture(scope="module")
def store(oracle_url: str) -> Iterator[Store]:
    policy = open_policy([oracle_url], cache=False)
    driver = sa.make_url(oracle_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(driver, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield Store(Schema(policy, read_catalog(connection)), connection)


def test_every_domain_finds_what_odoo_found(store: Store) -> None:
    result = compare(rows("domains.jsonl.xz"), store.schema, by_sql(store, NoAccess()), "search", LEFT_OUT)
    assert [line for line in result.lines if line.startswith("DISAGREE")] == []
    assert result.total("agree") >= 2_035
    others = [text for text in result.undecided if not any(known in text for known in MAY_BE_UNDECIDED)]
    assert others == []
