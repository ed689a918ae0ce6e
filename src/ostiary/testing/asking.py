"""Answering questions: by rights and rules on the rows of a world, all of a kind together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from ostiary.domain import TRUE
from ostiary.policy import Mode, Policy, Question, Verdict, decide, may_use
from ostiary.policy.decide import Decision
from ostiary.policy.fields import models_behind
from ostiary.records.access import Access
from ostiary.records.errors import Fails, RecordsError, Refused
from ostiary.records.judge import RecordJudge
from ostiary.records.memory import Reader
from ostiary.records.schema import Lines, Links, Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from ostiary.testing.asked import About, Answer, Asked, Said
from ostiary.testing.attempts import Attempts
from ostiary.testing.world import World

Progress = Callable[[str, int, int], None]
_CAN, _CANNOT = Answer(Said.CAN), Answer(Said.CANNOT)
_SAID = {True: _CAN, False: _CANNOT}
_VERDICTS = {
    Verdict.ALLOWED: Said.CAN,
    Verdict.FILTERED: Said.CAN,
    Verdict.DENIED: Said.CANNOT,
    Verdict.UNKNOWN: Said.UNKNOWN,
}


class Asker:
    """Answers questions about one world; of another Policy than the world's, where that is given, on the same rows."""

    def __init__(self, world: World, policy: Policy | None = None) -> None:
        self.world = world
        self.policy = policy or world.policy
        schema = world.schema if policy is None else Schema(policy)
        store = Store(schema, world.connection)
        self.access = Access(store, Reader(store))
        self.attempts = Attempts(world, self.policy)
        self._sessions: dict[tuple[str, tuple[int, ...]], Session] = {}

    def answers(self, asked: Sequence[Asked], progress: Progress | None = None) -> list[Answer]:
        """The answers, in the order of the questions."""
        found: list[Answer | None] = [None] * len(asked)
        groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for place, one in enumerate(asked):
            groups[one.about, one.login, one.companies, one.model, one.mode].append(place)
        done = 0
        for places in groups.values():
            first = asked[places[0]]
            for place, answer in zip(
                places, self._together(first, [asked[one] for one in places]), strict=True
            ):
                found[place] = answer
            done += len(places)
            if progress is not None:
                progress("Expectations", done, len(asked))
        return [one for one in found if one is not None]

    def _together(self, first: Asked, asked: list[Asked]) -> Iterable[Answer]:
        """The answers to questions of one user about one model and mode."""
        match first.about:
            case About.RECORD:
                ids = [one.record for one in asked if one.record is not None]
                known = self.records(self.session(first), first.model, first.mode or Mode.READ, ids)
                return [known[one.record or 0] for one in asked]
            case About.FIELD:
                return [self._guarded(lambda one=one: self._field(one)) for one in asked]  # type: ignore[misc]
            case About.MODEL:
                answer = self._guarded(lambda: self._model(first))
                return [answer for _ in asked]
            case About.MODEL_FIELD:
                return [self._guarded(lambda one=one: self._model_field(one)) for one in asked]  # type: ignore[misc]
            case About.MENU:
                return [
                    self._of(decide(self.policy, self.session(one).subject, Question(menu=one.target)))
                    for one in asked
                ]
            case About.SEARCH:
                return [self._guarded(lambda one=one: self._search(one)) for one in asked]  # type: ignore[misc]
            case About.ATTEMPT:
                return [self.attempts.tried(one) for one in asked]

    def session(self, asked: Asked) -> Session:
        """Who asks, in which companies."""
        key = (asked.login, asked.companies)
        found = self._sessions.get(key)
        if found is None:
            found = self._sessions[key] = self.access.session_of(asked.login, asked.companies or None)
        return found

    # -- records -------------------------------------------------------------------------------------------------

    def records(self, session: Session, model: str, mode: Mode, ids: Sequence[int]) -> dict[int, Answer]:
        """What a session may do with records.

        To read a record is to find it by its id, which Odoo does in SQL; what `check_access` says in Python has to be
        the same, since controllers and other methods ask that. The other modes are decided in Python alone.
        """
        known = {}
        wanted = list(dict.fromkeys(ids))
        if self._plain(session, model, mode):
            checked = self._each(wanted, lambda some: self.access.allowed(session, model, mode, some))
            if mode is not Mode.READ:
                return checked
            reading = session.with_active_test(False)
            found = self._found(reading, model)
            if isinstance(found, Answer):
                return {one: _both(found, checked[one]) for one in wanted}
            return {one: _both(_SAID[one in found], checked[one]) for one in wanted}
        for one in wanted:
            known[one] = self._judged(session, model, mode, one)
        return known

    def _plain(self, session: Session, model: str, mode: Mode) -> bool:
        """Whether rights and rules alone decide: no Python of Odoo's own stands before them."""
        if session.superuser:
            return True
        try:
            if self.access.layers.find(model, mode) is not None:
                return False
            return mode is not Mode.READ or self.access.layers.find(model, None) is None
        except RecordsError:
            return False

    def _each(self, ids: list[int], ask: Callable[[list[int]], list[int]]) -> dict[int, Answer]:
        """The answer for each record, asked together, or one by one where one of them can't be answered."""
        try:
            passing = set(ask(ids))
        except RecordsError as error:
            if len(ids) == 1 or isinstance(error, Refused):
                return dict.fromkeys(ids, _answer(error))
            found: dict[int, Answer] = {}
            for one in ids:
                found |= self._each([one], ask)
            return found
        return {one: _SAID[one in passing] for one in ids}

    def _found(self, session: Session, model: str) -> set[int] | Answer:
        """All records of a model that reading by id finds."""
        try:
            return set(self.access.by_select(session, model, TRUE))
        except RecordsError as error:
            return _answer(error)

    def _judged(self, session: Session, model: str, mode: Mode, record: int) -> Answer:
        try:
            outcome = RecordJudge(self.access, session, model, mode, record).outcome()
        except RecordsError as error:
            return _answer(error)
        why = " ".join(_bare(one.text) for one in outcome.notes if one.verdict is None)
        if outcome.allowed is None:
            if not outcome.overrules and not self.access.may(session, model, mode):
                return _CANNOT  # whatever else Python does: without a right, Odoo does not get as far
            return Answer(Said.UNKNOWN, why)
        if any(one.kind == "two-answers" for one in outcome.notes):
            return Answer(Said.SPLIT, why)
        return _SAID[outcome.allowed]

    # -- the rest --------------------------------------------------------------------------------------------------

    def _model(self, asked: Asked) -> Answer:
        return _SAID[self.access.may(self.session(asked), asked.model, asked.mode or Mode.READ)]

    def _model_field(self, asked: Asked) -> Answer:
        question = Question(mode=asked.mode, model=asked.model, field=asked.field)
        return self._of(decide(self.policy, self.session(asked).subject, question))

    def _field(self, asked: Asked) -> Answer:
        session, mode = self.session(asked), asked.mode or Mode.READ
        record = asked.record or 0
        if session.superuser:
            return _CAN
        if models_behind(self.policy, asked.model, asked.field):
            return self._of(self.decision(asked))
        usable = may_use(self.policy, session.subject, asked.model, asked.field)
        if usable is False:
            return _CANNOT
        found = self.records(session, asked.model, mode, [record])[record]
        if usable is None and found.said is Said.CAN:
            return Answer(Said.UNKNOWN, f"The groups of field {asked.field} of {asked.model} were not read.")
        if mode is Mode.READ and found.said is Said.CAN:
            return self._leading(session, asked.model, asked.field) or found
        return found

    def _leading(self, session: Session, model: str, field: str) -> Answer | None:
        """That a field leads to records of a model that the session has no right to read, where it does: Odoo
        searches for them, and refuses (see `enforce.reading.check_lines`)."""
        try:
            kind = self.access.store.schema.field(model, field)
        except RecordsError:
            return None
        if kind.comodel is None or not isinstance(kind, Lines | Links):
            return None
        schema = self.access.store.schema
        asks = isinstance(kind, Lines) or schema.semantics.links_ask_for_right
        if not asks and (kind.active_test is False or schema.model(kind.comodel).active is None):
            return None
        if self.access.may(session, kind.comodel, Mode.READ):
            return None
        decision = decide(self.policy, session.subject, Question(mode=Mode.READ, model=kind.comodel))
        return Answer(
            Said.CANNOT, f"{field} leads to {kind.comodel}, which they may not read.", decision=decision
        )

    def _search(self, asked: Asked) -> Answer:
        session = self.session(asked)
        if not self.access.may(session, asked.model, Mode.READ):
            return Answer(Said.CAN, "No access right lets them read the model, so Odoo refuses the search.")
        return Answer(Said.CAN, found=tuple(self.access.search(session, asked.model)))

    def _of(self, decision: Decision) -> Answer:
        said = _VERDICTS[decision.verdict]
        why = " ".join(decision.caveats) if said is Said.UNKNOWN else ""
        return Answer(said, why or (decision.reason.text if said is Said.UNKNOWN else ""))

    def _guarded(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except RecordsError as error:
            return _answer(error)

    def decision(self, asked: Asked) -> Decision:
        """The decision behind an answer, with the tree of its reasons. Raises RecordsError where there is none."""
        session = self.session(asked)
        mode = asked.mode or Mode.READ
        if asked.about is About.MENU:
            return decide(self.policy, session.subject, Question(menu=asked.target))
        judge = None
        if asked.record is not None:
            judge = RecordJudge(self.access, session, asked.model, mode, asked.record)
        question = Question(
            mode=mode, model=asked.model, field=asked.field or None, record=asked.record if judge else None
        )
        return decide(self.policy, session.subject, question, judge=judge)


def _both(found: Answer, checked: Answer) -> Answer:
    """One answer from what a search by id finds and what a check says."""
    for one in (found, checked):
        if one.said in (Said.UNKNOWN, Said.ERROR):
            return one
    if found.said is checked.said:
        return found if found.why else checked
    seen, passed = ("finds", "refuses") if found.said is Said.CAN else ("does not find", "lets pass")
    return Answer(
        Said.SPLIT,
        f"Odoo decides twice here, and differently: reading and searching {seen} the record (SQL), which check_access "
        f"{passed} (Python).",
    )


def _answer(error: RecordsError) -> Answer:
    """What an error comes to: a refusal, an error of Odoo's, or that it can't be known."""
    text = _bare(str(error))
    said = f"{text}{'' if text.endswith('.') else '.'}"
    if isinstance(error, Refused):
        return Answer(Said.CANNOT, said if error.kind == "company" else "")
    if isinstance(error, Fails):
        return Answer(Said.ERROR, f"Odoo raises {error.error}: {said}")
    return Answer(Said.UNKNOWN, said)


def _bare(text: str) -> str:
    """A sentence without the words that say it can't be decided, which are said before it."""
    text = text.removeprefix("cannot be decided: ").removeprefix("Cannot be decided: ")
    return f"{text[:1].upper()}{text[1:]}"
