"""Silos: can somebody reach a record of a company that is none of their active ones?"""

from __future__ import annotations

from ostiary.domain import Domain, Literal, Symbol, Term, conjunction, opaques
from ostiary.policy import Field, Mode, Policy
from ostiary.policy.paths import field_of
from ostiary.prove.identity import COMPANY
from ostiary.prove.isolation import Premises, company_field, opened, untied
from ostiary.prove.question import Question

_ACTIVE = Symbol("company_ids")


def company_of(policy: Policy, model: str) -> Field | None:
    """The field that says to which company, or companies, records of a model belong; None where none does."""
    single = company_field(policy, model)
    if single is not None or model == COMPANY:
        return single if model != COMPANY else None
    several = field_of(policy, model, "company_ids")
    return several if several is not None and several.comodel == COMPANY else None


def outside(field: Field) -> Domain:
    """That a record belongs to a company, and to none of the active ones."""
    return conjunction(
        [Term(field.name, "!=", Literal(False)), Term(field.name, "not in", _ACTIVE)],
    )


def premises(question: Question, policy: Policy, model: str, mode: Mode, domain: Domain) -> Premises:
    """Everything that is asked about a domain and a record of another company."""
    company = company_of(policy, model)
    assert company is not None
    return Premises(
        question=question,
        model=model,
        passes=question.part(question.passes(domain, mode)),
        stranger=(question.part(question.passes(outside(company), mode)),),
        near=(),
        further=lambda put: opened(put, policy, mode, domain, untied),
    )


def readable(question: Question, model: str, field: Field) -> bool:
    """Whether a record's company can be read at all."""
    expanded = question.memory.expander.domain(model, outside(field))
    return not any(opaques(expanded))
