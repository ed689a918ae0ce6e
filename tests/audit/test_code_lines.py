"""One finding a line of code: what is brought together, what is left to others, and who names the fields."""

from __future__ import annotations

import pytest

from ostiary.audit import Finding, audit
from ostiary.audit.code.naming import names_fields
from ostiary.policy import Module, Origin, Policy
from ostiary.policy.code import (
    Choice,
    Code,
    Entry,
    EntryKind,
    Given,
    Mark,
    Route,
    Step,
    Use,
    UseKind,
)


def at(line: int, module: str = "shop") -> Origin:
    return Origin(f"{module}/controllers.py", line, module)


def query(*steps: Step, module: str = "shop", **values: object) -> Use:
    return Use(
        kind=UseKind.SQL,
        origin=at(40, module),
        text="SELECT id FROM shop_order WHERE name = '",
        built="interpolated",
        written=(Given("parameter", "name"),),
        steps=steps,
        **values,  # type: ignore[arg-type]
    )


def route(name: str, line: int, *uses: Use, auth: str = "user") -> Entry:
    return Entry(
        kind=EntryKind.ROUTE,
        name=f"shop.Shop.{name}",
        module="shop",
        origin=at(line),
        route=Route(paths=(f"/shop/{name}",), auth=auth),
        uses=uses,
    )


def findings(*entries: Entry, marks: tuple[Mark, ...] = (), check: str = "sql-injection") -> list[Finding]:
    modules = {
        "shop": Module(name="shop", origin=at(1), version="18.0.1.0.0"),
        "base": Module(name="base", origin=at(1, "base"), context=True),
    }
    policy = Policy(odoo="18.0", modules=modules, code=Code(entries=list(entries), marks=list(marks)))
    result = audit(policy, select=[check])
    assert result.errors == ()
    return [one for one in result.findings if one.check == check]


def test_two_routes_that_come_by_one_line_are_one_finding_of_the_graver() -> None:
    (finding,) = findings(route("mine", 10, query()), route("all", 20, query(), auth="public"))
    assert (finding.subject, finding.line, str(finding.severity)) == ("shop.Shop.all", 40, "critical")
    assert "reached too by the route /shop/mine" in [step.text for step in finding.evidence]


def test_what_code_that_is_only_overridden_does_is_its_own_fault() -> None:
    inherited = query(Step("super().find(name)", at(12)), module="base")
    assert findings(route("mine", 10, inherited)) == []


def test_what_is_done_by_code_that_was_called_on_purpose_is_told_where_it_is_called() -> None:
    called = query(Step("helpers.find(name)", at(12)), module="base")
    (finding,) = findings(route("mine", 10, called))
    assert (finding.path, finding.line, finding.module) == ("shop/controllers.py", 12, "shop")


def test_something_that_was_not_read_lowers_the_confidence() -> None:
    (finding,) = findings(route("mine", 10, query(certain=False)))
    assert str(finding.confidence) == "medium"


def test_ids_that_a_method_is_called_on_are_no_text() -> None:
    use = query()
    method = Entry(
        kind=EntryKind.RPC,
        name="shop.order.find",
        module="shop",
        origin=at(5),
        model="shop.order",
        method="find",
        uses=(
            Use(kind=use.kind, origin=use.origin, text=use.text, built=use.built, written=(Given("self"),)),
        ),
    )
    assert findings(method) == []


def test_nothing_is_said_where_code_was_not_read() -> None:
    assert audit(Policy(odoo="18.0"), select=["sql-injection", "secret-in-code"]).findings == ()


@pytest.mark.parametrize(
    ("path", "module", "told"),
    [
        ("shop/models/order.py", "shop", True),
        ("shop/tests/common.py", "shop", False),
        ("addons/shop/tests/common.py", "shop", False),
        ("tests/addons/shop/models.py", "shop", True),
        ("shop/demo/data.py", "shop", False),
        ("test_shop/models.py", "test_shop", False),
    ],
)
def test_secrets_of_tests_open_nothing(path: str, module: str, told: bool) -> None:
    mark = Mark(
        kind="secret", origin=Origin(path, 3, module), name="api_key", text="a secret (24 characters)"
    )
    assert len(findings(marks=(mark,), check="secret-in-code")) == int(told)


@pytest.mark.parametrize(
    ("text", "given", "named"),
    [
        ("order.write(post)", Given("parameter"), True),
        ("order.write(values)", Given("argument", "values"), True),
        ("order.write({field: value})", Given("parameter", "field"), True),
        ("setattr(order, field, value)", Given("parameter", "field"), True),
        ("order.write(values)", Given("parameter", "note"), False),
        ("order.write(self._values(order_id))", Given("body", "page"), False),
    ],
)
def test_who_names_the_fields(text: str, given: Given, named: bool) -> None:
    use = Use(
        kind=UseKind.WRITE,
        origin=at(1),
        text=text,
        choice=Choice.CALLER_ID,
        fields=("*",),
        written=(given,),
    )
    assert names_fields(use) is named
