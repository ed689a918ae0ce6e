"""Search methods of Odoo's own modules, written down: what a term on a field means that Python searches.

For what declared facts (a path, a condition) can't say. Each holds for the versions it names, where the module that
defines it is installed and nothing shows that another one changes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeAlias

import sqlalchemy as sa

from ostiary.domain import from_python
from ostiary.records.errors import Fails, RecordsError
from ostiary.records.sql import computed, searching, terms, tree
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scalars import NEGATIVE
from ostiary.records.sql.scope import Scope, member

Method: TypeAlias = Callable[[Scope, str, Any], Condition]

_METHODS: dict[tuple[str, str], tuple[frozenset[str], Method]] = {}
_COUNTRY = re.compile(r"(?P<name>.+)\((?P<country>.+)\)")
_CODE = re.compile(r"(\[(.*?)\])")
_INVOICES = ["out_invoice", "out_refund"]


def find(scope: Scope, field: str) -> Method | None:
    """The search method of a field of the scope's model, None where none is written down for this version."""
    versions, method = _METHODS.get((scope.model.name, field), (frozenset(), None))
    return method if scope.semantics.version in versions else None


def _method(model: str, *fields: str, versions: Iterable[str] = ("18",)) -> Callable[[Method], Method]:
    def register(method: Method) -> Method:
        for field in fields:
            _METHODS[model, field] = (frozenset(versions), method)
        return method

    return register


def _domain(scope: Scope, tokens: list[Any]) -> Condition:
    return tree.condition(scope, from_python(tokens))


def _all_or_any(scope: Scope, operator: str, parts: list[Condition]) -> Condition:
    return sa.and_(*parts) if operator in NEGATIVE else sa.or_(*parts)


@_method("product.product", "display_name")
def _product(scope: Scope, operator: str, value: Any) -> Condition:
    fields = [("name", operator, value), ("default_code", operator, value)]
    positive = operator not in NEGATIVE
    if operator in ("=", "in") or (operator.endswith("like") and positive):
        fields.append(("barcode", "in", value if operator == "in" else [value]))
    code = _CODE.search(value) if operator == "=" and isinstance(value, str) else None
    if code is not None:
        fields.append(("default_code", "=", code[2]))
    inside = scope.under_or() if positive else scope
    return _all_or_any(scope, operator, [terms.field_condition(inside, *one) for one in fields])


@_method("product.template", "display_name")
def _product_template(scope: Scope, operator: str, value: Any) -> Condition:
    inside = scope if operator in NEGATIVE else scope.under_or()
    named = computed.by_fields(inside, ("name",), operator, value)
    if not value:
        return named
    return _all_or_any(
        scope, operator, [named, terms.field_condition(inside, "product_variant_ids", operator, value)]
    )


@_method("account.account", "display_name")
def _account(scope: Scope, operator: str, value: Any) -> Condition:
    name = value or ""
    if not isinstance(name, str):
        raise Fails("AttributeError", f"{type(name).__name__} has no split")
    code = name.split(" ")[0]
    first = ["code", "=", code] if operator in ("=", "!=") else ["code", "=like", f"{code}%"]
    both = [first, ["name", operator, name]]
    return _domain(scope, ["&", "!", *both] if operator in NEGATIVE else ["|", *both])


@_method("account.account", "code")
def _account_code(scope: Scope, operator: str, value: Any) -> Condition:
    """The code in the company at the root of the session's."""
    at_root = replace(scope.session.sudo(), company=_root(scope))
    found = searching.search(
        scope,
        scope.model.name,
        at_root,
        also=lambda inner: terms.field_condition(inner, "code_store", operator, value),
    )
    return member(scope, scope.id, found.select(), scope.model.table)


@_method("stock.picking.type", "display_name")
def _picking_type(scope: Scope, operator: str, value: Any) -> Condition:
    parts = value.split(": ") if isinstance(value, str) else []
    if len(parts) == 2:
        return _domain(scope, ["&", ["warehouse_id.name", operator, parts[0]], ["name", operator, parts[1]]])
    return computed.by_fields(scope, scope.schema.names(scope.model.name).search, operator, value)


@_method("res.country.state", "display_name")
def _state(scope: Scope, operator: str, value: Any) -> Condition:
    plain = computed.by_fields(scope, scope.schema.names(scope.model.name).search, operator, value)
    if not value or operator not in ("ilike", "=", "in"):
        return plain
    texts = value if operator == "in" else [value]
    parts = [plain]
    for text in texts:
        match = _COUNTRY.fullmatch(text)
        if match is not None:
            country = match["country"].strip()
            asked = "=" if operator == "in" else operator
            name = ["name", asked, match["name"].strip()]
            at = ["|", ["country_id.name", "ilike", country], ["country_id.code", "=", country]]
            parts.append(_domain(scope.under_or(), [name, *at]))
    return sa.or_(*parts)


@_method("res.groups", "full_name")
def _group(scope: Scope, operator: str, value: Any) -> Condition:
    if isinstance(value, bool):
        return terms.field_condition(scope, "name", operator, value)
    many = not isinstance(value, str)
    negative = operator in NEGATIVE
    parts: list[Condition] = []
    for text in value if many else [value]:
        *before, last = [one for one in text.split("/") if one] or [""]
        name = last.strip()
        category = "/".join(before).strip() or name
        named = terms.field_condition(scope, "name", operator, [name] if many else name)
        sudo = scope.session.sudo()
        wanted = [category] if many else category
        found = searching.search(
            scope,
            "ir.module.category",
            sudo,
            also=lambda inner, wanted=wanted: terms.field_condition(inner, "name", operator, wanted),  # type: ignore[misc]
        )
        of_category = terms.field_condition(scope, "category_id", "in", found)
        if negative and not before:
            of_category = sa.or_(of_category, terms.field_condition(scope, "category_id", "=", False))
        narrow = negative is not bool(before)
        parts.append(sa.and_(named, of_category) if narrow else sa.or_(named, of_category))
    return _all_or_any(scope, operator, parts)


@_method("sale.order", "invoice_ids")
def _invoices(scope: Scope, operator: str, value: Any) -> Condition:
    if operator == "in" and value:
        tokens = [["move_type", "in", _INVOICES], ["id", "in", list(value)]]
        moves = ["invoice_lines", "any", [["move_id", "any", tokens]]]
        return _domain(
            scope.sudo().as_session(scope.session.sudo().with_active_test(False)),
            [["order_line", "any", [moves]]],
        )
    invoiced = ["order_line.invoice_lines.move_id.move_type", "in", _INVOICES]
    if operator == "=" and not value:
        return _domain(scope, ["!", invoiced])
    return _domain(scope, [invoiced, ["order_line.invoice_lines.move_id", operator, value]])


@_method("res.partner", "credit")
def _credit(scope: Scope, operator: str, value: Any) -> Condition:
    return _balance(scope, "asset_receivable", 1, operator, value)


@_method("res.partner", "debit")
def _debit(scope: Scope, operator: str, value: Any) -> Condition:
    return _balance(scope, "liability_payable", -1, operator, value)


def _balance(scope: Scope, account_type: str, sign: int, operator: str, value: Any) -> Condition:
    """Partners whose open posted items on accounts of a type come to an amount, in the company at the root of the
    session's; partners without any such item are never found."""
    if operator not in ("<", "=", ">", ">=", "<=") or not isinstance(value, float | int):
        return sa.true()
    if isinstance(value, bool):
        raise Fails("UndefinedFunction", "operator does not exist: numeric = boolean")
    table = {
        name: scope.schema.model(name).table.alias()
        for name in ("account.move.line", "account.move", "account.account", "res.company")
    }
    item, move, account, company = (one.c for one in table.values())
    root = str(_root(scope))
    joined = table["account.move.line"].join(table["account.move"], move.id == item.move_id)
    joined = joined.join(table["account.account"], account.id == item.account_id)
    joined = joined.join(table["res.company"], company.id == item.company_id)
    amount = sign * sa.func.coalesce(sa.func.sum(item.amount_residual), 0)
    found = (
        sa.select(item.partner_id)
        .select_from(joined)
        .where(
            account.account_type == account_type,
            sa.not_(account.deprecated),
            company.parent_path.like(f"{root}/%"),
            move.state == "posted",
        )
        .group_by(item.partner_id)
        .having(amount.op(operator, is_comparison=True)(sa.literal(value)))
    )
    return scope.id.in_(found)


def _root(scope: Scope) -> int | None:
    """The company at the root of the session's."""
    company = scope.schema.model("res.company").table.c
    try:
        rows = scope.store.rows(sa.select(company.parent_path).where(company.id == scope.session.company))
    except (RecordsError, AttributeError):
        return scope.session.company
    return int(rows[0][0].split("/")[0]) if rows and rows[0][0] else scope.session.company
