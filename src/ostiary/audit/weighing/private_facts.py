"""Private facts about people, by the names and types of fields: what is nobody's business but theirs and the office's.

The words are those that Odoo's own modules and most others use for such fields.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ostiary.policy.definitions import Field

_TYPES = frozenset({"char", "text", "html", "binary", "date", "float", "integer", "monetary", "selection"})
PAY = "pay"
_SETTINGS = ("allow_", "ask_", "hide_", "print_", "require_", "show_", "use_")
_NUMBERS = frozenset({PAY, "bank details", "identity papers"})
_PRIVATE = {
    PAY: re.compile(
        r"(?:^|_)(?:salary|salaries|wages?|payroll|payslips?|gross_pay|net_pay|bonus|bonus_amount|compensation"
        r"|remuneration|hourly_cost|severance)(?:$|_)"
    ),
    "bank details": re.compile(
        r"(?:^|_)(?:iban|acc_number|bank_account|bank_account_number|account_number)(?:$|_)"
    ),
    "identity papers": re.compile(
        r"(?:^|_)(?:ssn|ssnid|sin|sinid|social_security|passport(?:_id|_number|_no)?|national_id|identity_card"
        r"|identification_(?:id|card|paper))(?:$|_)"
    ),
    "health": re.compile(
        r"(?:^|_)(?:medical|diagnos[ei]s|disease|disability|health|blood(?:_type|_group)?|allerg(?:y|ies)"
        r"|medication|(?<!tax_)(?<!gst_)(?<!vat_)(?<!fiscal_)treatment|prescriptions?|sick(?:ness)?"
        r"|pregnan(?:t|cy))(?:$|_)"
    ),
    "private life": re.compile(
        r"(?:^|_)(?:birthday|birth_?date|date_of_birth|dob|gender|marital|religion|ethnicity|home_address|criminal"
        r"|disciplinary|private_(?:street2?|phone|mobile|email|address|contact|city|zip)"
        r"|emergency_(?:contact|phone))(?:$|_)"
    ),
}
# What follows makes it something about such a fact. (An `identification_number` is left out: on contacts it is that of
# a company or a taxpayer.)
_ABOUT = re.compile(
    r"_(?:count|prefix|policy|type|format|label|help|placeholder|rule|journal|code|move|rate|max|min|limit)$"
)


def private_fact(field: Field) -> str | None:
    """What private thing about somebody a field holds, in a word or two; None for most fields.

    A related field shows what another model holds, which is judged there.
    """
    if field.type not in _TYPES or field.related:
        return None
    return stored_fact(field)


def stored_fact(field: Field) -> str | None:
    """What private thing the name of a field speaks of, where its type can hold one.

    A yes or no holds none, and a choice between fixed values no number: `bank_account_link` is a setting, as is
    `show_bank_account_digits`.
    """
    what = private_name(field.name)
    if (
        field.type == "boolean"
        or field.name.startswith(_SETTINGS)
        or (field.type == "selection" and what in _NUMBERS)
    ):
        return None
    return what


@lru_cache(maxsize=50_000)
def private_name(name: str) -> str | None:
    """What private thing the name of a field, or of a model, speaks of."""
    name = name.replace(".", "_")
    for what, pattern in _PRIVATE.items():
        found = pattern.search(name)
        if found and (found.end() == len(name) or not _ABOUT.search(name)):
            return what
    return None
