"""Refusals: an AccessError whose text is the explanation, for the person who asked.

The same tree of reasons as `ostiary explain` gives, but for values: which rule keeps a record away is said, what the
record holds is not, since whoever is refused may not read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ostiary.enforce.errors import AccessError
from ostiary.policy import Decision, Mode, Question, Reason, RecordRule, decide
from ostiary.policy.judge import Judgement, Outcome
from ostiary.records.errors import Fails, RecordsError, Refused
from ostiary.records.judge import RecordJudge

if TYPE_CHECKING:
    from ostiary.records.access import Access
    from ostiary.records.session import Session

_SIGNS = {True: "✓", False: "✗", None: "?"}
_NAMED = 6
"""How many records a refusal names, as Odoo's."""


class _Discreet:
    """A judge of one record that says what each rule comes to, and nothing of the record's values."""

    def __init__(self, judge: RecordJudge) -> None:
        self.judge = judge

    def rule(self, rule: RecordRule, links: tuple[str, ...]) -> Judgement:
        return Judgement(self.judge.rule(rule, links).accepts, None, None)

    def outcome(self) -> Outcome:
        return Outcome(False)


def by_right(access: Access, session: Session, model: str, mode: Mode) -> AccessError:
    """No access right gives the mode."""
    decision = decide(access.policy, session.subject, Question(mode=mode, model=model))
    text = f"{_who(session)} may not {mode} {model}: no access right gives it."
    return AccessError(_with_tree(text, decision), kind="acl", model=model, mode=mode, decision=decision)


def by_rule(
    access: Access, session: Session, model: str, mode: Mode, ids: tuple[int, ...], *, after: bool = False
) -> AccessError:
    """Record rules keep the session from these records. `after`: from what the records had become.

    Rules are judged for the first of the records.
    """
    named = ", ".join(map(str, ids[:_NAMED])) + (
        f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    )
    text = f"{_who(session)} may not {mode} {model} {named}: record rules keep them away."
    if mode is Mode.CREATE:
        text = f"{_who(session)} may not create this {model}: record rules would keep them away from it."
    elif after:
        text = (
            f"{_who(session)} may not write this to {model} {named}: "
            "record rules would keep them away from what it becomes."
        )
    decision = _judged(access, session, model, mode, ids[0]) if ids else None
    if decision is None:
        return AccessError(text, kind="rule", model=model, mode=mode, ids=ids)
    return AccessError(
        _with_tree(text, decision), kind="rule", model=model, mode=mode, ids=ids, decision=decision
    )


def by_field(access: Access, session: Session, model: str, mode: Mode, field: str) -> AccessError:
    """Field groups keep the session from the field."""
    text = f"{_who(session)} may not {mode} field {field} of {model}: it is for other groups."
    try:
        decision = decide(access.policy, session.subject, Question(mode=mode, model=model, field=field))
    except LookupError:
        return AccessError(text, kind="field", model=model, mode=mode)
    return AccessError(_with_tree(text, decision), kind="field", model=model, mode=mode, decision=decision)


def by_link(session: Session, model: str, field: str, comodel: str, ids: tuple[int, ...]) -> AccessError:
    """A record is linked that the session may not read."""
    named = ", ".join(map(str, ids[:_NAMED]))
    text = f"{_who(session)} may not put {comodel} {named} into {field} of {model}: they may not read it."
    return AccessError(text, kind="rule", model=comodel, mode=Mode.READ, ids=ids)


def of(refused: Refused, access: Access, session: Session, model: str, mode: Mode) -> AccessError:
    """What `records` refused, explained as far as it says what it was."""
    about = refused.model or model
    if refused.kind == "acl":
        return by_right(access, session, about, Mode.READ if about != model else mode)
    if refused.kind == "company":
        text = (
            f"{_who(session)} may not work in all of these companies: they are not theirs, or are archived."
        )
        return AccessError(text, kind="company", model=about, mode=mode)
    return AccessError(f"{_capital(str(refused))}.", kind=refused.kind, model=about, mode=mode)


def _judged(access: Access, session: Session, model: str, mode: Mode, record: int) -> Decision | None:
    try:
        judge = _Discreet(RecordJudge(access, session, model, mode, record))
        question = Question(mode=mode, model=model, record=record)
        return decide(access.policy, session.subject, question, judge=judge)
    except (RecordsError, Fails, LookupError):
        return None


def _with_tree(text: str, decision: Decision) -> str:
    return "\n".join([text, *_lines(decision.reason, "")])


def _lines(reason: Reason, indent: str) -> Iterator[str]:
    shown = [child for child in reason.children if child.kind not in ("implication", "membership")]
    for number, child in enumerate(shown):
        last = number == len(shown) - 1
        where = f"  ({child.origin.path}:{child.origin.line})" if child.origin and child.origin.path else ""
        yield f"{indent}{'└─' if last else '├─'} {_SIGNS[child.verdict]} {child.text}{where}"
        below = indent + ("   " if last else "│  ")
        if child.kind == "record-rule" and child.verdict is False and child.english:
            yield f"{below}where {child.english}"
        yield from _lines(child, below)


def _who(session: Session) -> str:
    return _capital(session.subject.phrase)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
