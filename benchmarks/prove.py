"""How long proofs take, beside a target.

    python benchmarks/prove.py [verdicts] [rules] [difference] [solvers] [--runs N]

`verdicts`: isolation of a portal-like group on 120 models with the usual sorts of rules, each asked to read and write.
`rules`: one model with 1, 10 and 100 rules. `difference`: two policies of 100 rules on one model, of which one changed.
`solvers`: the first check of each of those questions by z3 and, where it is installed, by cvc5, from the same text.

All policies are made up here. All figures are medians of processor time, but for the number of verdicts a second.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import z3
from made_up import HERE, ORDER, STAFF, field, median, model, people

from ostiary.policy import AccessRight, GroupLink, Mode, Policy, RecordRule
from ostiary.prove import Prover
from ostiary.prove.difference import differences
from ostiary.prove.replay import Stage
from ostiary.prove.solver import Solver
from ostiary.prove.witness import Story

LINE = "{:<56} {:>12} {:>12}"
CLOCK = time.process_time
BOTH = (Mode.READ, Mode.WRITE)

# What rules usually say; the last of a set is global, as the others are of the group.
USUAL = [
    ["[('user_id', '=', user.id)]"],
    ["[('partner_id', 'child_of', user.partner_id.commercial_partner_id.id)]"],
    ["[('partner_id', 'child_of', user.partner_id.commercial_partner_id.ids)]", "company"],
    ["[('follower_ids', 'in', [user.partner_id.id])]", "company"],
    ["['|', ('user_id', '=', user.id), ('user_id', '=', False)]"],
    ["[('published', '=', True)]", "company"],
    ["['|', ('published', '=', True), ('partner_id', '=', user.partner_id.id)]"],
    ["[('state', 'in', ['sent', 'done']), ('partner_id', '=', user.partner_id.id)]", "company"],
    ["[('parent_id.follower_ids', 'in', user.partner_id.ids)]"],
    ["[('parent_id', 'child_of', 7), ('amount', '>', 100)]", "company"],
    ["[('partner_id.country', '=', user.partner_id.country)]"],
    ["[('name', 'ilike', 'public')]"],
    ["company"],
    ["[(1, '=', 1)]"],
    [],
]
COMPANY = "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]"


def documents(name: str) -> Any:
    """A model like those of orders, tasks and invoices."""
    return model(
        name,
        field("name", "char"),
        field("user_id", "many2one", "res.users"),
        field("partner_id", "many2one", "res.partner"),
        field("company_id", "many2one", "res.company"),
        field("parent_id", "many2one", name),
        field("follower_ids", "many2many", "res.partner"),
        field("published", "boolean"),
        field("state", "selection"),
        field("amount", "float"),
        *(field(f"part_{one}", "char") for one in range(60)),
    )


def policy_of(texts: dict[str, list[str]]) -> Policy:
    """Models with rules: of the group, but for `company` and the last of several, which bind everybody."""
    given = people(3)
    partner = model(
        "res.partner",
        field("name", "char"),
        field("country", "char"),
        field("is_company", "boolean"),
        field("parent_id", "many2one", "res.partner"),
        field("commercial_partner_id", "many2one", "res.partner"),
    )
    users = given["models"]["res.users"]
    users.fields["partner_id"] = field("partner_id", "many2one", "res.partner", required=True)
    given["models"] |= {"res.partner": partner} | {name: documents(name) for name in texts}
    rules = [
        RecordRule(
            origin=HERE, xmlid=f"bench.rule_{name}_{place}", model=name, modes=BOTH,
            domain_force=COMPANY if text == "company" else text,
            groups=() if text == "company" else (GroupLink(STAFF, HERE),),
        )
        for name, of_model in texts.items()
        for place, text in enumerate(of_model)
    ]  # fmt: skip
    rights = [
        AccessRight(origin=HERE, xmlid=f"bench.right_{name}", model=name, group=STAFF, modes=BOTH)
        for name in texts
    ]
    return Policy(**given, rights=rights, rules=rules)


def usual() -> Policy:
    return policy_of({f"bench.model_{one}": USUAL[one % len(USUAL)] for one in range(120)})


def many(count: int, changed: bool = False) -> Policy:
    """One model with many rules, each about something else."""
    texts = []
    for one in range(count):
        text = [
            f"[('user_id', '=', user.id), ('part_{one % 60}', '=', 'x{one}')]",
            f"[('partner_id', 'child_of', user.partner_id.commercial_partner_id.id), ('amount', '>', {one})]",
            f"[('follower_ids', 'in', [user.partner_id.id]), ('state', '!=', 's{one}')]",
            f"['&', ('partner_id', '=', user.partner_id.id), ('part_{one % 60}', '!=', 'y{one}')]",
        ][one % 4]
        texts.append(text)
    if changed:
        texts[count // 2] = "[('published', '=', True)]"
    return policy_of({ORDER: [*texts[: count - 1], "company"] if count > 1 else texts})


def show(what: str, figure: str, target: str = "") -> None:
    print(LINE.format(what, figure, target), flush=True)


def additions() -> None:
    total = 0
    for one in range(1_000_000):
        total += one


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


# -- verdicts --------------------------------------------------------------------------------------------------


@contextmanager
def timed(*parts: tuple[str, Any, str]) -> Iterator[dict[str, float]]:
    """Seconds in methods, by the name given to each: (name, class, method)."""
    taken: dict[str, float] = defaultdict(float)

    def wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            start = CLOCK()
            try:
                return call(*given, **named)
            finally:
                taken[name] += CLOCK() - start

        return run

    kept = [(owner, method, getattr(owner, method)) for _, owner, method in parts]
    for name, owner, method in parts:
        setattr(owner, method, wrapped(name, getattr(owner, method)))
    try:
        yield taken
    finally:
        for owner, method, call in kept:
            setattr(owner, method, call)


def verdicts(runs: int) -> None:
    parts = (
        ("given to the solver", Solver, "__init__"),
        ("decided", Solver, "check"),
        ("witness told", Story, "witness"),
        ("witness replayed", Stage, "ask"),
    )
    policy = usual()
    names = [name for name in policy.models if name.startswith("bench.model")]
    every: list[float] = []
    of_part: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    rates = []
    for _ in range(runs):
        with Prover(usual()) as prover, timed(*parts) as taken:
            start = time.perf_counter()
            for name in names:
                for mode in BOTH:
                    taken.clear()
                    begun = CLOCK()
                    proof = prover.isolation(STAFF, name, mode)
                    whole = CLOCK() - begun
                    every.append(whole)
                    counts[str(proof.verdict)] += 1
                    of_part["built"].append(whole - sum(taken.values()))
                    for part, seconds in taken.items():
                        of_part[part].append(seconds)
            rates.append(len(names) * len(BOTH) / (time.perf_counter() - start))
    show("a verdict", milliseconds(statistics.median(every)), "<= 15 ms")
    show("  the slowest of a hundred", milliseconds(statistics.quantiles(every, n=100)[98]))
    for part in ("built", *(name for name, _, _ in parts)):
        show(f"  {part}", milliseconds(statistics.median(of_part[part])))
    show("verdicts a second", f"{statistics.median(rates):.0f}")
    print("  " + ", ".join(f"{count // runs} {verdict}" for verdict, count in sorted(counts.items())))


# -- growth ----------------------------------------------------------------------------------------------------


def rules(runs: int) -> None:
    first = 0.0
    for count, target in ((1, "<= 15 ms"), (10, ""), (100, "<= 60 ms")):
        with Prover(many(count)) as prover:
            proof = prover.isolation(STAFF, ORDER, Mode.READ)
            taken = median(lambda prover=prover: prover.isolation(STAFF, ORDER, Mode.READ), runs, CLOCK)  # type: ignore[misc]
        first = first or taken
        show(f"{count} rules: {proof.verdict}", milliseconds(taken), target)
        show("  times that of one rule", f"{taken / first:.1f}")


def difference(runs: int) -> None:
    old, new = many(100), many(100, changed=True)

    def compare() -> list[str]:
        asked = differences(old, new, audiences=[STAFF], models=[ORDER], modes=[Mode.READ])
        return [str(one.change) for one in asked]

    found = compare()
    show(
        f"two policies of 100 rules: {', '.join(found)}",
        milliseconds(median(compare, runs, CLOCK)),
        "",
    )


# -- solvers ---------------------------------------------------------------------------------------------------


def questions(policy: Policy) -> list[str]:
    """The text of every question asked of a policy, with what is asked first."""
    texts: list[str] = []
    check = Solver.check

    def kept(self: Solver, parts: Any, *, guess: bool = False) -> bool | None:
        asked = list(parts)
        if not self.checks:
            guesses = [one.guess for one in self.world.opaques.values()]
            said = [f"(assert {name})" for name in [*self.world.assumed.values(), *asked]]
            said += [f"(assert {name})" if guess else f"(assert (not {name}))" for name in guesses]
            texts.append("\n".join([self.text, *said]))
        return check(self, asked, guess=guess)

    Solver.check = kept  # type: ignore[method-assign]
    try:
        with Prover(policy) as prover:
            for name in policy.models:
                if name.startswith("bench."):
                    prover.isolation(STAFF, name, Mode.READ)
    finally:
        Solver.check = check  # type: ignore[method-assign]
    return texts


def by_z3(text: str) -> str:
    solver = z3.SimpleSolver()
    solver.set("arith.solver", 2)
    solver.from_string(text)
    return str(solver.check())


def by_cvc5(text: str) -> str:
    import cvc5

    solver = cvc5.Solver()
    solver.setLogic("ALL")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    return str(solver.checkSat())


def solvers(runs: int) -> None:
    texts = [*questions(usual()), *questions(many(100))]
    ways = {"z3": by_z3}
    try:
        by_cvc5(texts[0])
        ways["cvc5"] = by_cvc5
    except ImportError:
        print("  cvc5 is not installed")
    taken: dict[str, list[float]] = {name: [] for name in ways}
    alike = 0
    for text in texts:
        answers = set()
        for name, ask in ways.items():
            answers.add(ask(text))
            taken[name].append(median(lambda ask=ask, text=text: ask(text), min(runs, 3), CLOCK))  # type: ignore[misc]
        alike += len(answers) == 1
    for name, seconds in taken.items():
        show(
            f"{name}, {len(texts)} questions read and checked once", milliseconds(statistics.median(seconds))
        )
        show("  the largest", milliseconds(seconds[-1]))
    if len(taken) > 1:
        ratio = statistics.median(
            [slow / fast for fast, slow in zip(taken["z3"], taken["cvc5"], strict=True)]
        )
        show("  cvc5's time by z3's", f"{ratio:.1f}")
        show("  questions answered alike", f"{alike} of {len(texts)}")


PARTS = {"verdicts": verdicts, "rules": rules, "difference": difference, "solvers": solvers}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="*", metavar="part", help=f"some of {', '.join(PARTS)} (all)")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    unknown = [name for name in options.part if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}")
    print(
        f"Python {platform.python_version()}, z3 {z3.get_version_string()}, {os.cpu_count()} processors, "
        f"{options.runs} runs, medians"
    )
    print(LINE.format("what", "here", "target"))
    gc.freeze()
    show("a million additions, to tell how busy the machine is", milliseconds(median(additions, 5, CLOCK)))
    for name in options.part or PARTS:
        PARTS[name](options.runs)


if __name__ == "__main__":
    main()
