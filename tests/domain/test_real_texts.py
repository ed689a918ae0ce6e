"""Domains as Odoo's own modules write them: read from files beside the project, where they are."""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain import (
    Domain,
    DomainSemantics,
    canonical,
    fold,
    normalize,
    opaques,
    parse,
    problems,
    to_english,
    to_odoo,
)

SHARED = Path(__file__).parents[3] / "shared"
POLICY = SHARED / "oracle" / "policy.json.xz"
PORTAL = SHARED / "odoo" / "portal-rules-18.json"

pytestmark = pytest.mark.skipif(
    not (POLICY.exists() and PORTAL.exists()), reason="the recorded rules of Odoo 18 (../shared) are not here"
)


def forces(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("domain_force", "domain") and isinstance(inner, str):
                yield inner
            else:
                yield from forces(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from forces(inner)


@pytest.fixture(scope="module")
def rules() -> list[str]:
    policy = json.loads(lzma.decompress(POLICY.read_bytes()))
    return [rule["domain_force"] or "" for rule in policy["ir_rule"]]


@pytest.fixture(scope="module")
def portal() -> list[str]:
    return list(forces(json.loads(PORTAL.read_text("utf-8"))))


def check(text: str) -> Domain:
    domain = parse(text)
    assert not list(opaques(domain)), text
    assert parse(to_odoo(domain)) == domain
    assert normalize(normalize(domain)) == normalize(domain)
    assert canonical(canonical(domain)) == canonical(domain)
    assert fold(domain, lambda _: None) == normalize(domain)
    assert "cannot read" not in to_english(domain)
    return domain


def test_every_rule_of_a_real_server_is_read(rules: list[str]) -> None:
    assert len(rules) == 396
    for text in rules:
        domain = check(text)
        assert not [p for p in problems(domain, DomainSemantics.of(18)) if p.certain], text


def test_every_portal_rule_is_read(portal: list[str]) -> None:
    assert len(portal) > 100
    for text in portal:
        check(text)


def test_four_hundred_rules_take_a_moment(rules: list[str]) -> None:
    def once() -> float:
        started = time.process_time()
        for text in rules:
            parse(text)
        return time.process_time() - started

    assert min(once() for _ in range(5)) < 0.2  # 0.03 on a quiet machine
