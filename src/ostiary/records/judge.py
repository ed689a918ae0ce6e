"""The judge of one record: what each rule says of it, down to the terms, and what would have to be different.

It implements `ostiary.policy.judge.Judge`. Values of the record are shown: it is for whoever may look at the database
itself, never for the user that is asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.domain import Literal, Term, to_english, to_odoo, truth
from ostiary.policy import Mode, Reason, RecordRule
from ostiary.policy.judge import Judgement, Outcome
from ostiary.policy.rights import rights_on
from ostiary.records.errors import Fails, RecordsError, Refused
from ostiary.records.evaluate import evaluate
from ostiary.records.memory.env import Env
from ostiary.records.session import Session
from ostiary.records.trace import named, nearest, traced

if TYPE_CHECKING:
    from ostiary.records.access import Access


class RecordJudge:
    """One record of a model, for one session and mode. Raises Fails (`MissingError`) where it doesn't exist."""

    def __init__(self, access: Access, session: Session, model: str, mode: Mode, record: int) -> None:
        self.access = access
        self.session = session
        self.model = model
        self.mode = mode
        self.record = record
        # Rules are evaluated as superuser, whoever asks.
        self.env = Env(access.reader, None, session.sudo())
        if not access.reader.exists(model, record):
            raise Fails("MissingError", f"there is no {model} {record}")

    def rule(self, rule: RecordRule, links: tuple[str, ...]) -> Judgement:
        """What a rule says of the record, or of the parent that `links` lead to."""
        try:
            model, record = self._follow(links)
            if record is None:
                text = f"{'.'.join(links)} is not set, so there is no {model} that the rule could accept."
                return Judgement(False, None, None, (Reason("no-parent", False, text, ".".join(links)),))
            domain = evaluate(self.access.reader, self.session, rule.domain)
            terms = traced(self.env, model, domain, record)
        except RecordsError as error:
            text = f"{_sentence(str(error))}"
            return Judgement(None, None, None, (Reason("unknown", None, text, rule.xmlid, rule.origin),))
        accepts = terms.verdict
        if truth(domain) is not None:
            return Judgement(accepts, to_odoo(domain), None)
        return Judgement(accepts, to_odoo(domain), to_english(domain), terms.children)

    def _follow(self, links: tuple[str, ...]) -> tuple[str, int | None]:
        model, record = self.model, self.record
        for link in links:
            found = self.env.column(model, link)[record]
            model = str(self.env.kind(model, link).comodel)
            if not found:
                return model, None
            record = found
        return model, record

    def outcome(self) -> Outcome:
        """What Odoo comes to: for reading what its SQL selects, for the other modes what its check in Python says."""
        try:
            checked = self._checked()
            found = self._found() if self.mode is Mode.READ else checked
        except Refused as refused:
            text = (
                f"{_sentence(str(refused))} Odoo raises an AccessError as soon as a rule is to be evaluated."
            )
            return Outcome(False, (Reason("companies", False, text, self.model),))
        notes: tuple[Reason, ...] = ()
        if isinstance(found, bool) and isinstance(checked, bool) and found is not checked:
            seen, passed = ("finds", "does not pass") if found else ("does not find", "passes")
            text = (
                f"Odoo decides twice here, and differently: reading and searching {seen} this record (SQL), "
                f"but it {passed} check_access (Python), which writing and some controllers ask."
            )
            notes = (Reason("two-answers", None, text, self.model),)
        elif isinstance(found, bool) and isinstance(checked, str):
            text = (
                "This is what reading and searching come to, which Odoo does in SQL; "
                f"what check_access would say in Python is not known. {checked}"
            )
            notes = (Reason("two-answers", None, text, self.model),)
        beyond = self._beyond() if found is False else None
        if beyond is not None:
            return Outcome(None, (*notes, beyond), overrules=True)
        # A search that finds what no right lets anybody read is Odoo's own Python, which serves a part of it.
        if found is True and not self.access.may(self.session, self.model, self.mode):
            partly = self._layer(None)
            return Outcome(None, (*notes, *(partly or ())), overrules=True)
        return self._outcome(found, (*self._layer(found), *notes))

    def _beyond(self) -> Reason | None:
        """What Odoo's own Python may let the user do all the same."""
        try:
            layer = self.access.layers.find(self.model, self.mode)
        except RecordsError:
            return None
        text = layer.beyond(self.session, self.mode, self.record) if layer is not None else None
        return Reason("python-layer", None, text, self.model) if text else None

    def _layer(self, verdict: bool | str | None) -> tuple[Reason, ...]:
        """What Odoo's own Python asks beside rights and rules, where that is described."""
        try:
            layer = self.access.layers.find(self.model, self.mode)
        except RecordsError:
            return ()
        if layer is None or not layer.says or self.session.superuser:
            return ()
        known = verdict if isinstance(verdict, bool) else None
        ends = {True: "lets them", False: "does not let them", None: "may let them"}[known]
        text = f"Odoo's own Python for {self.model} {ends} {self.mode} this record. {layer.says}"
        return (Reason("python-layer", known, text, self.model),)

    def _outcome(self, allowed: bool | str, notes: tuple[Reason, ...]) -> Outcome:
        if isinstance(allowed, str):
            return Outcome(None, (*notes, Reason("unknown", None, allowed, self.model)))
        return Outcome(allowed, notes, None if allowed else self._nearest())

    def _checked(self) -> bool | str:
        try:
            return bool(self.access.allowed(self.session, self.model, self.mode, [self.record]))
        except Refused as refused:
            if refused.kind == "company":
                raise
            return False
        except RecordsError as error:
            return _sentence(str(error))

    def _found(self) -> bool | str:
        domain = Term("id", "=", Literal(self.record))
        session = self.session.with_active_test(False)
        try:
            # Reading by id goes through `_search`, and not through what only a listing goes through.
            if session.superuser or not self.access.decides_search(session, self.model):
                return bool(self.access.by_select(session, self.model, domain))
            return bool(self.access.search(session, self.model, domain))
        except Refused as refused:
            if refused.kind == "company":
                raise
            return False
        except RecordsError as error:
            return _sentence(str(error))

    def _nearest(self) -> str | None:
        """What would let the record through: a group that has the right, or terms that would have to hold."""
        try:
            domain = self.access.rule_domain(self.session, self.model, self.mode)
        except Refused as refused:
            return self._nearest_right() if refused.kind == "acl" else None
        except RecordsError:
            return None
        try:
            failing = nearest(self.env, self.model, domain, self.record)
            return to_english(named(self.env, self.model, failing)) if failing is not None else None
        except RecordsError:
            return None

    def _nearest_right(self) -> str | None:
        policy = self.access.policy
        groups = sorted({right.group for right in rights_on(policy, self.model, self.mode) if right.group})
        if not groups:
            return f"an access right that gives {self.mode} on {self.model}; there is none"
        some = ", ".join(groups[:4]) + (f" or {len(groups) - 4} more" if len(groups) > 4 else "")
        return f"a group that has the right to {self.mode} {self.model}: {some}"


def _sentence(text: str) -> str:
    """An error's words as a sentence of an explanation."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
