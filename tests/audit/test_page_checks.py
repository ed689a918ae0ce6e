"""Verdicts on pages, each on a small policy: who reads it, through which record, and who wrote what it puts out."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.audit import Finding, audit
from ostiary.policy import Policy
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
    Raw,
    Route,
    Shown,
    Use,
    UseKind,
)
from ostiary.policy.definitions import AccessRight, Field, Group, GroupLink, Mode, Model, Module, RecordRule
from ostiary.policy.origin import Origin

HERE = Origin("desk/views.xml", 7, "desk")
ROUTE = Origin("desk/controllers.py", 3, "desk")
THERE = Origin("portal/views.xml", 9, "portal")
DOCUMENT = Guard(GuardKind.DOCUMENT, "_document_check_access", ROUTE)
TICKET = Passed(name="ticket", model="desk.ticket", actor=Actor.SUPERUSER, guards=(DOCUMENT,))
READ = (Mode.READ,)
CHECKS = ["template-raw-output", "internal-field-on-portal-page", "superuser-record-walked-in-template"]


def field(name: str, kind: str = "char", **values: Any) -> Field:
    return Field(origin=HERE, name=name, type=kind, **values)


FIELDS = [
    field("name"),
    field("partner_id", "many2one", comodel="res.partner"),
    field("team_id", "many2one", comodel="desk.team"),
    field("message_ids", "one2many", comodel="mail.message"),
    field("text", "text"),
    field("computed", "text", compute="_compute", store=False),
    field("cleaned", "html"),
    field("rank", "integer", groups="desk.group_agent"),
    field("margin", "float"),
    field("delivery_cost", "float"),
    field("cost", "float"),
    field("recaptcha_private_key"),
    field("password"),
    field("salary", "float", groups="desk.group_agent"),
    field("access_token"),
]
TICKET_MODEL = Model(
    origin=HERE, name="desk.ticket", modules=("desk",), fields={one.name: one for one in FIELDS}
)
OTHERS = {
    "desk.team": [field("name"), field("ticket_ids", "one2many", comodel="desk.ticket", inverse="team_id")],
    "res.partner": [field("name"), field("comment", "html"), field("email")],
    "res.users": [field("name"), field("partner_id", "many2one", comodel="res.partner", required=True)],
    "mail.message": [field("body", "html"), field("is_internal", "boolean")],
}


def group(name: str, *, share: bool = False) -> Group:
    return Group(origin=HERE, xmlid=name, name=name, share=share)


def policy(
    *pages: Page,
    entries: tuple[Entry, ...] = (),
    rights: tuple[tuple[str, str, Mode], ...] = (),
    rule: str = "",
) -> Policy:
    others = {
        name: Model(origin=HERE, name=name, modules=("desk",), fields={one.name: one for one in fields})
        for name, fields in OTHERS.items()
    }
    rules = [
        RecordRule(
            origin=HERE,
            xmlid="desk.rule",
            name="Own",
            model="desk.ticket",
            domain_force=rule,
            groups=(GroupLink("base.group_portal", HERE),),
        )
    ]
    return Policy(
        odoo="18.0",
        modules={
            "desk": Module(origin=HERE, name="desk"),
            "portal": Module(origin=THERE, name="portal", context=True),
        },
        models={"desk.ticket": TICKET_MODEL, **others},
        groups={
            one.xmlid: one
            for one in (
                group("base.group_user"),
                group("base.group_portal", share=True),
                group("base.group_public", share=True),
                group("desk.group_agent"),
            )
        },
        rights=[
            AccessRight(origin=HERE, xmlid=f"desk.right{number}", model=model, group=held, modes=(mode,))
            for number, (model, held, mode) in enumerate(rights)
        ],
        rules=rules if rule else [],
        code=Code(entries=[*entries], pages=list(pages)),
    )


def entry(
    *values: Passed, auth: str = "user", guards: tuple[Guard, ...] = (), template: str = "desk.page"
) -> Entry:
    use = Use(kind=UseKind.RENDER, origin=ROUTE, text="", template=template, values=values, guards=guards)
    route = Route(paths=("/my/ticket",), auth=auth)
    return Entry(
        kind=EntryKind.ROUTE, name="desk.Main.page", module="desk", origin=ROUTE, route=route, uses=(use,)
    )


def page(*shown: Shown, values: tuple[Passed, ...] = (TICKET,), raw: tuple[Raw, ...] = (), **kw: Any) -> Page:
    return Page(
        template="desk.page",
        origin=HERE,
        entries=("desk.Main.page",),
        values=values,
        shown=shown,
        raw=raw,
        **kw,
    )


def put_out(
    path: str, model: str = "desk.ticket", origin: Origin = HERE, as_: str = "out", groups: str = ""
) -> Shown:
    """A field that is put out; `path` starts at a value of the page."""
    root, *steps = path.split(".")
    through: list[str] = []
    here = "desk.ticket" if root == "ticket" else "res.users"
    for step in [one for one in steps[:-1] if not one.endswith(")")]:
        through.append(here)
        known = TICKET_MODEL.fields if here == "desk.ticket" else {one.name: one for one in OTHERS[here]}
        here = known[step].comodel or ""
    assert here == model
    return Shown(origin, path, model, steps[-1], root, as_, through=tuple(through), groups=groups)


def found(judged: Policy) -> list[Finding]:
    result = audit(judged, select=CHECKS)
    assert result.errors == ()
    return [one for one in result.findings if one.check in CHECKS]


def verdicts(*shown: Shown, value: Passed = TICKET, entries: tuple[Entry, ...] = (), **kw: Any) -> list[str]:
    judged = policy(page(*shown, values=(value,)), entries=entries or (entry(value),), **kw)
    return [f"{one.check}: {one.severity}, {one.confidence}" for one in found(judged)]


def internal(severity: str, confidence: str) -> list[str]:
    return [f"internal-field-on-portal-page: {severity}, {confidence}"]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (put_out("ticket.margin"), internal("medium", "high")),
        (put_out("ticket.cost"), internal("low", "medium")),
        (put_out("ticket.delivery_cost"), []),
        (put_out("ticket.name"), []),
        (put_out("ticket.rank"), internal("medium", "high")),
        (put_out("ticket.salary"), internal("high", "high")),
        (put_out("ticket.password"), internal("high", "medium")),
        (put_out("ticket.recaptcha_private_key"), []),
        (put_out("ticket.access_token"), []),
        (put_out("ticket.partner_id.comment", "res.partner"), internal("medium", "high")),
        (put_out("ticket.margin", as_="condition"), []),
        (put_out("ticket.margin", as_="foreach"), []),
        (put_out("ticket.margin", groups="base.group_user"), []),
        (put_out("ticket.margin", groups="base.group_portal,base.group_user"), internal("medium", "high")),
        (put_out("ticket.margin", groups="base.group_portal;desk.group_agent"), []),
        (put_out("ticket.margin", groups="!base.group_public"), internal("medium", "high")),
        (put_out("ticket.message_ids.body", "mail.message"), internal("medium", "high")),
        (put_out("ticket.message_ids.filtered().body", "mail.message"), []),
        (put_out("user_id.partner_id.comment", "res.partner"), []),
    ],
)
def test_fields_for_employees(shown: Shown, expected: list[str]) -> None:
    assert verdicts(shown) == expected


def test_what_the_user_reads_as_such_is_held_to_groups() -> None:
    as_user = Passed(name="ticket", model="desk.ticket")
    assert (
        verdicts(put_out("ticket.rank"), put_out("ticket.message_ids.body", "mail.message"), value=as_user)
        == []
    )
    assert verdicts(put_out("ticket.margin"), value=as_user) == internal("low", "high")
    assert verdicts(put_out("ticket.sudo().rank"), value=as_user) == internal("medium", "high")
    assert verdicts(put_out("ticket.with_user().rank")) == []
    assert verdicts(put_out("ticket.sudo(False).rank")) == []


def test_a_discussion_that_tells_notes_apart() -> None:
    body = put_out("ticket.message_ids.body", "mail.message")
    assert verdicts(body, put_out("ticket.message_ids.is_internal", "mail.message", as_="condition")) == []


def test_what_is_personal_may_be_shown_to_that_person() -> None:
    own = Passed(name="ticket", model="desk.ticket", actor=Actor.SUPERUSER, choice=Choice.OWN)
    assert verdicts(put_out("ticket.salary"), value=own) == []
    assert verdicts(put_out("ticket.margin"), value=own) == internal("medium", "high")


def test_a_page_for_employees_is_none_for_others() -> None:
    guard = Guard(GuardKind.GROUP, "internal", ROUTE)
    assert verdicts(put_out("ticket.margin"), entries=(entry(TICKET, guards=(guard,)),)) == []


def test_the_route_that_asks_least_counts() -> None:
    judged = policy(page(put_out("ticket.margin")), entries=(entry(TICKET, auth="public"),))
    (one,) = found(judged)
    assert one.audience == ("public",)
    assert one.message.startswith("Portal users, and whoever has the link, see margin")


def test_a_page_of_another_module_is_told_where_it_is_rendered() -> None:
    (one,) = found(policy(page(put_out("ticket.margin", origin=THERE)), entries=(entry(TICKET),)))
    assert one.origin == ROUTE


def test_a_page_that_no_module_here_renders_or_writes_is_not_told() -> None:
    there = entry(TICKET)
    there.module = "portal"
    assert found(policy(page(put_out("ticket.margin", origin=THERE)), entries=(there,))) == []


OWN = "[('partner_id', '=', user.partner_id.id)]"
PORTAL_READS = (("desk.ticket", "base.group_portal", Mode.READ),)
SIBLINGS = put_out("ticket.team_id.ticket_ids.text")


def walked(severity: str, confidence: str = "high") -> list[str]:
    return [f"superuser-record-walked-in-template: {severity}, {confidence}"]


def test_records_of_others_behind_a_link() -> None:
    assert verdicts(SIBLINGS, rights=PORTAL_READS, rule=OWN) == walked("medium")
    assert verdicts(SIBLINGS) == walked("medium")  # no right at all
    assert verdicts(SIBLINGS, rights=PORTAL_READS) == []  # they may read them all
    assert verdicts(put_out("ticket.team_id.ticket_ids.filtered().text")) == walked("medium", "low")
    assert verdicts(put_out("ticket.team_id.ticket_ids.filtered(user).text")) == []
    assert verdicts(put_out("ticket.team_id.ticket_ids.name")) == []
    assert verdicts(put_out("ticket.team_id.name", "desk.team")) == []
    assert verdicts(SIBLINGS, value=Passed(name="ticket", model="desk.ticket")) == []


def raws(raw: Raw, *more: Entry, seen: bool = True, **kw: Any) -> list[str]:
    made = page(raw=(raw,)) if seen else Page(template="desk.page", origin=HERE, raw=(raw,))
    judged = policy(made, entries=(entry(TICKET), *more), **kw)
    return [f"{one.severity}, {one.confidence}" for one in found(judged)]


def of_field(name: str, how: str = "t-raw") -> Raw:
    return Raw(HERE, f"ticket.{name}", how, "ticket", "desk.ticket", name)


def write(fields: tuple[str, ...], given: tuple[Given, ...], actor: Actor = Actor.SUPERUSER) -> Entry:
    use = Use(
        kind=UseKind.WRITE,
        origin=ROUTE,
        text="",
        model="desk.ticket",
        actor=actor,
        fields=fields,
        written=given,
    )
    return Entry(
        kind=EntryKind.ROUTE,
        name="desk.Main.save",
        module="desk",
        origin=ROUTE,
        route=Route(paths=("/save",), auth="public"),
        uses=(use,),
    )


def test_who_writes_what_is_not_escaped() -> None:
    writes = (("desk.ticket", "base.group_portal", Mode.WRITE),)
    inside = (("desk.ticket", "base.group_user", Mode.WRITE),)
    sent = (Given("parameter", "text"),)
    assert raws(of_field("text"), rights=writes) == ["high, high"]
    assert raws(of_field("text"), rights=(("desk.ticket", "base.group_public", Mode.CREATE),)) == [
        "high, high"
    ]
    assert raws(of_field("text", "t-raw, through shorten()"), rights=writes) == ["high, low"]
    assert raws(of_field("text"), rights=inside) == ["low, medium"]
    assert raws(of_field("computed"), rights=writes) == ["low, low"]
    assert raws(of_field("text"), write(("text",), sent), rights=inside) == ["high, high"]
    assert raws(of_field("text"), write(("*",), sent), rights=inside) == ["high, high"]
    assert raws(of_field("text"), write(("*",), sent, Actor.CALLER), rights=inside) == ["low, medium"]
    assert raws(of_field("text"), write(("name",), sent), rights=inside) == ["low, medium"]
    assert raws(of_field("text"), write(("text",), ()), rights=inside) == ["low, medium"]


def test_what_the_request_brings_is_not_escaped() -> None:
    sent = Given("parameter", "words")
    assert raws(Raw(HERE, "words", "t-raw", "words", given=(sent,))) == ["high, high"]
    assert raws(Raw(HERE, "words", "t-raw", "words", given=(sent, Given("cookie")))) == ["high, medium"]
    assert raws(Raw(HERE, "words", "t-raw, through cut()", "words", given=(sent,))) == ["high, low"]
    assert raws(Raw(HERE, "words", "t-raw", "words", given=(sent,)), seen=False) == ["medium, low"]


def test_what_is_not_known_is_said_with_low_confidence() -> None:
    assert raws(Raw(HERE, "other", "t-raw", "other")) == ["low, low"]
    assert raws(Raw(HERE, "other", "t-raw", "other"), seen=False) == ["low, low"]
    assert raws(Raw(HERE, "go(#{other})", "t-attf-onclick", "other")) == []
    assert raws(Raw(THERE, "other", "t-raw", "other")) == []


def test_the_gravest_of_several_values_is_told() -> None:
    both = (
        of_field("name"),
        Raw(HERE, "ticket.name", "t-raw", "words", given=(Given("parameter", "words"),)),
    )
    (one,) = found(policy(page(raw=both), entries=(entry(TICKET),)))
    assert (str(one.severity), one.model) == ("high", None)


def test_nothing_is_said_where_code_was_not_read() -> None:
    judged = policy(page(put_out("ticket.margin")), entries=(entry(TICKET),))
    judged.code = None
    assert found(judged) == []
