"""The record rules that bind a session, evaluated and combined: `ir.rule._compute_domain`.

What is the same for several users is worked out once: the selection of rules once for each set of groups that
matters, a rule's domain once for each set of values of the names it uses, a combination once for each set of
domains it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ostiary.domain import (
    FALSE,
    TRUE,
    Call,
    Domain,
    Each,
    HasGroup,
    Subdomain,
    Symbol,
    Term,
    conjunction,
    disjunction,
    nodes,
    symbols,
)
from ostiary.policy import (
    ApplicableRules,
    Mode,
    Policy,
    RecordRule,
    Subject,
    User,
    applicable,
    may,
    model_unread,
)
from ostiary.policy.effective import effective, relevant_groups
from ostiary.policy.rights import summary_of
from ostiary.policy.subject import unread_groups
from ostiary.records.errors import RecordsError, Refused, Undecided
from ostiary.records.evaluate import Evaluation
from ostiary.records.session import Session
from ostiary.records.symbols import Records, Symbols

if TYPE_CHECKING:
    from ostiary.records.memory.source import Source

# What `effective` can't know but evaluation finds out by itself.
_EVALUATED = frozenset({"opaque", "rule-error", "python-search"})


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule's domain and the names and groups it asks for; `whole` where it must be evaluated for each session
    anew (a comprehension, a call)."""

    domain: Domain
    symbols: tuple[Symbol, ...]
    groups: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The rules of a model that bind: global ones, those of groups, and those of `_inherits` parents by link.

    `bound`: a rule of the model or of a parent applies, so that Odoo builds the evaluation context.
    """

    model: str
    global_: tuple[Rule, ...]
    group: tuple[Rule, ...]
    parents: tuple[tuple[str, Selection], ...]

    @property
    def bound(self) -> bool:
        return bool(self.global_ or self.group) or any(parent.bound for _, parent in self.parents)


class _Context:
    """What was worked out for one session."""

    __slots__ = ("evaluation", "grounds", "symbols", "trusted")

    def __init__(self, source: Source, session: Session, trusted: bool) -> None:
        self.symbols = Symbols(source, session)
        self.evaluation = Evaluation(self.symbols)
        self.trusted = trusted
        self.grounds: dict[Selection, Domain] = {}


class GroundRules:
    """Selects, evaluates and combines rules. It reads what it needs through `source`, once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.policy: Policy = source.schema.policy
        self._relevant: dict[tuple[str, Mode], frozenset[str]] = {}
        self._selections: dict[tuple[object, ...], Selection | None] = {}
        self._selected: dict[tuple[object, ...], Selection | None] = {}
        self._unread: dict[tuple[object, ...], bool] = {}
        self._rules: dict[int, Rule] = {}
        self._contexts: dict[tuple[object, ...], _Context] = {}
        self._evaluated: dict[tuple[object, ...], Domain] = {}
        self._combined: dict[tuple[object, ...], Domain] = {}
        self._kept: dict[Domain, Domain] = {}

    def selection(self, subject: Subject, model: str, mode: Mode) -> Selection | None:
        """The rules that bind the subject; None where no access right gives the mode.

        Raises Undecided where a group, right or rule that was not read in full may change that.
        """
        closed = subject.user is not None and subject.user.groups_closed
        asked = (model, mode, subject.groups, subject.superuser, closed)
        try:
            return self._selected[asked]
        except KeyError:
            found = self._selected[asked] = self._selection_of(subject, model, mode, closed=closed)
        return found

    def _selection_of(self, subject: Subject, model: str, mode: Mode, *, closed: bool) -> Selection | None:
        """The same for all whose groups differ only in what doesn't matter here."""
        who = (subject.groups, closed)
        unread = self._unread.get(who)
        if unread is None:
            unread = self._unread[who] = bool(unread_groups(self.policy, subject))
        place = (model, mode)
        relevant = self._relevant.get(place)
        if relevant is None:
            relevant = self._relevant[place] = relevant_groups(self.policy, model, mode)
        # What the subject's unread groups bring may be any of them.
        held = subject.groups if unread else subject.groups & relevant
        key = (model, mode, held, subject.superuser)
        try:
            return self._selections[key]
        except KeyError:
            found = self._selections[key] = self._select(subject, model, mode)
        return found

    def bound(self, subject: Subject, model: str, mode: Mode) -> Selection:
        """The rules that bind the subject, whatever the access rights say. Raises Undecided as `selection` does."""
        rules = applicable(self.policy, subject, model, mode)
        if self._doubtful(model, rules):
            self._doubt(subject, model, mode)
        return self._selection(model, rules)

    def ground(self, session: Session, selection: Selection) -> Domain:
        """The rules' domains, evaluated for the session and combined as Odoo does; TRUE where there are none.

        Raises Refused (`company`) where there is a rule and the session's companies aren't the user's.
        """
        if not (selection.global_ or selection.group or selection.parents):
            return TRUE
        key = (session.uid, session.company, session.companies, session.subject.groups)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _Context(self.source, session, self._trusted(session))
        found = context.grounds.get(selection)
        if found is None:
            if selection.bound and not context.trusted:
                raise Refused("company", selection.model, "Access to unauthorized or invalid companies.")
            found = context.grounds[selection] = self._combine(context, selection)
        return found

    def companies_of(self, user: User) -> tuple[int, ...]:
        """The ids of the user's companies that aren't archived, in the order of `res.company`."""
        own = set(user.companies)
        return tuple(
            one.id for one in self.policy.companies if one.xmlid in own and one.active and one.id is not None
        )

    def _trusted(self, session: Session) -> bool:
        user = session.subject.user
        if user is None or session.superuser:
            return True
        return set(session.companies) <= set(self.companies_of(user))

    # -- selecting -----------------------------------------------------------------------------------------

    def _select(self, subject: Subject, model: str, mode: Mode) -> Selection | None:
        granted = may(self.policy, subject, model, mode)
        if granted is False:
            return None
        rules = applicable(self.policy, subject, model, mode)
        if granted is None or self._doubtful(model, rules):
            self._doubt(subject, model, mode)
        return self._selection(model, rules)

    def _doubtful(self, model: str, rules: ApplicableRules) -> bool:
        if model_unread(self.policy, model) or summary_of(self.policy, model) or rules.uncertain:
            return True
        return any(self._doubtful(parent.model, parent.rules) for parent in rules.parents)

    def _doubt(self, subject: Subject, model: str, mode: Mode) -> None:
        found = effective(self.policy, subject, model, mode)
        for unknown in (*found.unknowns, *found.cautions):
            if unknown.kind not in _EVALUATED:
                raise Undecided(f"cannot be decided: {unknown.text}", model)
        raise Undecided(f"cannot be decided: not all that decides on {model} was read", model)

    def _selection(self, model: str, rules: ApplicableRules) -> Selection:
        return Selection(
            model,
            tuple(self._rule(rule) for rule in rules.global_),
            tuple(self._rule(rule) for rule in rules.group),
            tuple(
                (parent.link, self._selection(parent.model, parent.rules))
                for parent in rules.parents
                if any(parent.rules.everywhere())
            ),
        )

    def _rule(self, rule: RecordRule) -> Rule:
        found = self._rules.get(id(rule))
        if found is None:
            domain = rule.domain
            whole = any(isinstance(node, Call | Each) for node in nodes(domain))
            groups = tuple(dict.fromkeys(node.xmlid for node in nodes(domain) if isinstance(node, HasGroup)))
            found = Rule(domain, tuple(dict.fromkeys(symbols(domain))), groups, whole)
            self._rules[id(rule)] = found
        return found

    # -- evaluating ----------------------------------------------------------------------------------------

    def _evaluate(self, context: _Context, rule: Rule) -> Domain:
        if not rule.symbols and not rule.groups and not rule.whole:
            key: tuple[object, ...] = (id(rule),)
        elif rule.whole or rule.groups:
            key = (id(rule), id(context))
        else:
            key = (id(rule), tuple(_frozen(self._value(context, rule, one)) for one in rule.symbols))
        found = self._evaluated.get(key)
        if found is None:
            found = self._evaluated[key] = self._keep(context.evaluation.domain(rule.domain))
        return found

    def _value(self, context: _Context, rule: Rule, symbol: Symbol) -> object:
        """The value of a name; where it has none, the whole rule is evaluated, which may not need it."""
        try:
            return context.symbols.value(symbol)
        except RecordsError:
            context.evaluation.domain(rule.domain)
            return (id(context), symbol)

    def _combine(self, context: _Context, selection: Selection) -> Domain:
        every: list[Domain] = []
        for link, parent in selection.parents:
            every.append(Term(link, "any", Subdomain(self._combine(context, parent))))
        every += [self._evaluate(context, rule) for rule in selection.global_]
        group = [self._evaluate(context, rule) for rule in selection.group]
        key = (
            len(every),
            *(id(each) for each in (*every[len(selection.parents) :], *group)),
            *every[: len(selection.parents)],
        )
        found = self._combined.get(key)
        if found is None:
            parts = [*every, _any(group)] if group else every
            found = self._combined[key] = self._keep(_all(parts))
        return found

    def _keep(self, domain: Domain) -> Domain:
        """One object for equal domains, so that what is kept under it can be found by identity."""
        return self._kept.setdefault(domain, domain)


def _frozen(value: object) -> object:
    """The value as part of a key; True and 1 are told apart."""
    if isinstance(value, list):
        return ("list", *(_frozen(item) for item in value))
    if isinstance(value, Records):
        return value
    return (type(value), value)


def _all(domains: Iterable[Domain]) -> Domain:
    """`expression.AND`: what is TRUE falls away, and one that is FALSE is the whole."""
    kept: list[Domain] = []
    for domain in domains:
        if domain == FALSE:
            return FALSE
        if domain != TRUE:
            kept.append(domain)
    return conjunction(kept)


def _any(domains: Iterable[Domain]) -> Domain:
    """`expression.OR`: what is FALSE falls away, and one that is TRUE is the whole."""
    kept: list[Domain] = []
    for domain in domains:
        if domain == TRUE:
            return TRUE
        if domain != FALSE:
            kept.append(domain)
    return disjunction(kept)
