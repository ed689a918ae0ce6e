"""Invariants decided: is there a user it is about, and a record of those it names, that the user gets to after all?

With `with_any_groups` the user may hold other groups. Which of them it takes is a question of its own (see `members`);
its answer, the fewest groups that it takes, makes a user of whom everything else is asked as of any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ostiary.domain import TRUE, Domain, conjunction, disjunction, fold, normalize
from ostiary.policy import Mode, Origin, RecordRule, Subject, closure
from ostiary.policy.effective import Unknown, answer, effective
from ostiary.policy.overrides import deciding_overrides
from ostiary.policy.rights import summary_of
from ostiary.prove.deciding import proved, unknown, unread, within_bounds
from ostiary.prove.encode import TooLarge, conj, disj
from ostiary.prove.invariant_fields import near_fields, unread_fields
from ostiary.prove.invariants import InvalidInvariants, Invariant, faults_of
from ostiary.prove.isolation import premises
from ostiary.prove.members import Members, obstacles
from ostiary.prove.question import Question, asked
from ostiary.prove.replay import Stage
from ostiary.prove.solver import Solver
from ostiary.prove.verdict import Condition, Proof, Sort, Verdict

if TYPE_CHECKING:
    from ostiary.prove.prover import Prover

_MOST_SETS = 6
_MOST_TRIES = 40
_SAYS_NOTHING = "no record can satisfy its domain, so it says nothing"
_BROKEN = (Verdict.OPEN, Verdict.CONDITIONAL)


def separation(prover: Prover, invariant: Invariant) -> Proof:
    """Whether an invariant holds: `isolated` where it does, `open` or `conditional` where it doesn't (with a witness),
    `no-access` where those it is about have no right, or reach no record, at all.

    Raises InvalidInvariants where it can't be asked of this Policy.
    """
    faults = tuple(dict.fromkeys(faults_of(prover.policy, invariant)))
    if faults:
        raise InvalidInvariants(*faults)
    subject = Subject(name=invariant.group, groups=closure(prover.policy, (invariant.group,)))
    decide = _with_any_groups if invariant.with_any_groups else _exactly
    return _with_unread_fields(prover, invariant, decide(prover, invariant, subject))


def _with_unread_fields(prover: Prover, invariant: Invariant, proof: Proof) -> Proof:
    """The proof, which names the fields of the invariant that were not read where it is not known for want of them."""
    if proof.verdict is not Verdict.UNKNOWN:
        return proof
    unknown = list(proof.unknown)
    for shown, missing in unread_fields(prover.policy, invariant.model, invariant.domain):
        about = f"field {missing.name} of model {missing.model} was not read"
        rest = [one for one in unknown if about not in one.text]
        if len(rest) < len(unknown):
            near = near_fields(prover.policy, missing).removeprefix("; ")
            text = f"the invariant names {shown}, and {about}{near and f' ({near})'}"
            origin = Origin(path=invariant.path, line=invariant.line("never"))
            unknown = [Unknown("field-unread", text, missing.name, origin), *rest]
    return msgspec.structs.replace(proof, unknown=tuple(unknown))


# -- a user whose groups are known -------------------------------------------------------------------------------


def _exactly(prover: Prover, invariant: Invariant, subject: Subject) -> Proof:
    model, mode = invariant.model, invariant.mode
    found = effective(prover.policy, subject, model, mode)
    blank = prover.blank("separation", invariant.who, model, mode, found)
    blank = msgspec.structs.replace(blank, invariant=invariant.name)
    settled = prover.settled(blank, found)
    if settled is not None:
        return _explained(settled, subject)
    never = fold(invariant.domain, lambda xmlid: answer(prover.policy, subject, xmlid, False))

    def prove(texts: bool) -> Proof:
        question = Question(prover.schema, model, texts=texts, fold=prover.folding(subject))
        question.is_somebody(subject)
        built = premises(question, prover.policy, model, mode, found.domain, singled_out=False)
        about = question.part(question.passes(never, mode))
        built.stranger, built.near = (question.part(_of_those(question, found.domain, never, mode)),), ()
        built.put(second=prover.cross_check)
        if _says_nothing(built.solver, about):
            return unknown(blank, "empty-domain", _SAYS_NOTHING)
        return prover.decided(blank, subject, found.domain, built)

    proof = _explained(within_bounds(blank, prove), subject)
    return _confirmed(prover, invariant, subject, proof) if proof.verdict in _BROKEN else proof


def _of_those(question: Question, domain: Domain, never: Domain, mode: Mode) -> str:
    """That the record is one that the invariant is about, looked at in the way in which it passes, if it does: a record
    that a search finds is not held against what a test in memory would say of it."""
    refused = conj((question.passes(never, mode), question.passes(domain, mode, False)))
    return disj((question.passes(conjunction((domain, never)), mode), refused))


def _says_nothing(solver: Solver, never: str) -> bool:
    """Whether no record is one of those that an invariant is about: it then holds whatever anybody does."""
    return solver.check([]) is True and solver.check([never], guess=True) is False


def _explained(proof: Proof, subject: Subject) -> Proof:
    """The proof, which says so where it holds only because nothing can be done at all."""
    if proof.verdict is not Verdict.NO_ACCESS:
        return proof
    said = f"{subject.phrase} may not {proof.mode} any record of {proof.model} at all, so it holds of itself."
    return msgspec.structs.replace(proof, assumptions=(*proof.assumptions, said[:1].upper() + said[1:]))


def _confirmed(prover: Prover, invariant: Invariant, subject: Subject, proof: Proof) -> Proof:
    """The proof, where `records` agree that the witness is one of the records the invariant is about.

    They are asked with the domain as one more global rule: the record has to pass that too.
    """
    assert proof.witness is not None
    rule = RecordRule(
        origin=Origin(path=invariant.path), xmlid=f"invariant.{invariant.name}", model=invariant.model,
        domain_force=invariant.never, modes=(invariant.mode,),
    )  # fmt: skip
    stage = Stage(msgspec.structs.replace(prover.policy, rules=[*prover.policy.rules, rule]))
    try:
        said = stage.ask(subject, invariant.model, invariant.mode, proof.witness)
    finally:
        stage.close()
    if said is True:
        return proof
    blank = msgspec.structs.replace(proof, verdict=Verdict.UNKNOWN, condition=None, witness=None)
    if isinstance(said, str):
        return unknown(blank, "not-replayed", said)
    defect = (
        f"a record that the invariant should be about is not, when it is put into tables: {invariant.name}"
    )
    return msgspec.structs.replace(unknown(blank, "defect", defect), defect=defect)


# -- a user who may hold other groups too ------------------------------------------------------------------------


def _with_any_groups(prover: Prover, invariant: Invariant, subject: Subject) -> Proof:
    policy, model, mode = prover.policy, invariant.model, invariant.mode
    members = Members(policy, subject.groups, model, mode, excused=invariant.excused, also=invariant.domain)
    domain, never = members.effective(model, mode), members.folded(invariant.domain)
    blank = _blank(prover, invariant)

    def build(texts: bool) -> tuple[Solver, str, str, str, Mapping[str, str]]:
        question = Question(prover.schema, model, texts=texts, fold=members.folded)
        lacks = members.declare(question)
        passes = question.part(question.passes(domain, mode))
        about = question.part(question.passes(never, mode))
        wanted = question.part(_of_those(question, domain, never, mode))
        return question.solver(second=prover.cross_check), passes, about, wanted, lacks

    try:
        solver, passes, about, wanted, lacks = asked(build)
    except TooLarge:
        return unknown(blank, "too-large", "the question comes to more than a solver should be given")
    if _says_nothing(solver, about):
        return unknown(blank, "empty-domain", _SAYS_NOTHING)
    if solver.check([]) is not True:
        return unknown(blank, "contradiction", "what is taken for granted can't all be so at once")
    found = solver.check([passes, wanted])
    if found:
        sets = list(_fewest(solver, [passes, wanted], members, lacks))
        return _broken(prover, invariant, subject, sets, blank)
    if found is None:
        return unknown(blank, "solver", "the solver gave up")
    obstacle = tuple(obstacles(policy, model))
    if obstacle:
        return msgspec.structs.replace(blank, unknown=obstacle)
    if solver.check([passes], guess=True) is False:
        return _without_access(prover, blank, solver)
    if solver.check([passes, wanted], guess=True) is False:
        return _kept(prover, proved(blank, solver, Verdict.ISOLATED))
    solver.check([passes, wanted])
    return unread(blank, solver)


def _kept(prover: Prover, proof: Proof) -> Proof:
    """The proof, which says so where it takes for granted that Python lets nothing more through."""
    names = deciding_overrides(prover.policy, proof.model, proof.mode)
    if not names:
        return proof
    said = f"What {proof.model} also decides in Python ({', '.join(names)}) lets nothing more through."
    return msgspec.structs.replace(proof, assumptions=(*proof.assumptions, said))


def _blank(prover: Prover, invariant: Invariant) -> Proof:
    """The proof before anything is decided: the rules are all those of the model that a group may bring."""
    mode = invariant.mode
    rules = [
        rule.xmlid for rule in prover.policy.rules_by_model.get(invariant.model, ()) if mode in rule.modes
    ]
    module = summary_of(prover.policy, invariant.model)
    cautions = (f"Only a summary of module {module} was read; give --addons-path.",) if module else ()
    return Proof(
        "separation", invariant.model, invariant.who, mode, Verdict.UNKNOWN,
        rules=tuple(rules), assumptions=cautions, checked=prover.cross_check, invariant=invariant.name,
    )  # fmt: skip


def _without_access(prover: Prover, blank: Proof, solver: Solver) -> Proof:
    module = summary_of(prover.policy, blank.model)
    if module:
        return unknown(blank, "summary", f"Only a summary of module {module} was read; give --addons-path.")
    proof = proved(blank, solver, Verdict.NO_ACCESS)
    said = (
        f"No group that such a user may hold lets them {blank.mode} any record of {blank.model},"
        " so it holds of itself."
    )
    return msgspec.structs.replace(proof, rules=(), assumptions=(*proof.assumptions, said))


def _fewest(
    solver: Solver, parts: list[str], members: Members, lacks: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """The smallest sets of other groups with which the parts can all be so, the empty one where it takes none.

    One set is found; then, for each of its groups, what there is without that group, and so on. Not all of them are
    looked for where there are many.
    """
    # Groups that bring others are let go of first: what is left is then the least powerful that will do.
    order = sorted(members.free, key=lambda name: (-len(closure(members.policy, (name,))), name))
    waiting: list[frozenset[str]] = [frozenset()]
    seen: set[frozenset[str]] = set()
    found: set[tuple[str, ...]] = set()
    while waiting and len(seen) < _MOST_TRIES and len(found) < _MOST_SETS:
        without = waiting.pop(0)
        if without in seen:
            continue
        seen.add(without)
        gone = set(without)

        def enough(more: Sequence[str], gone: set[str] = gone) -> bool:
            return bool(solver.check([*parts, *(lacks[name] for name in sorted({*gone, *more}))]))

        if enough(()):
            _let_go([name for name in order if name not in without], gone, enough)
            fewest = members.shortest(name for name in order if name not in gone)
            if fewest not in found:
                found.add(fewest)
                yield fewest
            waiting += [without | {name} for name in fewest]


def _let_go(names: list[str], gone: set[str], enough: Callable[[Sequence[str]], bool]) -> None:
    """Add to `gone` those of the names, in order, that it doesn't take; many at once where none of them is needed."""
    if not names:
        return
    if enough(names):
        gone.update(names)
    elif len(names) > 1:
        half = len(names) // 2
        _let_go(names[:half], gone, enough)
        _let_go(names[half:], gone, enough)


def _broken(
    prover: Prover, invariant: Invariant, subject: Subject, sets: list[tuple[str, ...]], blank: Proof
) -> Proof:
    """The proof of the first set of groups that shows it, with the others named."""
    unsure: list[Proof] = []
    shown: list[tuple[tuple[str, ...], Proof]] = []
    for groups in sets:
        held = subject.groups | closure(prover.policy, groups)
        proof = _exactly(prover, invariant, Subject(name=subject.name, groups=held))
        if proof.verdict in _BROKEN:
            shown.append((groups, proof))
        elif proof.verdict is Verdict.UNKNOWN:
            unsure.append(proof)
    if not shown:
        return unsure[0] if unsure else unknown(blank, "solver", "what the groups come to was not confirmed")
    shown.sort(key=lambda one: (len(one[0]) > 0, one[1].verdict is not Verdict.OPEN))
    groups, proof = shown[0]
    if not groups:
        return proof
    assert proof.witness is not None
    witness = msgspec.structs.replace(proof.witness, groups=groups)
    return msgspec.structs.replace(proof, witness=witness, condition=_condition(shown))


def _condition(shown: list[tuple[tuple[str, ...], Proof]]) -> Condition:
    """What it takes of the user, and of the record where it takes something of that with all of the groups."""
    phrase = f"the user also holds {_either([' and '.join(names) for names, _ in shown])}"
    found = [one.condition for _, one in shown if one.condition is not None]
    if shown[0][1].verdict is Verdict.OPEN or not found:
        return Condition(TRUE, (), Sort.PLAIN, (phrase,))
    alternatives = tuple(dict.fromkeys(way for one in found for way in one.alternatives))
    worst = max((one.sort for one in found), key=list(Sort).index)
    complete = len(found) == len(shown) and all(one.complete for one in found)
    return Condition(normalize(disjunction(alternatives)), alternatives, worst, (phrase,), complete)


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
