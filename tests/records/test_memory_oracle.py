"""Every domain that a real Odoo 18.0 filtered records by, as superuser, on its own database."""

from __future__ import annotations

import pytest
from compare_domains import compare
from tests.policy.oracle import needs_oracle, read, rows

from ostiary.domain import Domain
from ostiary.records.memory import Reader, filtered
from ostiary.records.session import Session
from ostiary.records.store import Store

# The fixture restores the database.
from records.test_sql_oracle import LEFT_OUT, store

__all__ = ["store"]

pytestmark = [needs_oracle, pytest.mark.slow]


def test_every_domain_filters_as_odoo_did(store: Store) -> None:
    reader, ids = Reader(store), read("domains-models.json.xz")

    def ask(session: Session, model: str, domain: Domain) -> list[int]:
        return filtered(reader, None, session, model, domain, ids[model]["all_ids"])

    result = compare(rows("domains.jsonl.xz"), store.schema, ask, "filtered", LEFT_OUT)
    assert [line for line in result.lines if line.startswith("DISAGREE")] == []
    assert result.total("agree") >= 2_038
    # It searches among the external ids of views, of which the dump holds no row.
    odd = [text for text in result.undecided if "model_data_id of model ir.ui.view" not in text]
    assert odd == []
