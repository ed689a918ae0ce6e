"""What is said of leaks, on entries made by hand: who says it, how grave and how certain it is."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ostiary.audit import Finding, audit
from ostiary.policy.code import (
    Actor,
    Choice,
    Code,
    Entry,
    EntryKind,
    Given,
    Guard,
    GuardKind,
    Page,
    Passed,
    Route,
    Shown,
    Step,
    Use,
    UseKind,
)
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.sources import open_policy

HERE = Path(__file__).parent
CHECKS = (
    "check-under-sudo",
    "child-not-tied-to-parent",
    "client-domain-under-sudo",
    "public-route-sudo",
    "report-route-unchecked",
    "route-idor",
    "side-effect-before-check",
    "sudo-before-check",
    "token-of-other-record",
)
ID = (Given("path", "loan_id"),)


@pytest.fixture(scope="module")
def library() -> Policy:
    """Loans are kept apart by a rule, fines by none, shelves are nothing to customers."""
    return open_policy([HERE / "route-idor/bad"], odoo="18.0", cache=False)


def at(line: int) -> Origin:
    return Origin("library_desk/controllers/main.py", line, "library_desk")


def guard(kind: GuardKind, text: str = "", model: str = "", mode: str = "") -> Guard:
    return Guard(kind, text, at(5), model, mode)


def use(kind: UseKind = UseKind.READ, line: int = 20, **changes: object) -> Use:
    fields: dict[str, object] = {
        "model": "library.loan",
        "actor": Actor.SUPERUSER,
        "choice": Choice.CALLER_ID,
        "given": ID,
        "fields": ("note",) if kind in (UseKind.READ, UseKind.WRITE) else (),
        "written": (Given("body", "note"),) if kind is UseKind.WRITE else (),
    }
    return Use(kind=kind, origin=at(line), text="the code", **(fields | changes))  # type: ignore[arg-type]


def route(*uses: Use, auth: str = "user", name: str = "loan") -> Entry:
    return Entry(
        kind=EntryKind.ROUTE,
        name=f"library_desk.Desk.{name}",
        module="library_desk",
        origin=at(9),
        route=Route(paths=(f"/{name}/<int:loan_id>",), auth=auth),
        uses=uses,
    )


def method(*uses: Use, model: str = "library.loan") -> Entry:
    return Entry(
        kind=EntryKind.RPC,
        name=f"{model}.action",
        module="library_desk",
        origin=at(9),
        model=model,
        method="action",
        uses=uses,
    )


def found(policy: Policy, *entries: Entry, pages: tuple[Page, ...] = ()) -> tuple[Finding, ...]:
    read = msgspec.structs.replace(policy, code=Code(entries=list(entries), pages=list(pages)))
    result = audit(read, select=CHECKS)
    assert not result.errors
    return result.findings


def said(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.check, str(one.severity), str(one.confidence)) for one in findings]


def test_nothing_is_said_where_code_was_not_read(library: Policy) -> None:
    assert library.code is None
    assert audit(library, select=CHECKS).findings == ()


def test_gravity_follows_who_calls_and_what_is_done(library: Policy) -> None:
    cases = {
        ("user", UseKind.READ): ("route-idor", "high", "high"),
        ("user", UseKind.WRITE): ("route-idor", "critical", "high"),
        ("public", UseKind.READ): ("public-route-sudo", "critical", "high"),
        ("none", UseKind.UNLINK): ("public-route-sudo", "critical", "high"),
        ("user", UseKind.REPORT): ("report-route-unchecked", "high", "high"),
        ("api_key_of_a_module", UseKind.READ): ("route-idor", "medium", "low"),
    }
    for (auth, kind), expected in cases.items():
        assert said(found(library, route(use(kind), auth=auth))) == [expected], (auth, kind)


def test_what_is_changed_to_values_of_the_callers_is_graver(library: Policy) -> None:
    fixed = use(UseKind.WRITE, written=())
    assert said(found(library, route(fixed))) == [("route-idor", "high", "high")]
    run = use(UseKind.CALL, method="action_send")
    assert said(found(library, route(run))) == [("route-idor", "high", "high")]
    assert found(library, route(use(UseKind.CALL, method="_get_report_name"))) == ()
    assert found(library, route(use(UseKind.WRITE, written=(), fields=("access_token",)))) == ()


def test_what_code_elsewhere_does_with_a_value_is_less_certain(library: Policy) -> None:
    elsewhere = use(
        chosen_at=Origin("library_desk/models/loan.py", 3, "library_desk"), chosen="browse(number)"
    )
    findings = found(library, route(elsewhere))
    assert said(findings) == [("route-idor", "medium", "medium")]
    assert findings[0].path.endswith("controllers/main.py")


def test_what_stops_the_caller_and_what_does_not(library: Policy) -> None:
    stops = [
        guard(GuardKind.ACCESS),
        guard(GuardKind.READ),
        guard(GuardKind.DOCUMENT),
        guard(GuardKind.OWNER),
        guard(GuardKind.TOKEN),
        guard(GuardKind.TOKEN_UNSAFE),
        guard(GuardKind.MEMBER),
        guard(GuardKind.AUTHENTICATED),
        guard(GuardKind.PUBLISHED),
        guard(GuardKind.GROUP, "base.group_user"),
        guard(GuardKind.GROUP, "internal"),
        guard(GuardKind.RIGHT, model="library.shelf", mode="read"),
    ]
    for one in stops:
        assert found(library, route(use(guards=(one,)))) == (), one
    for one in [
        guard(GuardKind.GROUP, "base.group_portal"),
        guard(GuardKind.GROUP, "logged-in"),
        guard(GuardKind.RIGHT, model="library.loan", mode="read"),
        guard(GuardKind.STATE),
    ]:
        assert said(found(library, route(use(guards=(one,))))) == [("route-idor", "high", "high")], one


def test_a_test_for_a_login_leaves_those_who_have_one(library: Policy) -> None:
    login = guard(GuardKind.GROUP, "logged-in")
    findings = found(library, route(use(guards=(login,)), auth="public"))
    assert said(findings) == [("route-idor", "high", "high")]
    assert findings[0].audience == ("portal",)


def test_published_records_may_be_read_and_not_changed(library: Policy) -> None:
    published = guard(GuardKind.PUBLISHED)
    assert found(library, route(use(guards=(published,)), auth="public")) == ()
    written = use(UseKind.WRITE, guards=(published,), written=(Given("parameter", "note"),), fields=("note",))
    assert said(found(library, route(written, auth="public"))) == [("public-route-sudo", "critical", "high")]


def test_what_looks_like_a_check_is_named_before_that_there_is_none(library: Policy) -> None:
    cases = {
        GuardKind.UNDER_SUDO: "check-under-sudo",
        GuardKind.OTHER_TOKEN: "token-of-other-record",
        GuardKind.PARENT: "child-not-tied-to-parent",
        GuardKind.LATER: "sudo-before-check",
    }
    for kind, check in cases.items():
        written = use(UseKind.WRITE, looks=(guard(kind, "check(fine)", "library.fine"),))
        assert [one.check for one in found(library, route(written))] == [check]
    both = (guard(GuardKind.PARENT, "check(fine)", "library.fine"), guard(GuardKind.UNDER_SUDO))
    assert [one.check for one in found(library, route(use(looks=both)))] == ["check-under-sudo"]


def test_what_only_seems_to_be_a_check_of_another_record(library: Policy) -> None:
    other = guard(GuardKind.OTHER_TOKEN, "consteq(fine._token(loan_id), token)", "library.fine")
    assert found(library, route(use(looks=(other,)))) == ()
    same = guard(GuardKind.PARENT, "check(loan)", "library.loan")
    assert found(library, route(use(looks=(same,)))) == ()
    read = guard(GuardKind.PARENT, "fine.amount", "library.fine")
    assert said(found(library, route(use(looks=(read,))))) == [("route-idor", "high", "high")]
    unknown = guard(GuardKind.PARENT, "loan.reader in readers")
    assert said(found(library, route(use(looks=(unknown,))))) == [("route-idor", "high", "low")]


def test_a_search_with_the_callers_rights_finds_what_they_may_read(library: Policy) -> None:
    search = use(UseKind.SEARCH, line=20, actor=Actor.CALLER, chosen_at=at(20))
    sudo = use(line=21, chosen_at=at(20))
    assert found(library, route(search, sudo)) == ()
    assert said(found(library, route(use(UseKind.SEARCH, line=20, chosen_at=at(20)), sudo)))
    sent = (Given("body", "loan_id"),)
    made = use(
        UseKind.CREATE,
        line=22,
        model="ir.attachment",
        choice=Choice.NEW,
        given=sent,
        written=sent,
        fields=("res_id",),
    )
    assert said(found(library, route(made))) == [("route-idor", "medium", "high")]
    asked = use(UseKind.SEARCH, line=20, actor=Actor.CALLER, given=sent)
    assert found(library, route(asked, made)) == ()


def test_one_leak_is_one_finding(library: Policy) -> None:
    entry = route(
        use(line=20),
        use(UseKind.WRITE, line=21, looks=(guard(GuardKind.LATER),)),
        use(line=22, model="res.partner", choice=Choice.RELATED, parent="library.loan", fields=("email",)),
    )
    findings = found(library, entry)
    assert said(findings) == [("route-idor", "high", "high")]
    assert findings[0].model == "library.loan"


def test_routes_that_come_by_the_same_line_are_one_finding(library: Policy) -> None:
    chosen = {"chosen_at": at(5), "chosen": "browse(loan_id)"}
    one = route(use(line=20, **chosen), name="first")
    other = route(use(UseKind.WRITE, line=30, **chosen), name="second")
    findings = found(library, one, other)
    assert said(findings) == [("route-idor", "critical", "high")]
    assert findings[0].line == 5
    assert any("/first/" in step.text for step in findings[0].evidence)


def test_the_rights_of_who_asks_are_joined_with_the_proof(library: Policy) -> None:
    mine = use(actor=Actor.CALLER)
    kept = found(library, route(mine))
    assert said(kept) == [("route-idor", "info", "high")]
    assert kept[0].proof is not None
    assert kept[0].proof.verdict == "isolated"
    assert "(proved)" in kept[0].message
    opened = found(library, route(use(actor=Actor.CALLER, model="library.fine", fields=("amount",))))
    assert said(opened) == [("route-idor", "critical", "high")]
    assert opened[0].proof is not None
    assert opened[0].proof.witness is not None
    assert found(library, route(use(actor=Actor.CALLER, model="library.shelf", fields=("name",)))) == ()
    assert found(library, route(mine, auth="none")) == ()


def test_a_superuser_finding_says_what_the_rules_would_have_done(library: Policy) -> None:
    by_rule, by_nothing = (
        found(library, route(use(model=model, fields=("name", "partner_id"))))[0].message
        for model in ("library.loan", "library.fine")
    )
    assert "only what is tied to them (proved), but this runs as superuser" in by_rule
    assert "no rule limits" in by_nothing.lower()


def test_little_is_told_by_a_state_and_nothing_by_an_id(library: Policy) -> None:
    assert said(found(library, route(use(fields=("state",))))) == [("route-idor", "low", "high")]
    assert found(library, route(use(fields=("id", "create_date")))) == ()
    assert said(found(library, route(use(fields=("partner_id.name",))))) == [("route-idor", "high", "high")]
    assert said(found(library, route(use(fields=("*",))))) == [("client-domain-under-sudo", "high", "high")]


def test_of_a_record_on_a_page_counts_what_the_page_shows(library: Policy) -> None:
    rendered = Use(
        kind=UseKind.RENDER,
        origin=at(20),
        text="request.render(...)",
        template="library_desk.page",
        values=(Passed("loan", "library.loan", Actor.SUPERUSER, Choice.CALLER_ID, (), ID),),
    )
    entry = route(use(fields=()), rendered)
    place = Origin("library_desk/views/pages.xml", 3, "library_desk")

    def page(field: str) -> Page:
        shown = Shown(origin=place, path=f"loan.{field}", model="library.loan", field=field, root="loan")
        return Page(template="library_desk.page", origin=place, shown=(shown,))

    assert said(found(library, entry)) == [("route-idor", "high", "high")]
    assert said(found(library, entry, pages=(page("state"),))) == [("route-idor", "low", "high")]
    assert said(found(library, entry, pages=(page("note"),))) == [("route-idor", "high", "high")]


def test_confidence_is_what_was_read(library: Policy) -> None:
    assert said(found(library, route(use(certain=False)))) == [("route-idor", "high", "medium")]
    unnamed = use(given=(Given("parameter"),))
    assert said(found(library, route(unnamed))) == [("route-idor", "high", "medium")]
    secret = use(given=(*ID, Given("parameter", "access_token")))
    assert said(found(library, route(secret))) == [("route-idor", "high", "low")]
    perhaps = use(chosen_at=at(20), chosen='env["library.loan"].sudo(flag).browse(loan_id)')
    assert said(found(library, route(perhaps))) == [("route-idor", "high", "low")]
    helper = use(looks=(guard(GuardKind.HELPER, "self._check(loan)"),))
    assert said(found(library, route(helper))) == [("route-idor", "high", "low")]
    assert said(found(library, route(use(actor=Actor.OTHER)))) == [("route-idor", "high", "low")]
    assert said(found(library, route(use(model="unread.model")))) == [("route-idor", "medium", "medium")]


def test_what_the_caller_does_not_choose_is_left_out(library: Policy) -> None:
    for choice in (Choice.OWN, Choice.SESSION, Choice.TOKEN, Choice.FIXED, Choice.NEW, Choice.CONVERTER):
        assert found(library, route(use(choice=choice))) == (), choice
    assert found(library, route(use(choice=Choice.RELATED, given=()))) == ()
    everybody = use(choice=Choice.ALL, given=(), fields=("partner_id.name",))
    assert said(found(library, route(everybody))) == [("route-idor", "medium", "medium")]


def test_a_model_or_a_domain_of_the_callers_is_another_check(library: Policy) -> None:
    domain = use(UseKind.SEARCH, choice=Choice.CALLER_DOMAIN, given=(Given("body", "domain"),))
    assert said(found(library, route(domain))) == [("client-domain-under-sudo", "high", "high")]
    model = use(model="*", choice=Choice.CALLER_DOMAIN)
    assert said(found(library, route(model, auth="public"))) == [
        ("client-domain-under-sudo", "critical", "high")
    ]
    shelf = use(UseKind.SEARCH, model="library.shelf", choice=Choice.CALLER_DOMAIN)
    assert said(found(library, route(shelf))) == [("client-domain-under-sudo", "medium", "high")]


def test_something_created_on_a_record_of_the_callers_choice(library: Policy) -> None:
    def created(*names: str, fields: tuple[str, ...] = ("name", "res_model", "res_id")) -> Entry:
        sent = tuple(Given("body", name) for name in names)
        made = use(
            UseKind.CREATE, model="ir.attachment", choice=Choice.NEW, given=sent, written=sent, fields=fields
        )
        return route(made, auth="public")

    assert [one.check for one in found(library, created("name", "loan_id"))] == ["public-route-sudo"]
    assert found(library, created("name")) == ()
    assert found(library, created("name", "loan_id", fields=("name",))) == ()


def test_methods_are_only_told_of_checks_that_pass_for_everybody(library: Policy) -> None:
    mine = use(choice=Choice.SELF, given=(Given("self"),))
    assert found(library, method(mine)) == ()
    fooled = msgspec.structs.replace(
        mine, looks=(guard(GuardKind.UNDER_SUDO, "self.sudo().check_access('read')"),)
    )
    assert said(found(library, method(fooled))) == [("check-under-sudo", "high", "high")]


def test_an_effect_before_the_first_refusal(library: Policy) -> None:
    made = use(UseKind.CREATE, line=20, model="library.fine", choice=Choice.NEW, given=())
    own = use(UseKind.WRITE, line=21, choice=Choice.SELF, actor=Actor.CALLER, given=(Given("self"),))
    assert said(found(library, method(made, own))) == [("side-effect-before-check", "low", "high")]
    asked = msgspec.structs.replace(made, guards=(guard(GuardKind.ACCESS, "self.check_access('write')"),))
    assert found(library, method(asked, own)) == ()
    assert found(library, method(own, made)) == ()
    assert found(library, method(made)) == ()
    sent = use(UseKind.CALL, line=20, model="library.fine", choice=Choice.RELATED, method="action_send")
    assert said(found(library, method(sent, own))) == [("side-effect-before-check", "medium", "high")]
    read = msgspec.structs.replace(made, guards=(guard(GuardKind.READ, "self.name"),))
    assert found(library, method(read, own)) == ()
    read_later = msgspec.structs.replace(own, guards=(guard(GuardKind.READ, "self.name"),))
    assert found(library, method(made, read_later)) == ()
    inherited = msgspec.structs.replace(read_later, steps=(Step("super().action_send()", own.origin),))
    assert said(found(library, method(made, inherited))) == [("side-effect-before-check", "low", "high")]
    assert said(found(library, method(sent, read_later))) == [("side-effect-before-check", "medium", "high")]
    elsewhere = msgspec.structs.replace(made, origin=Origin("base/models/users.py", 3, "base"))
    assert found(library, method(elsewhere, own)) == ()
    log = msgspec.structs.replace(made, model="mail.message")
    assert found(library, method(log, own)) == ()


def test_the_guide_that_checks_a_superuser_record_its_twin_and_the_right_one() -> None:
    """One looks safe and is not, one has no check at all, one is right: each is told once, by its own check."""
    policy = open_policy([HERE / "check-under-sudo/bad"], odoo="18.0", cache=False, code=True)
    result = audit(policy, select=CHECKS)
    assert not result.errors
    assert {(one.subject.rpartition(".")[2], one.check, str(one.severity)) for one in result.findings} == {
        ("visit", "check-under-sudo", "high"),
        ("visit_plain", "route-idor", "critical"),
        ("set_reason", "check-under-sudo", "critical"),
        ("summary", "check-under-sudo", "high"),
        ("arrive", "route-idor", "critical"),
        ("arrive", "check-under-sudo", "high"),
    }


def test_what_is_sold_before_anything_is_checked(tmp_path: Path) -> None:
    """An override that does something as superuser and leaves the check to what it overrides."""
    addon = tmp_path / "rental_sale"
    addon.mkdir()
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "__manifest__.py").write_text(
        "{'name': 'Rental sale', 'depends': ['base'], 'data': ['ir.model.access.csv']}"
    )
    (addon / "ir.model.access.csv").write_text(
        "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
        "machine_user,machine user,model_rental_machine,base.group_user,1,0,0,0\n"
    )
    model = """
from odoo import fields, models


class Machine(models.Model):
    _name = "rental.machine"
    name = fields.Char()
    state = fields.Char()
    partner_id = fields.Many2one("res.partner")

    def action_sold(self):
        self.state = "sold"


class Bill(models.Model):
    _name = "rental.bill"
    partner_id = fields.Many2one("res.partner")


class Sold(models.Model):
    _inherit = "rental.machine"

    def action_sold(self):
        CHECK
        self.env["rental.bill"].sudo().create({"partner_id": self.partner_id.id})
        return super().action_sold()
"""
    found = {}
    for check in ("pass", "self.check_access('write')"):
        (addon / "models.py").write_text(model.replace("CHECK", check))
        policy = open_policy([addon], odoo="18.0", cache=False, code=True)
        found[check] = [one.check for one in audit(policy, select=CHECKS).findings]
    assert found == {"pass": ["side-effect-before-check"], "self.check_access('write')": []}


def test_what_is_searched_as_the_caller_before_keeps_out_who_has_no_right_to_it(library: Policy) -> None:
    def leaks(model: str, auth: str = "user") -> list[tuple[str, str, str]]:
        entered = guard(GuardKind.ENTERED, model=model, mode="read")
        return said(found(library, route(use(looks=(entered,)), auth=auth)))

    assert leaks("library.loan")  # portal users may read loans
    assert leaks("no.such.model")  # who may is not known
    assert not leaks("library.loan", auth="public")
    assert not leaks("ir.rule")
