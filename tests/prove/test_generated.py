"""Generated rules: the encoder says what `records` say, and the prover what enumeration shows.

`python tools/prove_generated.py` does the same for as long as one likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from prove.enumerate import Hand, enumerated, rule_set
from prove.generated import VERSIONS, Branch, Domains, Leaf, Universe, leaves, rows, smaller, text
from prove.judged import Counts, judge, judge_change
from prove.pinned import Tally, differences

DATABASES = 2
DOMAINS = 26
PATTERNS = 8
RULE_SETS = 14
CHANGES = 5


@pytest.fixture(scope="module")
def universes() -> Iterator[dict[str, list[Universe]]]:
    """Small databases, and a last one with many records of which nobody is archived."""
    made = {
        version: [
            *(Universe(version, rows(Random(seed))) for seed in range(DATABASES)),
            Universe(version, rows(Random(DATABASES), 40, 50, plain=True)),
        ]
        for version in VERSIONS
    }
    yield made
    for several in made.values():
        for one in several:
            one.close()


@pytest.mark.parametrize("texts", [False, True], ids=["values", "patterns"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_formula_says_what_records_say(
    universes: dict[str, list[Universe]], version: str, texts: bool
) -> None:
    tally = Tally()
    for seed in range(PATTERNS if texts else DOMAINS):
        universe = universes[version][seed % DATABASES]
        domain = text(Domains(Random(f"{version} {seed}"), version, texts=texts, size=3).tree())
        assert not list(differences(universe, domain, tally))
    # Most of it can be said, and asked of records.
    assert tally.asked > 40
    assert tally.opaque < tally.asked / 4
    assert tally.raised < tally.asked / 4
    assert tally.endless < DOMAINS / 4


@pytest.mark.parametrize("version", VERSIONS)
def test_a_verdict_is_what_enumeration_shows(universes: dict[str, list[Universe]], version: str) -> None:
    counts = Counts()
    for seed in range(RULE_SETS):
        rules = rule_set(Random(f"{version} {seed}"), version)
        assert judge(universes[version][-1], rules, counts) == [], str(rules)
    assert len(counts.verdicts) >= 3
    assert sum(counts.unknown.values()) < RULE_SETS / 3


@pytest.mark.parametrize("version", VERSIONS)
def test_a_difference_is_what_enumeration_shows(universes: dict[str, list[Universe]], version: str) -> None:
    counts = Counts()
    for seed in range(CHANGES):
        rng = Random(f"{version} changed {seed}")
        rules = rule_set(rng, version)
        assert judge_change(universes[version][-1], rules, rng, counts) == [], str(rules)
    assert len(counts.verdicts) >= 2
    assert sum(counts.unknown.values()) < CHANGES / 2


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_verdict_would_be_seen(universes: dict[str, list[Universe]], version: str) -> None:
    """Enumeration finds strangers where there are some, and none where each record is somebody's."""
    universe = universes[version][-1]
    rules = rule_set(Random(0), version)
    owned = Leaf(("owner_id",), "=", "user.partner_id.id", ("user.partner_id.id",))
    flagged = Leaf(("flag",), "=", "True")
    shut = enumerated(universe, type(rules)(version, rules.mode, ((owned, True),)))
    ajar = enumerated(universe, type(rules)(version, rules.mode, ((owned, True), (flagged, True))))
    wide = enumerated(
        universe, type(rules)(version, rules.mode, ((Branch("|", (owned, Branch("!", (owned,)))), True),))
    )
    assert shut.passes
    assert shut.kept
    assert not shut.leaks
    assert ajar.leaks
    assert ajar.kept
    assert wide.leaks
    assert not wide.kept


def test_ties_are_followed_by_hand() -> None:
    """2 is a contact of the company 1, as 3 is; 4 is a customer of its own."""
    data = rows(Random(1), plain=True)
    data["x.thing"][1] |= {"owner_id": 3, "partner_ids": [4], "company_id": 1}
    hand = Hand("18.0", data)

    def tied(path: str, operator: str, *symbols: str) -> bool:
        return hand.tied([Leaf(tuple(path.split(".")), operator, "", symbols)], 1, 2)

    assert tied("owner_id", "child_of", "user.commercial_partner_id.id")
    assert tied("owner_id", "!=", "user.partner_id.parent_id.child_ids.ids")
    assert tied("owner_id.parent_id", "=", "user.commercial_partner_id.id")
    assert not tied("owner_id", "=", "user.partner_id.id")
    assert not tied("partner_ids", "child_of", "user.commercial_partner_id.id")
    assert not tied("company_id.user_ids", "in", "user.id")
    assert not tied("owner_id.country_id", "=", "user.partner_id.country_id.id")


def test_domains_get_smaller() -> None:
    tree = Domains(Random(5), "18.0", size=4).tree(size=4)
    less = list(smaller(tree))
    assert less
    assert all(len(list(leaves(one))) <= len(list(leaves(tree))) for one in less)
    assert all(text(one) != text(tree) for one in less)
