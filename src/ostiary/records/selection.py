"""Which record rules bind whom: the part of a decision that definitions alone settle.

It is worked out once for as long as a Policy lives: for each set of groups that matters, and for all who hold it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ostiary.domain import Call, Domain, Each, HasGroup, Symbol, nodes, symbols
from ostiary.policy import ApplicableRules, Mode, Policy, RecordRule, Subject, applicable, may, model_unread
from ostiary.policy.effective import effective, relevant_groups
from ostiary.policy.memo import remembered
from ostiary.policy.rights import summary_of
from ostiary.policy.subject import unread_groups
from ostiary.records.errors import Undecided

# What `effective` can't know but evaluation finds out by itself.
_EVALUATED = frozenset({"opaque", "rule-error", "python-search"})

MAX_KEPT = 100_000
"""How many answers are kept before they are worked out anew."""


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


class Selections:
    """Selects rules, for one Policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._relevant: dict[tuple[str, Mode], frozenset[str]] = {}
        self._selections: dict[tuple[object, ...], Selection | None] = {}
        self._selected: dict[tuple[object, ...], Selection | None] = {}
        self._unread: dict[tuple[object, ...], bool] = {}
        self._rules: dict[int, Rule] = {}

    @classmethod
    def of(cls, policy: Policy) -> Selections:
        """Those of a Policy, kept with it."""
        return remembered(policy, ("rule selections",), lambda: cls(policy))

    def selection(self, subject: Subject, model: str, mode: Mode) -> Selection | None:
        """The rules that bind the subject; None where no access right gives the mode.

        Raises Undecided where a group, right or rule that was not read in full may change that.
        """
        closed = subject.user is not None and subject.user.groups_closed
        asked = (model, mode, subject.groups, subject.superuser, closed)
        try:
            return self._selected[asked]
        except KeyError:
            if len(self._selected) > MAX_KEPT:
                self._selected.clear()
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
