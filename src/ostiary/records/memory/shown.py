"""Names of records that methods of Odoo's own modules make (`_compute_display_name`), where no template says it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from ostiary.policy.effective import answer
from ostiary.records.errors import Undecided
from ostiary.records.memory.methods import Show, at, method

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

_NAME = "_compute_display_name"
_SUPERUSER = 1
_LONGEST_ANSWER = 90
_LONGEST_TITLE = 30


@method("res.groups", "full_name", "_compute_full_name")
def _group(env: Env) -> Show:
    """`Category / Name`, or the name of a group without a category; read as superuser."""
    sudo = env.sudo()
    category, name = at(sudo, "res.groups", "category_id.name"), at(sudo, "res.groups", "name")
    return lambda record: f"{shown} / {name(record)}" if (shown := category(record)) else name(record)


@method("account.tax", "display_name", _NAME, versions=["18"])
def _tax(env: Env) -> Show:
    """The name, and the country's code where it isn't the fiscal country of the company, or of the first of its
    branches that is among the session's companies."""
    model = "account.tax"
    name, country, code = (at(env, model, path) for path in ("name", "country_id", "country_id.code"))
    company, fiscal = env.column(model, "company_id"), env.column("res.company", "account_fiscal_country_id")
    branch = _branch(env)

    def show(record: int) -> Any:
        own = name(record)
        if not own:
            return own
        first = branch(company[record])
        home = fiscal[first] if first else False
        return own if country(record) == home else f"{own} ({code(record)})"

    return show


def _branch(env: Env) -> Callable[[int], int | None]:
    """The first company of the session on or below a company (`res.company._accessible_branches`)."""
    children, session = env.sudo().related_ids("res.company", "child_ids"), env.session

    def branch(company: int) -> int | None:
        level: Sequence[int] = (company,)
        seen: set[int] = set()
        while level:
            seen.update(level)
            found = [one for one in level if one in session.companies]
            if len(found) > 1:
                raise Undecided.computed("account.tax", "display_name", "rests on the order of branches")
            if found:
                return found[0]
            level = [other for one in level for other in children(one) if other not in seen]
        return company if session.uid == _SUPERUSER else None

    return branch


@method("account.journal", "display_name", _NAME, unless=("l10n_br",))
def _journal(env: Env) -> Show:
    """The name, and the currency where it isn't the company's."""
    model = "account.journal"
    name, currency = at(env, model, "name"), at(env, model, "currency_id")
    usual, code = at(env, model, "company_id.currency_id"), at(env, model, "currency_id.name")

    def show(record: int) -> Any:
        own = currency(record)
        return f"{name(record)} ({code(record)})" if own and own != usual(record) else name(record)

    return show


@method("account.move.line", "display_name", _NAME)
def _item(env: Env) -> Show:
    """The entry, the reference in brackets and the label (or the product), as far as they are set."""
    model = "account.move.line"
    entry, ref, label = at(env, model, "move_id.name"), at(env, model, "ref"), at(env, model, "name")
    product = at(env, model, "product_id.display_name")

    def show(record: int) -> str:
        reference = ref(record)
        parts = (entry(record), reference and f"({reference})", label(record) or product(record))
        return " ".join(part for part in parts if part)

    return show


@method("sale.order.line", "display_name", _NAME)
def _order_line(env: Env) -> Show:
    """The order and the first line of the description (or the product), then the customer's company by its
    reference or name."""
    model, sudo = "sale.order.line", env.sudo()
    order, text = at(sudo, model, "order_id.name"), at(sudo, model, "name")
    product = at(sudo, model, "product_id.name")
    # 17 reads the customer as whoever asks.
    who = sudo if env.source.schema.semantics.version != "17" else env
    ref, name = (
        at(who, model, f"order_partner_id.commercial_partner_id.{field}") for field in ("ref", "name")
    )

    def show(record: int) -> str:
        said = text(record)
        what = (said and said.split("\n")[0]) or product(record)
        return f"{order(record)} - {what} ({ref(record) or name(record)})"

    return show


@method("res.partner.bank", "display_name", _NAME)
def _bank_account(env: Env) -> Show:
    """The number and the bank (as without the module hr); of an employee's account, to who is no HR officer, only
    the ends of the number."""
    model, officer = "res.partner.bank", "hr.group_hr_user"
    holds = answer(env.source.schema.policy, env.session.subject, officer, False)
    number, bank, name = (at(env, model, path) for path in ("acc_number", "bank_id", "bank_id.name"))
    sudo = env.sudo()
    partner, employees = sudo.column(model, "partner_id"), sudo.related_ids("res.partner", "employee_ids")

    def show(record: int) -> Any:
        own = number(record)
        if holds is not True and partner[record] and employees(partner[record]):
            if holds is None:
                raise Undecided.computed(model, "display_name", f"rests on whether the user holds {officer}")
            return own[:2] + "*" * len(own[2:-4]) + own[-4:]
        return f"{own} - {name(record)}" if bank(record) else own

    return show


@method("survey.question.answer", "display_name", _NAME)
def _answer(env: Env) -> Show:
    """`Question : Answer`, shortened to 90 characters; only the answer for a row of a matrix or without question."""
    model = "survey.question.answer"
    value, question = at(env, model, "value"), at(env, model, "question_id")
    type_, titled = at(env, model, "question_id.question_type"), at(env, model, "question_id.title")

    def show(record: int) -> Any:
        label = value(record)
        alone = not question(record) or type_(record) == "matrix"
        title = titled(record)
        if not label or not (alone or title):
            raise Undecided.computed(
                model, "display_name", "rests on the order of answers or on a translation"
            )
        if alone:
            return label
        extra = len(title) + len(label) + len(" : ") - _LONGEST_ANSWER
        if extra <= 0:
            return f"{title} : {label}"
        title = shorten(title, max(_LONGEST_TITLE, len(title) - extra), placeholder="...")
        return shorten(f"{title} : {label}", _LONGEST_ANSWER, placeholder="...")

    return show


@method("product.product", "display_name", _NAME, unless=("l10n_gcc_invoice",))
def _product(env: Env) -> Show:
    """`[code] Name (values)`: the values that tell the variant from others; read as superuser."""
    model, sudo = "product.product", env.sudo()
    name, code = at(sudo, model, "name"), at(sudo, model, "default_code")
    values, combination = sudo.related_ids(model, "product_template_attribute_value_ids"), _combination(sudo)

    def show(record: int) -> Any:
        own, said = code(record), name(record)
        variant = combination(values(record))
        if variant:
            said = f"{said} ({variant})"
        return f"[{own}] {said}" if own else said

    return show


def _combination(env: Env) -> Callable[[Sequence[int]], str]:
    """The names of values that make variants, without those of lines with a single value
    (`product.template.attribute.value._get_combination_name`)."""
    model = "product.template.attribute.value"
    makes, active = at(env, model, "attribute_id.create_variant"), at(env, model, "ptav_active")
    line, name = at(env, model, "attribute_line_id"), at(env, model, "name")
    beside = env.related_ids("product.template.attribute.line", "product_template_value_ids")
    keys = [_position(env, unset) for unset in (0.0, math.inf)]

    def combination(values: Sequence[int]) -> str:
        kept = [one for one in values if makes(one) != "no_variant"]
        only_active = all(active(one) for one in kept)

        def single(value: int) -> bool:
            others = beside(line(value)) if line(value) else ()
            return sum(1 for one in others if active(one) or not only_active) == 1

        kept = [one for one in kept if not single(one)]
        first, last = (sorted(kept, key=key) for key in keys) if len(kept) > 1 else (kept, kept)
        if first != last:
            # A sequence that is not set comes last, and 0 first: here they look alike.
            raise Undecided.computed("product.product", "display_name", "rests on the order of values")
        return ", ".join(str(name(one)) for one in first)

    return combination


def _position(env: Env, unset: float) -> Callable[[int], tuple[float, ...]]:
    """Where a value stands by the `_order` of values, lines and attributes; `unset` for a sequence of 0."""
    paths = (
        "attribute_line_id.sequence", "attribute_line_id.attribute_id.sequence", "attribute_line_id.attribute_id",
        "attribute_line_id", "product_attribute_value_id.attribute_id.sequence",
        "product_attribute_value_id.attribute_id", "product_attribute_value_id.sequence",
        "product_attribute_value_id", "id",
    )  # fmt: skip
    reads = [at(env, "product.template.attribute.value", path) for path in paths]
    return lambda record: tuple(read(record) or unset for read in reads)
