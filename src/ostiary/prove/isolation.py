"""The stranger test: can somebody reach a record that nothing ties to them?

Take a user of the audience and a record to which no term of the effective domain ties them, in the user's company
where the model has one. Where the domain can't be true then, every record that passes is the user's: the audience is
isolated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ostiary.domain import (
    TRUE,
    Domain,
    IfElse,
    Literal,
    Not,
    Sequence,
    Symbol,
    Term,
    conjunction,
    opaques,
    symbols,
    test_to_english,
    value_to_english,
)
from ostiary.policy import Field, Mode, Policy
from ostiary.policy.paths import Step, field_of, walk
from ostiary.prove.encode import One, Unreadable
from ostiary.prove.identity import (
    COMPANY,
    PARTNER,
    USER,
    Tie,
    compared,
    compares_companies,
    may_be_empty,
    ties,
    ties_at,
)
from ostiary.prove.question import Question
from ostiary.prove.solver import Solver
from ostiary.prove.ways import Place, Tied, Way, leaves_of, ways_of

_CURRENT = Symbol("company_id")
_COMMERCIAL = Symbol("user", ("commercial_partner_id", "id"))


@dataclass(slots=True)
class Premises:
    """The named parts of a question about a stranger.

    - `passes`, `fails`: the domain lets the record through, or doesn't.
    - `stranger`: nothing ties the record to the user; `links` are the ties, as domains. `near`: it is of the user's
      company or of none; `same`: of the user's company. `companies`: what the domain says about companies holds.
    - `ways`: in which the domain can be true then.
    - `moods`: what may be so of the user, to try one after the other; `unset` are the parts of them that say that
      something of the user's is not set, `phrases` says each part about the user in words.
    - `nice`: what makes a witness easy to believe, the most first.

    All but `passes`, `stranger` and `near` are only there after `more`.
    """

    question: Question
    model: str
    passes: str
    stranger: tuple[str, ...]
    near: tuple[str, ...]
    further: Callable[[Premises], None]
    links: tuple[Domain, ...] = ()
    fails: str = ""
    same: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    nice: tuple[tuple[str, ...], ...] = ()
    ways: tuple[Way, ...] = ()
    moods: tuple[tuple[str, ...], ...] = ((),)
    unset: frozenset[str] = frozenset()
    phrases: dict[str, str] = field(default_factory=dict)
    solver: Solver = field(init=False)

    def put(self, *, second: bool) -> Premises:
        """Put the question to a solver."""
        self.solver = self.question.solver(second=second)
        return self

    def more(self) -> None:
        """Put the rest of the question: what is only needed where somebody gets through."""
        self.further(self)
        self.question.extend(self.solver)


def premises(
    question: Question, policy: Policy, model: str, mode: Mode, domain: Domain, *, singled_out: bool
) -> Premises:
    """Everything that is asked about a domain. `singled_out`: users of the audience are told apart at all."""
    bound = _ties(question, policy, model, domain) if singled_out else []
    has_company = _of_company(question, policy, model)

    def further(put: Premises) -> None:
        tied = _tied(question, policy) if singled_out else untied
        put.companies = tuple(
            question.part(question.passes(leaf, mode))
            for leaf in leaves_of(domain)
            if compares_companies(leaf)
            and (leaf.path == "company_id" if has_company else _always_there(policy, model, leaf.path))
        )
        put.same = tuple(_named(question, mode, has_company, weak=False))
        unset, given = _moods(question, policy, domain)
        put.moods = ((), *(tuple(mood) for mood in (unset, given) if mood))
        put.unset = frozenset(unset)
        put.phrases = unset | given
        opened(put, policy, mode, domain, tied)

    return Premises(
        question=question,
        model=model,
        passes=question.part(question.passes(domain, mode)),
        stranger=tuple(question.part(question.untied(tie.link, mode)) for tie in bound),
        near=tuple(_named(question, mode, has_company, weak=True)),
        further=further,
        links=tuple(tie.link for tie in bound),
    )


def opened(put: Premises, policy: Policy, mode: Mode, domain: Domain, tied: Tied) -> None:
    """Add to a question what tells how far a domain is open: that it refuses, the ways through it, and what makes a
    witness easy to believe."""
    question = put.question
    found = ways_of(policy, put.model, domain, tied)
    ways, phrases = named_ways(question, mode, found)
    put.ways = tuple(ways)
    put.phrases |= phrases
    put.fails = question.part(question.passes(domain, mode, False))
    put.nice = tuple(nice(question, policy, put.model))


def named_ways(
    question: Question, mode: Mode, cubes: Iterable[tuple[Domain, ...]]
) -> tuple[list[Way], dict[str, str]]:
    """Ways of passing with names for their statements, and phrases for those about the user."""
    names: dict[Domain, str] = {}
    phrases: dict[str, str] = {}
    ways: list[Way] = []
    for cube in cubes:
        for one in cube:
            if one not in names:
                names[one] = question.part(question.passes(one, mode))
            if isinstance(one, IfElse):
                said = test_to_english(one.test)
                phrases[names[one]] = said if one.then == TRUE else f"it is not so that {said}"
        about = [one for one in cube if not isinstance(one, IfElse)]
        user = tuple(names[one] for one in cube if isinstance(one, IfElse))
        ways.append(Way(tuple(about), tuple(names[one] for one in about), user))
    return ways, phrases


def _ties(question: Question, policy: Policy, model: str, domain: Domain) -> list[Tie]:
    found: dict[Domain, Tie] = {}
    for encoder in (question.search, question.memory):
        for tie in ties(policy, model, encoder.expander.domain(model, domain)):
            found.setdefault(tie.link, tie)
    return list(found.values())


def _tied(question: Question, policy: Policy) -> Tied:
    """What tells by which names of the user's a term ties a record to them."""

    def names(place: Place, term: Term) -> frozenset[Symbol]:
        if not any(compared(term.value)):
            return frozenset()
        written = question.memory.expander.domain(place.model, term)
        return frozenset(
            name for tie in ties_at(policy, place.models, place.hops, written) for name in tie.symbols
        )

    return names


def untied(_: Place, __: Term) -> frozenset[Symbol]:
    """Nothing is tied to anybody: all visitors are one user, and companies are not the user's alone."""
    return frozenset()


def _always_there(policy: Policy, model: str, path: str) -> bool:
    """Whether a path leads to a company by links that every record has: that company is then the record's own."""
    steps = list(walk(policy, model, path))[:-1]
    return all(isinstance(step, Step) and step.field.required for step in steps)


def company_field(policy: Policy, model: str) -> Field | None:
    """The field by which records of a model belong to a company."""
    found = field_of(policy, model, "company_id")
    return found if found is not None and found.type == "many2one" and found.comodel == COMPANY else None


def _of_company(question: Question, policy: Policy, model: str) -> bool:
    """Whether records of the model have a company that can be read."""
    if model == COMPANY or company_field(policy, model) is None:
        return False
    expanded = question.search.expander.domain(model, Term("company_id", "!=", Literal(False)))
    return not any(opaques(expanded))


def _named(question: Question, mode: Mode, has_company: bool, *, weak: bool) -> Iterator[str]:
    """That the record's company (if any, where `weak`) is the user's, in which the user works."""
    try:
        own = question.memory.values.symbol(Symbol("user", ("company_id", "id")))
        if isinstance(own, One):
            yield question.part(f"(= {own.record.term} {question.who.company.term})")
    except Unreadable:
        pass
    if has_company:
        company = Sequence((_CURRENT, Literal(False)) if weak else (_CURRENT,))
        yield question.part(question.passes(Term("company_id", "in", company), mode))


def _moods(question: Question, policy: Policy, domain: Domain) -> tuple[dict[str, str], dict[str, str]]:
    """That something of the user's is not set, and that it is, for what may be either: named parts and phrases."""
    unset: dict[str, str] = {}
    given: dict[str, str] = {}
    for symbol in dict.fromkeys(symbols(domain)):
        if not may_be_empty(policy, symbol):
            continue
        try:
            item = question.memory.values.symbol(symbol)
        except Unreadable:
            continue
        if isinstance(item, One):
            said = value_to_english(symbol)
            unset[question.part(f"(= {item.record.term} 0)")] = f"{said} is not set"
            given[question.part(f"(> {item.record.term} 0)")] = f"{said} is set"
    return unset, given


def nice(question: Question, policy: Policy, model: str) -> Iterator[tuple[str, ...]]:
    """What makes a witness easy to believe, the most first: the record is another customer's, and not archived."""
    yield (question.world.shallow,)
    yield (question.world.flat,)
    yield (question.world.usual,)
    active = question.schema.definition(model).active_name or "active"
    if field_of(policy, model, active) is not None:
        yield (question.part(question.memory.holds(Term(active, "=", Literal(True)), question.record)),)
    if field_of(policy, USER, "commercial_partner_id") is None:
        return
    for name, comodel, path in (
        ("partner_id", PARTNER, "partner_id"),
        ("user_id", USER, "user_id.partner_id"),
    ):
        found = field_of(policy, model, name)
        if found is None or found.comodel != comodel or found.type != "many2one":
            continue
        elses = conjunction([Term(name, "!=", Literal(False)), Not(Term(path, "child_of", _COMMERCIAL))])
        yield (question.part(question.memory.holds(elses, question.record)),)
