"""Every domain that ordinary users of a real Odoo 18.0 searched by, with rights, rules and field groups of each."""

from __future__ import annotations

import msgspec
import pytest
from compare_domains import by_sql, compare
from tests.policy.oracle import needs_oracle, read, rows

from ostiary.policy import Field, Policy
from ostiary.records.access import Access
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema
from ostiary.records.store import Store

# The fixture restores the database.
from records.test_sql_oracle import LEFT_OUT, MAY_BE_UNDECIDED, store

__all__ = ["store"]

pytestmark = [needs_oracle, pytest.mark.slow]


def of_classes(policy: Policy, words: tuple[str, ...], **more: object) -> Policy:
    """The policy with what a database doesn't hold of fields, as the server's own registry said it."""
    said = {
        (model["model"], field["name"]): {word: field[word] for word in words}
        for model in read("policy.json.xz")["models"]
        for field in model["fields"]
    }

    def complete(model: str, field: Field) -> Field:
        known = said.get((model, field.name))
        return field if known is None else msgspec.structs.replace(field, **known, **more)

    models = {
        name: msgspec.structs.replace(
            model, fields={one.name: complete(name, one) for one in model.fields.values()}
        )
        for name, model in policy.models.items()
    }
    return msgspec.structs.replace(policy, models=models)


def test_every_user_finds_what_odoo_found(store: Store) -> None:
    policy = of_classes(store.schema.policy, ("auto_join",))
    theirs = Store(Schema(policy, store.schema.catalog), store.connection)
    access = Access(theirs, Reader(theirs))
    # Only the groups are known: which domains and contexts fields have is left to the declared facts.
    access.policy = of_classes(policy, ("groups",), groups_unread=False)
    result = compare(rows("domains-user.jsonl.xz"), theirs.schema, by_sql(theirs, access), "search", LEFT_OUT)
    assert [line for line in result.lines if line.startswith("DISAGREE")] == []
    assert result.total("agree") >= 1_060
    others = [text for text in result.undecided if not any(known in text for known in MAY_BE_UNDECIDED)]
    assert others == []
