"""One finding a line of code: what is brought together, what is left to others, and who names the fields."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ostiary.audit import Finding, audit
from ostiary.audit.code.naming import names_fields
from ostiary.policy import Module, Origin, Policy
from ostiary.policy.code import (
    Actor,
    Choice,
    Code,
    Entry,
    EntryKind,
    Given,
    Guard,
    GuardKind,
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


def test_lines_that_come_together_by_a_value_are_one_fault_of_an_entry() -> None:
    def at_line(line: int, *names: str) -> Use:
        return replace(query(), origin=at(line), written=tuple(Given("parameter", name) for name in names))

    uses = (at_line(40, "name"), at_line(41, "city"), at_line(42, "name", "city"), at_line(43, "street"))
    first, second = findings(route("all", 10, *uses))
    assert (first.line, second.line) == (40, 43)
    others = [step.origin for step in first.evidence if step.text.startswith("here too")]
    assert [one.line for one in others if one] == [41, 42]
    assert len(findings(route("all", 10, uses[0]), route("mine", 20, uses[1]))) == 2


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


def test_an_argument_that_is_used_as_none_can_be_sent_is_hardly_certain() -> None:
    method = Entry(
        kind=EntryKind.RPC,
        name="shop.order.find",
        module="shop",
        origin=at(5),
        model="shop.order",
        method="find",
        uses=(query(certain=False),),
    )
    (finding,) = findings(method)
    assert str(finding.confidence) == "low"


@pytest.mark.parametrize(
    ("kind", "text", "who", "audience"),
    [
        (GuardKind.AUTHENTICATED, "consteq(key, sent)", "Whoever has the key or signature", "public"),
        (GuardKind.AUTHENTICATED, "session.authenticate(db, sent)", "Whoever has a login", "portal"),
        (
            GuardKind.HELPER,
            "apikeys._check_credentials(scope='rpc', key=key)",
            "Whoever has a login",
            "portal",
        ),
        (GuardKind.AUTHENTICATED, "request.validate_csrf(token)", "Anybody, without a login,", "public"),
        (GuardKind.STATE, "order.state == 'sent'", "Anybody, without a login,", "public"),
    ],
)
def test_a_route_that_asks_who_calls_is_not_open_to_anybody(
    kind: GuardKind, text: str, who: str, audience: str
) -> None:
    asked = Guard(kind, text, at(11))
    looks = () if kind is GuardKind.AUTHENTICATED else (asked,)
    use = query(guards=() if looks else (asked,), looks=looks)
    (finding,) = findings(route("all", 10, use, auth="none"))
    assert finding.message.startswith(who)
    assert finding.audience == (audience,)


def test_credentials_that_are_asked_for_on_the_way_to_something_else_count_from_there() -> None:
    step = Step("env['res.users.apikeys']._check_credentials(key=key)", at(11))
    checked = replace(query(step, module="base"), written=())
    before, after = findings(
        route("before", 10, query(), checked, auth="public"),
        route("after", 20, checked, replace(query(), origin=at(50)), auth="public"),
    )
    assert before.message.startswith("Anybody") and after.message.startswith("Whoever has a login")


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


def test_what_code_far_from_the_route_writes_may_name_its_fields_by_itself() -> None:
    """All that was posted goes into a record by code of another file: certain only where it is seen to be handed on."""
    written = Use(
        kind=UseKind.WRITE,
        origin=Origin("shop/models.py", 80, "shop"),
        text="lines.write(vals)",
        model="shop.line",
        actor=Actor.SUPERUSER,
        choice=Choice.CALLER_ID,
        written=(Given("parameter"),),
        fields=("*",),
    )
    inner = Step("self._save_simple(answer)", Origin("shop/models.py", 70, "shop"))
    for call, sure in (("order._save(question, answer)", "low"), ("order._save(post)", "high")):
        use = replace(written, steps=(Step(call, at(12)), inner))
        (finding,) = findings(route("save", 10, use, auth="public"), check="mass-assignment")
        assert str(finding.confidence) == sure
