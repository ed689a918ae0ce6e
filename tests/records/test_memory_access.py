"""Domains evaluated as somebody who is no superuser: what may not be read raises, as an AccessError does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ostiary.domain import FALSE, TRUE, Domain, from_python
from ostiary.policy import Mode, Subject
from ostiary.records.errors import Refused
from ostiary.records.memory import filtered
from ostiary.records.session import Session
from records.memory_models import A, B, C, E, rows, rows_of_the_cases
from records.test_memory_cases import tree

USER = Session(Subject("user", frozenset({"base.group_user"})), uid=7)
EVERYBODY = [A, B, C, E]


@dataclass(eq=False)
class Rights:
    """Access as a test says it: a domain a model (none: no right), and fields nobody may use."""

    rules: dict[str, Domain | None] = field(default_factory=dict)
    closed: tuple[tuple[str, str], ...] = ()

    def rule_domain(self, session: Session, model: str, mode: Mode) -> Domain:
        assert not session.superuser
        assert mode is Mode.READ
        domain = self.rules.get(model, TRUE)
        if domain is None:
            raise Refused("acl", model, f"no right on {model}")
        return domain

    def check_field(self, session: Session, model: str, name: str) -> None:
        if (model, name) in self.closed:
            raise Refused("field", model, f"{name} is closed")


def answer(
    domain: list[Any], rights: Rights, version: str = "18", session: Session = USER
) -> list[int] | str:
    source = rows(version, rows_of_the_cases())
    try:
        return filtered(source, rights, session, "zz.rec", from_python(domain), EVERYBODY)
    except Refused as error:
        return error.kind


@pytest.mark.parametrize("version", ["17", "18", "19"])
class TestEveryVersion:
    def test_everything_open_is_as_for_a_superuser(self, version: str) -> None:
        for domain in ([("par_id.name", "=", "P1")], [("tag_ids", "ilike", "t2")], [("par_id", "any", [])]):
            whole = answer(domain, Rights(), version, USER.sudo())
            assert answer(domain, Rights(), version) == whole
            assert whole

    def test_a_closed_field_is_refused(self, version: str) -> None:
        closed = Rights(closed=(("zz.rec", "note"), ("zz.par", "num")))
        assert answer([("note", "=", "x")], closed, version) == "field"
        assert answer(["|", ("par_id.num", "=", 5), ("name", "=", "Abc")], closed, version) == "field"
        assert answer([("note", "=", "xzy")], closed, version, USER.sudo()) == [B]

    def test_a_record_that_may_not_be_read_is_refused(self, version: str) -> None:
        hidden = Rights({"zz.rec": from_python([("num", "!=", 0)])})
        assert answer([("name", "=", "Abc")], hidden, version) == "rule"
        assert answer([("id", "in", [A, B])], hidden, version) == [A, B]

    def test_the_model_of_a_corecord_needs_a_right(self, version: str) -> None:
        none = Rights({"zz.par": None})
        assert answer([("par_id.name", "=", "P1")], none, version) == "acl"
        # An id is read off the record itself.
        assert answer([("par_id", "=", 1)], none, version) == [A, E]

    def test_rules_hide_lines(self, version: str) -> None:
        rights = Rights({"zz.line": from_python([("name", "=", "la2")]), "zz.tag": FALSE})
        assert answer([("line_ids", "!=", False)], rights, version) == [A]
        assert answer([("line_ids.name", "=", "la")], rights, version) == []
        assert answer([("tag_ids", "=", False)], rights, version) == EVERYBODY

    def test_a_related_field_is_read_as_superuser(self, version: str) -> None:
        assert answer([("par_num", "=", 5)], Rights({"zz.par": None}), version) == [A, E]

    def test_hierarchies_find_only_what_may_be_read(self, version: str) -> None:
        """17 and 18 search among the records; 19 looks at what the tree is, which is followed as superuser."""
        source = rows(version, tree())
        rights = Rights({"zz.noden": from_python([("name", "!=", "g")])})
        domain = from_python([("id", "child_of", 1)])
        found = filtered(source, rights, USER, "zz.noden", domain, [1, 2, 3, 4])
        assert found == ([1, 2, 3] if version == "19" else [1, 2])


def test_an_unreadable_name_is_empty_from_18_on() -> None:
    hidden = Rights({"zz.par": FALSE})
    domain = [("par_id", "=", "P1")]
    assert [answer(domain, hidden, version) for version in ("17", "18", "19")] == ["rule", [], []]
    assert answer([("par_id", "not ilike", "P1")], hidden, "18") == EVERYBODY
