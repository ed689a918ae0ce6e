"""Decisions about the rows of a real Odoo 18.0 against what that server decided: every user, model and mode."""

from __future__ import annotations

import compare_decisions as tool
import pytest

from policy.oracle import ORACLE, needs_oracle

pytestmark = needs_oracle

# Models whose rows are made by a query in Python: there is no table of them.
WITHOUT_ROWS = {
    "account.invoice.report", "purchase.bill.line.match", "purchase.report", "sale.report", "stock.lot.report",
}  # fmt: skip
# The dump holds no attachments, assets and views; what delegates to them can't be compared either.
LEFT_OUT = {
    "ir.asset", "ir.attachment", "ir.ui.view", "product.document", "quotation.document", "website.controller.page",
    "website.page",
}  # fmt: skip
# A query with a row for each day around today: it holds what the server had on the day it was asked, and on no other.
OF_THE_DAY = {"report.stock.quantity"}
ROWS = 105_520


@pytest.fixture(scope="module")
def url(oracle_url: str) -> str:
    return oracle_url


@pytest.fixture(scope="module")
def result(url: str) -> tool.Result:
    return tool.compare(url, tool.rows_of(ORACLE), tool.counts_of(ORACLE))


def test_no_decision_is_another_than_the_servers(result: tool.Result) -> None:
    assert result.rows == ROWS
    assert result.differences == []
    assert result.total("disagree") == 0


def test_what_is_undecided_is_little_and_known(result: tool.Result) -> None:
    assert {model for model, reasons in result.reasons.items() if reasons} <= WITHOUT_ROWS | OPEN
    assert result.total("undecided") <= 0.01 * ROWS
    assert set(result.left_out) - OF_THE_DAY == LEFT_OUT
    assert result.good, tool.as_text(result)


# How a manager of departments is found is written in Python.
OPEN = {"hr.leave.report", "timesheets.analysis.report"}
