"""Amounts, codes and links that methods of Odoo's own modules compute."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from ostiary.records.errors import Undecided
from ostiary.records.memory.methods import Show, at, method
from ostiary.records.paths import path_ids
from ostiary.records.schema import Lines

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

_INVOICES = frozenset({"out_invoice", "out_refund"})
_DIGITS = 2  # of a precision that has no row


@method("res.groups", "trans_implied_ids", "_compute_trans_implied")
def _implied(env: Env) -> Show:
    """All groups that a group implies, directly or through others."""
    implied = env.related_ids("res.groups", "implied_ids")

    def closure(record: int) -> tuple[int, ...]:
        found: set[int] = set()
        waiting = [*implied(record)]
        while waiting:
            group = waiting.pop()
            if group not in found:
                found.add(group)
                waiting.extend(implied(group))
        return tuple(sorted(found))

    return closure


@method("account.account", "code", "_compute_code", versions=["18"])
def _code(env: Env) -> Show:
    """The account's code in the company at the root of the session's, read as superuser."""
    sudo = env.sudo()
    if sudo.session.company is None:
        raise Undecided.computed("account.account", "code", "depends on the company, and none is given")
    at_root = type(env)(
        sudo.source, sudo.access, replace(sudo.session, company=_root(sudo)), depth=sudo.depth
    )
    return at_root.column("account.account", "code_store").__getitem__


def _root(env: Env) -> int | None:
    """The company at the root of the session's, None where the session has none."""
    company = env.session.company
    return _above(env)(company)[0] if company else None


def _above(env: Env) -> Any:
    """The ids on the way from the root to a company, by `parent_path`."""
    path = env.column("res.company", "parent_path")

    def above(company: int) -> list[int]:
        said = path[company]
        return path_ids(said) if said else [company]

    return above


@method("sale.order", "invoice_ids", "_get_invoiced")
def _invoices(env: Env) -> Show:
    """The customer invoices and credit notes that the lines were invoiced on."""
    lines = env.related_ids("sale.order", "order_line")
    items = env.related_ids("sale.order.line", "invoice_lines")
    move, type_ = env.column("account.move.line", "move_id"), env.column("account.move", "move_type")

    def invoices(record: int) -> tuple[int, ...]:
        moves = {move[item] for line in lines(record) for item in items(line)}
        return tuple(sorted(one for one in moves if one and type_[one] in _INVOICES))

    return invoices


@method("product.template", "standard_price", "_compute_standard_price")
def _cost(env: Env) -> Show:
    """The cost of the only variant, 0 where there are several; of the only archived one where none is active."""
    shown, price = (
        env.related_ids("product.template", "product_variant_ids"),
        env.column("product.product", "standard_price"),
    )
    hidden = env.active_test(False).related_ids("product.template", "product_variant_ids")

    def cost(record: int) -> float:
        variants = shown(record) or hidden(record)
        return float(price[variants[0]]) if len(variants) == 1 else 0.0

    return cost


@method("product.product", "lst_price", "_compute_product_lst_price")
def _sales_price(env: Env) -> Show:
    """The sales price and what the variant's values add to it, each rounded as prices are."""
    price = at(env, "product.product", "list_price")
    values = env.related_ids("product.product", "product_template_attribute_value_ids")
    more = env.column("product.template.attribute.value", "price_extra")
    digits = _digits(env, "Product Price")

    def sales_price(record: int) -> float:
        extra = _rounded(sum(more[one] for one in values(record)), digits)
        return _rounded(price(record) + extra, digits)

    return sales_price


def _digits(env: Env, usage: str) -> int:
    """How many digits a precision has (`decimal.precision`)."""
    sudo, model = env.sudo(), "decimal.precision"
    name, digits = sudo.column(model, "name"), sudo.column(model, "digits")
    return next((int(digits[one]) for one in sudo.source.ids(model) if name[one] == usage), _DIGITS)


def _rounded(value: float, digits: int) -> float:
    """Rounded half up, as the number reads in decimals. Raises Undecided for what can't be: no number, or none of so
    many digits."""
    try:
        if not isfinite(value):
            raise ValueError
        return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    except (ArithmeticError, ValueError):
        raise Undecided(
            f"cannot be decided: {value!r:.40} can't be rounded to {digits!r:.20} digits"
        ) from None


@method("res.partner", "credit", "_credit_debit_get")
def _credit(env: Env) -> Show:
    """What is open on receivable accounts, see `_open`."""
    return _open(env, "asset_receivable", 1)


@method("res.partner", "debit", "_credit_debit_get")
def _debit(env: Env) -> Show:
    """What is open on payable accounts, the other way round."""
    return _open(env, "liability_payable", -1)


def _open(env: Env, account_type: str, sign: int) -> Show:
    """The sum of a partner's posted items on accounts of a type that are not reconciled, of the companies at and
    below the root of the session's.

    Odoo keeps amounts rounded to their currency: their exact sum needs no rounding. Other sessions than a
    superuser's only sum up companies that rules let them see, which is left undecided.
    """
    if not env.su:
        raise Undecided.computed("res.partner", "credit", "sums up companies that rules may hide")
    model, root, above = "account.move.line", _root(env), _above(env)
    if root is None:
        raise Undecided.computed("res.partner", "credit", "depends on the company, and none is given")
    columns = ("account_id", "company_id", "parent_state", "reconciled", "amount_residual")
    account, company, state, reconciled, residual = (env.column(model, name) for name in columns)
    kind = env.column("account.account", "account_type")
    items = env.source.related(
        Lines("res.partner", " journal items", "one2many", model, inverse="partner_id")
    )

    def counts(item: int) -> bool:
        return (
            state[item] == "posted"
            and not reconciled[item]
            and bool(account[item])
            and kind[account[item]] == account_type
            and root in above(company[item])
        )

    def balance(record: int) -> float:
        found = [residual[item] for item in items[record] if counts(item)]
        if not all(isfinite(one) for one in found):
            raise Undecided.computed("res.partner", "credit", "sums up what is no number")
        return float(sign * sum((Decimal(repr(one)) for one in found), Decimal(0)))

    return balance
