"""The prover: asks questions about one Policy and turns answers into proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from ostiary.domain import Domain, fold
from ostiary.policy import Kind, Mode, Policy, RecordRule, Subject
from ostiary.policy.effective import Effective, answer, effective
from ostiary.policy.overrides import deciding_overrides
from ostiary.policy.semantics import PORTAL, PUBLIC
from ostiary.prove import silo
from ostiary.prove.deciding import Outcome, decide, unknown, within_bounds
from ostiary.prove.encode import Expander
from ostiary.prove.isolation import Premises, premises
from ostiary.prove.question import Question
from ostiary.prove.replay import Stage
from ostiary.prove.solver import Solver
from ostiary.prove.verdict import Proof, Verdict, Witness
from ostiary.prove.witness import Story
from ostiary.records.schema import Schema

if TYPE_CHECKING:
    from ostiary.prove.invariants import Invariant

WORDS = {"portal": PORTAL, "public": PUBLIC}

# What `effective` can't know but logic follows, or names by itself.
_FOLLOWED = frozenset({"opaque", "python-search"})


@dataclass(frozen=True, slots=True)
class Asking:
    """What a witness is to show: that the subject may do this with a record, by rules that come to `domain`."""

    model: str
    mode: Mode
    subject: Subject
    domain: Domain | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A witness and what `records` said of it: true, false, or why they can't tell. `taken`: what had to be taken for
    something, since only running Odoo gives it."""

    witness: Witness | None
    said: bool | str
    taken: tuple[str, ...] = ()


class Prover:
    """Asks about one Policy. `cross_check`: a second solver has to agree with every answer (else Disagreement).

    It keeps tables in memory for witnesses: close it, or use it as a context.
    """

    def __init__(self, policy: Policy, *, cross_check: bool = False) -> None:
        self.policy = with_tables(policy)
        self.schema = Schema(self.policy)
        self.cross_check = cross_check
        self._stage: Stage | None = None

    def __enter__(self) -> Prover:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._stage is not None:
            self._stage.close()
            self._stage = None

    @property
    def stage(self) -> Stage:
        if self._stage is None:
            self._stage = Stage(self.policy, self.schema)
        return self._stage

    def subject(self, audience: str) -> Subject:
        """Who an audience is: somebody who holds its group, and what that implies. Raises UnknownSubject."""
        return Subject.of_group(self.policy, WORDS.get(audience, audience))

    def _named(self, audience: str | Subject) -> tuple[Subject, str]:
        if isinstance(audience, Subject):
            return audience, audience.name
        return self.subject(audience), audience

    def isolation(self, audience: str | Subject, model: str, mode: Mode) -> Proof:
        """Whether an audience reaches records of a model that nothing ties to them: the stranger test.

        `audience` is `portal`, `public` or a group's external id, or a Subject for whoever holds its groups. Raises
        UnknownSubject for an unknown group.
        """
        subject, name = self._named(audience)
        found = effective(self.policy, subject, model, mode)
        blank = self.blank("isolation", name, model, mode, found)
        settled = self.settled(blank, found)
        if settled is not None:
            return settled
        singled_out = PUBLIC not in subject.groups

        def prove(texts: bool) -> Proof:
            question = self._question(subject, model, texts)
            built = premises(question, self.policy, model, mode, found.domain, singled_out=singled_out)
            return self.decided(blank, subject, found.domain, built.put(second=self.cross_check))

        return within_bounds(blank, prove)

    def silo(self, audience: str | Subject, model: str, mode: Mode) -> Proof:
        """Whether an audience reaches records of companies that are none of their active ones.

        `audience` as for `isolation`. A record of no company is of no other company. `no-access` also where records of
        the model have no company. Raises UnknownSubject.
        """
        subject, name = self._named(audience)
        found = effective(self.policy, subject, model, mode)
        blank = self.blank("silo", name, model, mode, found)
        settled = self.settled(blank, found)
        if settled is not None:
            return settled
        company = silo.company_of(self.policy, model)
        if company is None:
            return msgspec.structs.replace(blank, verdict=Verdict.NO_ACCESS)

        def prove(texts: bool) -> Proof:
            question = self._question(subject, model, texts)
            if not silo.readable(question, model, company):
                return unknown(blank, "opaque", f"the company of {model} ({company.name}) can't be read")
            built = silo.premises(question, self.policy, model, mode, found.domain)
            return self.decided(blank, subject, found.domain, built.put(second=self.cross_check))

        return within_bounds(blank, prove)

    def separation(self, invariant: Invariant) -> Proof:
        """Whether an invariant holds: see `separation`. Raises InvalidInvariants where it can't be asked."""
        from ostiary.prove.separation import separation

        return separation(self, invariant)

    # -- shared by every question ---------------------------------------------------------------------------------

    def _question(self, subject: Subject, model: str, texts: bool) -> Question:
        question = Question(self.schema, model, texts=texts, fold=self.folding(subject))
        question.is_somebody(subject)
        return question

    def expanded(self, model: str, domain: Domain) -> tuple[Domain, Domain]:
        """A domain with everything written out that stands for something else, as a search and as a test reads it."""
        search, memory = Expander(self.schema), Expander(self.schema, python=True)
        return search.domain(model, domain), memory.domain(model, domain)

    def folding(self, subject: Subject) -> Callable[[Domain], Domain]:
        """What decides the questions about groups that a domain asks, for a subject."""
        return lambda domain: fold(domain, lambda xmlid: answer(self.policy, subject, xmlid, False))

    def blank(self, question: str, audience: str, model: str, mode: Mode, found: Effective) -> Proof:
        """A proof with nothing decided yet: what it is about, the rules, and what was not read in full."""
        rules = tuple(one.xmlid for one in found.definitions if isinstance(one, RecordRule))
        cautions = tuple(one.text for one in found.cautions)
        return Proof(question, model, audience, mode, Verdict.UNKNOWN, rules=rules, assumptions=cautions)

    def settled(self, blank: Proof, found: Effective) -> Proof | None:
        """The verdict where no logic is needed, or none helps."""
        obstacles = tuple(one for one in found.unknowns if one.kind not in _FOLLOWED)
        if obstacles:
            return msgspec.structs.replace(blank, unknown=obstacles)
        model = self.policy.models.get(blank.model)
        if not found.rights or (model is not None and model.abstract):
            return msgspec.structs.replace(blank, verdict=Verdict.NO_ACCESS, rules=())
        return None

    def wants_witness(self, found: Proof) -> bool:
        """Whether a witness is to be told of a proof, and asked again. For who needs verdicts alone to override: a
        verdict without one was not confirmed by `records`."""
        return found.verdict in (Verdict.OPEN, Verdict.CONDITIONAL)

    def decided(self, blank: Proof, subject: Subject, domain: Domain, put: Premises) -> Proof:
        """The proof of what was put: the verdict and, where somebody gets through, a witness. `domain` is what was
        put, as the rules have it."""
        outcome = decide(self.policy, blank, put, checked=self.cross_check)
        found = outcome.proof
        if found.verdict is Verdict.ISOLATED and (
            names := deciding_overrides(self.policy, found.model, found.mode)
        ):
            sentence = (
                f"What {found.model} also decides in Python ({', '.join(names)}) lets nothing more through."
            )
            return msgspec.structs.replace(found, assumptions=(*found.assumptions, sentence))
        if not self.wants_witness(found):
            return found
        return self._witnessed(outcome, subject, domain, put)

    def _witnessed(self, outcome: Outcome, subject: Subject, domain: Domain, put: Premises) -> Proof:
        """The proof with a witness that was asked again; unknown where it can't be, or was refused."""
        found = outcome.proof
        said: bool | str = False
        about = Asking(found.model, found.mode, subject, domain)

        def stranger(_: Story, witness: Witness) -> bool:
            """Whether `records` too find no tie to the user."""
            asked_of = (subject, found.model, found.mode, witness)
            return not any(self.stage.ask_domain(*asked_of, link) is True for link in put.links)

        for wanted in outcome.wanted:
            told = self.witness(
                put.question, put.solver, about, [put.passes, *wanted], put.nice, elsewhere=stranger
            )
            if told.said is True:
                assumptions = tuple(dict.fromkeys((*found.assumptions, *told.taken)))
                return msgspec.structs.replace(found, witness=told.witness, assumptions=assumptions)
            said = said or told.said
        if isinstance(said, str):
            return unknown(found, "not-replayed", said)
        if not put.question.whole:
            return unknown(found, "too-large", "more is said of all records than can be followed")
        names = deciding_overrides(self.policy, found.model, found.mode)
        if names:
            why = f"{found.model} also decides in Python ({', '.join(names)}), and does not let the witness through"
            return unknown(found, "python", why)
        defect = (
            "a record that should pass does not, when it is put into tables: "
            f"{found.audience} {found.mode} {found.model}"
        )
        return msgspec.structs.replace(unknown(found, "defect", defect), defect=defect)

    def witness(
        self,
        question: Question,
        solver: Solver,
        about: Asking,
        parts: list[str],
        nice: Iterable[tuple[str, ...]] = (),
        *,
        elsewhere: Callable[[Story, Witness], bool | str] | None = None,
    ) -> Told:
        """A record of which all parts are so, as believable as can be, and what `records` say of it. `elsewhere` has to
        confirm it too, where it is given."""
        chosen = [*parts, question.no_website]
        if not solver.check(chosen):
            return Told(None, "it hangs on the website that is visited, which only a request has")
        wishes = list(nice)
        every = [part for more in wishes for part in more]
        if wishes and solver.check([*chosen, *every]):
            chosen += every
            wishes = []
        for more in wishes:
            if solver.check([*chosen, *more]):
                chosen += more
        if not solver.check(chosen):
            return Told(None, "the solver gave up on a witness")
        models = set(question.world.records) | {read.record.model for read in question.world.reads.values()}
        model = solver.model()
        said: bool | str = False
        for small, pruned in ((True, True), (True, False), (False, False)):
            story = Story(question, model, small=small, pruned=pruned)
            told = story.witness()
            said = self.stage.ask(about.subject, about.model, about.mode, told, models - {"website"})
            taken: tuple[str, ...] = ()
            if isinstance(said, str) and about.domain is not None:
                again = story.asked(about.model, about.domain)
                passed = self.stage.ask_domain(about.subject, about.model, about.mode, told, again)
                said, taken = (True, story.taken()) if passed is True else (said, ())
            if said is True and elsewhere is not None:
                said = elsewhere(story, told)
            if said is not False:
                return Told(msgspec.structs.replace(told, reproduced=said is True), said, taken)
        return Told(None, False)


def with_tables(policy: Policy) -> Policy:
    """The Policy with every model's records in a table: what a query shows may be any rows, for all that is known."""
    views = {
        name: msgspec.structs.replace(model, auto=True, table_query=False)
        for name, model in policy.models.items()
        if model.kind is not Kind.ABSTRACT and (model.table_query or not model.auto)
    }
    return msgspec.structs.replace(policy, models=policy.models | views) if views else policy
