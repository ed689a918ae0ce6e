"""Generated cases for some minutes: what is wrong, and what was counted. See `tools/prove_generated.py`."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from random import Random

from prove.enumerate import rule_set
from prove.generated import VERSIONS, Domains, Tree, Universe, rows, smaller, text
from prove.judged import Counts, judge, judge_change
from prove.pinned import Difference, Tally, differences

REFRESHED = 60  # cases asked of one database
PARTS = ("formulas", "verdicts", "differences")


class Run:
    """Cases of all sorts, one seed after the other, and what came of them."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.verdicts = Counts()
        self.changes = Counts()
        self.cases: Counter[str] = Counter()
        self.wrong = 0
        self._universes: dict[tuple[str, bool], Universe] = {}
        self._used: Counter[tuple[str, bool]] = Counter()

    def case(self, part: str, seed: int) -> None:
        """One generated case, in the version that is its turn."""
        version = VERSIONS[seed % len(VERSIONS)]
        self.cases[part] += 1
        if part == "formulas":
            self._formula(seed, version)
            return
        universe = self._universe(version, seed, many=True)
        rng = Random(seed)
        rules = rule_set(rng, version, texts=seed % 4 == 0)
        if part == "verdicts":
            found = judge(universe, rules, self.verdicts)
        else:
            found = judge_change(universe, rules, rng, self.changes)
        for line in found:
            self._print(seed, f"{rules}: {line}")

    def _formula(self, seed: int, version: str) -> None:
        universe = self._universe(version, seed, many=False)
        tree = Domains(Random(seed), version, texts=seed % 4 == 0, size=3).tree()
        found = self._differs(universe, tree)
        if found is not None:
            self._print(seed, str(self._smallest(universe, tree, found)))

    def _differs(self, universe: Universe, tree: Tree) -> Difference | None:
        return next(differences(universe, text(tree), self.tally), None)

    def _smallest(self, universe: Universe, tree: Tree, found: Difference) -> Difference:
        for less in smaller(tree):
            still = self._differs(universe, less)
            if still is not None:
                return self._smallest(universe, less, still)
        return found

    def _universe(self, version: str, seed: int, *, many: bool) -> Universe:
        key = (version, many)
        if self._used[key] % REFRESHED == 0:
            if key in self._universes:
                self._universes[key].close()
            data = rows(Random(seed), 40, 50, plain=True) if many else rows(Random(seed))
            self._universes[key] = Universe(version, data)
        self._used[key] += 1
        return self._universes[key]

    def _print(self, seed: int, line: str) -> None:
        self.wrong += 1
        print(f"seed {seed}: {line}", flush=True)

    def report(self) -> None:
        """What was asked and what came of it."""
        print(f"cases: {dict(self.cases)}; wrong: {self.wrong}")
        print(f"formulas: {self.tally}")
        for name, counts in (("verdicts", self.verdicts), ("differences", self.changes)):
            said = {str(verdict): count for verdict, count in counts.verdicts.most_common()}
            why = dict(counts.unknown.most_common())
            print(f"{name}: {said}; unknown: {why}; not shown by enumeration: {counts.beyond}")


def main() -> int:
    """Run until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args()
    run, seed = Run(), options.seed
    until = time.monotonic() + options.minutes * 60
    while time.monotonic() < until:
        for part in options.only or PARTS:
            run.case(part, seed)
        seed += 1
    run.report()
    return 1 if run.wrong else 0
