"""Compare proofs of isolation with the rows that a running Odoo showed its portal and public users.

    python tools/compare_proofs.py DATABASE_URL --oracle FOLDER [--model MODEL]... [--all]

DATABASE_URL is the database of the server that answered; FOLDER holds its `decisions.jsonl.xz` (see
`compare_decisions`). For each set of groups that a share user of the server holds, isolation is proved for every model
and for read, write and unlink, and held against the rows that those users passed:

- `isolated`: nobody passes a row that nothing ties to them. `no-access`: nobody passes a row.
- `open`: whoever works in a row's company, and shares nothing else with it, passes it.
- `conditional`: every row that nothing ties to somebody who passes it satisfies the condition; and the other way round,
  as `open`, where the condition asks nothing of the user.

What ties a row to a user is worked out on its own, on the real rows (`ties`). Exit code 1 where something disagrees.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compare_decisions import Comparison, counts_of, rows_of
from ties import Ties, company_terms

from ostiary.domain import TRUE, Domain, Symbol, Term
from ostiary.policy import INTERNAL, PORTAL, PUBLIC, Mode, Policy, Subject, closure
from ostiary.policy.effective import effective
from ostiary.policy.paths import field_of
from ostiary.prove import Prover
from ostiary.prove.verdict import Proof, Verdict
from ostiary.records.errors import Fails, RecordsError
from ostiary.records.evaluate import evaluate
from ostiary.records.memory import filtered
from ostiary.records.opened import open_access
from ostiary.records.session import Session
from ostiary.sources.database.rows import opened_rows

MODES = (Mode.READ, Mode.WRITE, Mode.UNLINK)
Row = Mapping[str, Any]


@dataclass
class Line:
    """One audience, model and mode: what was proved and what the rows say."""

    model: str
    audience: str
    mode: Mode
    proof: Proof
    seen: int = 0
    unlinked: int = 0
    owed: int = 0
    wrong: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    def shown(self) -> str:
        agree = "DISAGREE" if self.wrong else "not compared" if self.undecided else "agree"
        verdict = str(self.proof.verdict)
        if self.proof.condition is not None:
            verdict += f" ({self.proof.condition.sort})"
        return (
            f"{self.model:<42} {self.audience:<28} {self.mode:<7} {verdict:<24} "
            f"{self.seen:>6} {self.unlinked:>8} {self.owed:>6}  {agree}"
        )


class Proofs:
    """Holds proofs against the rows that users of one database passed."""

    def __init__(self, comparison: Comparison, rows: Iterable[Row]) -> None:
        self.comparison = comparison
        self.access = comparison.access
        self.policy: Policy = self.access.policy
        self.prover = Prover(self.policy)
        self.ties = Ties(self.access.store.schema)
        self.lines: list[Line] = []
        self.left_out: Counter[str] = Counter()
        self._audiences = dict(audiences(self.policy))
        self._rows: dict[tuple[str, str], dict[frozenset[str], list[Row]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._modes = {str(mode) for mode in MODES}
        for row in rows:
            if row["op"] in self._modes:
                groups = comparison.session(row).subject.groups
                if groups in self._audiences:
                    self._rows[row["model"], row["op"]][groups].append(row)

    def compare(self) -> None:
        for (model, mode), by_groups in self._rows.items():
            if not self.comparison.comparable(model):
                self.left_out[model] += 1
                continue
            for groups, rows in by_groups.items():
                subject = Subject(name=self._audiences[groups], groups=groups)
                found = effective(self.policy, subject, model, Mode(mode))
                if not found.rights and not any(row["acl"] for row in rows):
                    continue
                proof = self.prover.isolation(subject, model, Mode(mode))
                line = Line(model, subject.name, Mode(mode), proof)
                self.lines.append(line)
                for row in rows:
                    if isinstance(row["ids"], list):
                        self._row(line, row, found.domain)
                    else:
                        line.undecided.append(f"the server lists no rows for {row['user']}")

    def _row(self, line: Line, row: Row, domain: Domain) -> None:
        session = self.comparison.session(row)
        passed = {*row["ids"], *_ids(row.get("search_ids"))}
        failed = {int(one) for one in row.get("ids_record_errors", ())}
        # For visitors, who are all one user, nothing is theirs alone.
        ties = [] if PUBLIC in session.subject.groups else list(self.ties.of(line.model, domain))
        try:
            every = [one for one in self.access.reader.ids(line.model) if one not in failed]
            linked = {one for tie in ties for one in self._true(session, line.model, tie, every)}
            strangers = [one for one in every if one not in linked]
            seen = [one for one in strangers if one in passed]
            line.seen += len(passed)
            line.unlinked += len(seen)
            self._judge(line, row, session, strangers, seen, domain)
        except RecordsError as error:
            line.undecided.append(str(error))

    def _judge(  # noqa: PLR0917 - what is held against what
        self, line: Line, row: Row, session: Session, strangers: list[int], seen: list[int], domain: Domain
    ) -> None:
        proof, who = line.proof, row["user"]
        if proof.verdict is Verdict.NO_ACCESS and row["ids"]:
            line.wrong.append(f"{who} passes {row['ids'][:5]}")
        elif proof.verdict is Verdict.ISOLATED and seen:
            line.wrong.append(f"{who} passes {seen[:5]}, which nothing ties to them")
        elif proof.verdict is Verdict.CONDITIONAL and proof.condition is not None:
            condition = proof.condition
            within = set(self._true(session, line.model, condition.domain, strangers))
            beside = [one for one in seen if one not in within]
            if beside and condition.complete:
                line.wrong.append(f"{who} passes {beside[:5]} without the condition")
            if not condition.user:
                self._owed(line, row, session, [one for one in strangers if one in within], domain)
        elif proof.verdict is Verdict.OPEN and proof.condition is None:
            self._owed(line, row, session, strangers, domain)

    def _owed(self, line: Line, row: Row, session: Session, records: list[int], domain: Domain) -> None:
        """Those of the records that are of the user's company have to pass."""
        model, companies = line.model, list(company_terms(domain))
        found = field_of(self.policy, model, "company_id")
        if found is not None and found.comodel == "res.company" and model != "res.company":
            companies.append(Term("company_id", "=", Symbol("company_id")))
        for term in companies:
            records = self._true(session, model, term, records)
        line.owed += len(records)
        missed = sorted(set(records) - {*row["ids"], *_ids(row.get("search_ids"))})
        if missed:
            line.wrong.append(f"{row['user']} does not pass {missed[:5]}, of their company")

    def _true(self, session: Session, model: str, domain: Domain, ids: Sequence[int]) -> list[int]:
        """Those of the records of which a symbolic domain is true, as rules are tested."""
        sudo = session.sudo()
        if domain == TRUE or not ids:
            return list(ids)
        ground = evaluate(self.access.reader, sudo, domain)
        try:
            return filtered(self.access.reader, self.access, sudo, model, ground, ids)
        except Fails:  # one record that can't be tested: each alone
            return [one for one in ids if self._alone(sudo, model, ground, one)]

    def _alone(self, session: Session, model: str, ground: Domain, record: int) -> bool:
        try:
            return bool(filtered(self.access.reader, self.access, session, model, ground, [record]))
        except Fails:
            return False


def _ids(found: object) -> list[int]:
    return found if isinstance(found, list) else []


def audiences(policy: Policy) -> Iterator[tuple[frozenset[str], str]]:
    """The sets of groups that active share users hold (and the public user), each with a name for it."""
    plain = {closure(policy, (PORTAL,)): "portal", closure(policy, (PUBLIC,)): "public"}
    for user in policy.users:
        groups = Subject.of_user(policy, user.login).groups
        if INTERNAL not in groups and (user.active or PUBLIC in groups):
            base = min((set(known) for known in plain if known <= groups), key=len, default=set())
            name = next((plain[known] for known in plain if known <= groups), "no group")
            more = sorted(one.rpartition(".")[2] for one in groups - base if base)
            yield groups, "+".join([name, *more])


def compare(url: str, rows: Iterable[Row], counts: Mapping[str, int]) -> Proofs:
    """Compare the proofs of the policy at a URL with what its users passed."""
    with opened_rows(url) as (policy, connection):
        proofs = Proofs(Comparison(open_access(policy, connection), counts), rows)
        proofs.compare()
        proofs.prover.close()
        return proofs


def as_text(proofs: Proofs, whole: bool = True) -> str:
    """The table, then what came of it."""
    head = (
        f"{'model':<42} {'audience':<28} {'mode':<7} {'verdict':<24} {'rows':>6} {'unlinked':>8} {'owed':>6}"
    )
    lines = [head]
    for line in sorted(proofs.lines, key=lambda one: (one.audience, one.model, one.mode)):
        if whole or line.wrong or line.undecided:
            lines.append(line.shown())
            lines += [f"    {text}" for text in (*line.wrong, *dict.fromkeys(line.undecided))]
            lines += [f"    {one.text}" for one in line.proof.unknown]
    verdicts = Counter(str(line.proof.verdict) for line in proofs.lines)
    lines.append(", ".join(f"{count} {name}" for name, count in sorted(verdicts.items())))
    for verdict in Verdict:
        of_it = [line for line in proofs.lines if line.proof.verdict is verdict]
        tells = [line for line in of_it if line.seen or line.owed]
        wrong = [line for line in of_it if line.wrong]
        lines.append(
            f"{verdict}: {len(tells)} of {len(of_it)} have rows that tell, "
            f"{sum(line.seen for line in of_it)} rows passed, {sum(line.unlinked for line in of_it)} of them unlinked, "
            f"{sum(line.owed for line in of_it)} owed; {len(wrong)} disagree"
        )
    shown = [line for line in proofs.lines if line.proof.verdict is Verdict.OPEN and line.seen]
    told = sum(line.unlinked > 0 for line in shown)
    lines.append(f"open: {told} of {len(shown)} with rows show somebody one that nothing ties to them")
    unsure = sum(bool(line.undecided) for line in proofs.lines)
    lines.append(f"{unsure} of {len(proofs.lines)} could not be compared in full")
    if proofs.left_out:
        lines.append(
            "the database holds other rows than the server had: " + ", ".join(sorted(proofs.left_out))
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="the database's URL")
    parser.add_argument("--oracle", type=Path, required=True, help="the folder of the recorded answers")
    parser.add_argument("--model", action="append", help="only this model")
    parser.add_argument("--all", action="store_true", help="print every line, not only those that disagree")
    arguments = parser.parse_args()
    started = time.perf_counter()
    rows = (
        row for row in rows_of(arguments.oracle) if not arguments.model or row["model"] in arguments.model
    )
    proofs = compare(arguments.url, rows, counts_of(arguments.oracle))
    print(as_text(proofs, arguments.all))
    print(f"{len(proofs.lines)} proofs compared in {time.perf_counter() - started:.1f} s")
    return 1 if any(line.wrong for line in proofs.lines) else 0


if __name__ == "__main__":
    sys.exit(main())
