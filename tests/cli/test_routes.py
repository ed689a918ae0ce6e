"""`ostiary routes`: of a small addon whose code is read, and of entries of each sort made up by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli import clinic
from cli.conftest import Ran
from cli.test_prove import Ask
from ostiary.audit.code.join import join
from ostiary.cli import app
from ostiary.policy import Mode, Origin, Policy
from ostiary.policy.code import (
    Actor,
    Choice,
    EntryKind,
    Given,
    Guard,
    GuardKind,
    Use,
    UseKind,
)
from ostiary.report import routes_formats, routes_html, routes_said, routes_terminal
from ostiary.report.routes_inventory import Inventory, Wanted, inventory
from ostiary.report.routes_reach import Ease, Listed, listed_of
from ostiary.report.routes_words import facts
from ostiary.sources import open_policy
from report.samples import HOSTILE
from report.test_html import Page
from report.test_proofs_formats import valid

SCHEMA = Path(__file__).resolve().parents[2] / "docs/routes.schema.json"


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The clinic, with what its code does written down by hand."""
    read = open_policy([clinic.write(tmp_path_factory.mktemp("addons"))], cache=False)
    return msgspec.structs.replace(read, code=clinic.code())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that the runs of these tests share: it is not what they are about."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ask(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    """Run a command in this process, in a folder with the clinic as `addons/clinic`."""
    clinic.write(tmp_path / "addons")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("OSTIARY_DEBUG", raising=False)

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = app.run(list(arguments))
        said = capsys.readouterr()
        return Ran(code, said.out, " ".join(said.err.split()))

    return run


def found_in(policy: Policy, kind: EntryKind = EntryKind.ROUTE, wanted: Wanted | None = None) -> Inventory:
    def ask(label: str, model: str, mode: Mode) -> Any:
        return join(policy, label, model, mode)

    return inventory(policy, kind, wanted=wanted or Wanted(), ask=ask)


def one_of(found: Inventory, name: str) -> Listed:
    return next(one for one in found.listed if one.entry.name == name)


def doing(policy: Policy, *uses: Use, auth: str = "public") -> Listed:
    return listed_of(policy, clinic.route("made_up", 1, *uses, paths=("/x",), auth=auth))


def use(kind: UseKind = UseKind.READ, **said: Any) -> Use:
    given = {"model": "clinic.visit", "actor": Actor.SUPERUSER, "choice": Choice.CALLER_ID, **said}
    return Use(kind=kind, origin=clinic.at(1), text="...", **given)


def guard(kind: GuardKind, text: str = "", model: str = "clinic.visit") -> Guard:
    return Guard(kind, text, clinic.at(1), model)


# -- the command -----------------------------------------------------------------------------------------------


def test_a_route_that_browses_as_superuser_is_first(ask: Ask) -> None:
    ran = ask("routes", "addons", "--no-progress", "-f", "json")
    assert (ran.code, ran.err) == (0, "")
    document = valid(ran.out, SCHEMA)
    first, second = document["entries"]
    assert first["route"]["paths"] == ["/clinic/visit/<int:visit_id>"]
    assert (first["caller"], first["ease"]) == ("public", "unchecked")
    (reach,) = (one for one in first["reaches"] if one["model"] == "clinic.visit")
    assert (reach["rights"], reach["choices"]) == ("superuser", ["caller-id"])
    assert reach["given"] == [{"source": "path", "name": "visit_id"}]
    assert reach["standing"] == [{"audience": "public", "mode": "read", "standing": "nothing"}]
    assert (second["caller"], second["ease"]) == ("portal", "own-rights")
    assert [one["standing"] for one in second["reaches"][0]["standing"]] == ["open"]


def test_on_a_terminal_and_in_files(ask: Ask) -> None:
    text = ask("routes", "addons", "--no-progress").out
    assert "2 routes: 1 for anybody, without a login, 1 for anybody who is logged in." in text
    assert "● /clinic/visit/<int:visit_id>\n" in text
    assert "· /my/rooms  logged in · GET  clinic.room (open)" in text
    ran = ask("routes", "addons", "--no-progress", "-o", "routes.html", "--title", "Our clinic")
    assert ran.out.endswith("The report is routes.html.\n")
    assert "<h1>Our clinic</h1>" in Path("routes.html").read_text("utf-8")
    ask("routes", "addons", "--no-progress", "-o", "routes.md")
    assert "| ● | /clinic/visit/\\<int:visit\\_id\\> |" in Path("routes.md").read_text("utf-8")


def test_those_of_dependencies_are_only_listed_with_all(ask: Ask) -> None:
    Path("more").mkdir()
    Path("addons/clinic").rename("more/clinic")
    (addon := Path("addons/office")).mkdir()
    (addon / "__manifest__.py").write_text(
        '{"name": "Office", "version": "18.0.1.0.0", "depends": ["clinic"]}', "utf-8"
    )
    (addon / "__init__.py").write_text("", "utf-8")
    needs = ("--addons-path", "more", "--no-progress", "--no-proof")
    assert ask("routes", "addons", *needs).out.count("There is no route in the modules that were read") == 1
    assert "/my/rooms" in ask("routes", "addons", "--all", *needs).out


def test_what_is_not_there_is_said_in_a_sentence(ask: Ask) -> None:
    for arguments, sentence in (
        (("--path", "/my/room"), "No route has the path /my/room; did you mean /my/rooms?"),
        (
            ("--model", "clinic.vist"),
            "No model is called clinic.vist; did you mean clinic.visit or clinic.line?",
        ),
    ):
        ran = ask("routes", "addons", "--no-progress", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert sentence in ran.err


def test_a_target_without_code_is_said_to_be_so(ask: Ask) -> None:
    ask("snapshot", "addons", "-o", "was.json", "--no-progress")
    ran = ask("routes", "was.json", "--no-progress")
    assert ran.code == 2
    assert "No code was read from was.json" in ran.err


# -- what is narrowed down -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(audience="public"), ["visit", "pay"]),
        (Wanted(audience="portal"), ["visit", "pay", "rooms"]),
        (Wanted(audience="internal"), ["visit", "pay", "staff", "rooms"]),
        (Wanted(models=("clinic.room",)), ["pay", "rooms"]),
        (Wanted(paths=("/clinic/*",)), ["visit", "pay", "staff"]),
        (Wanted(changes=True), ["pay"]),
        (Wanted(superuser=True, paths=("*visit*",)), ["visit", "pay"]),
    ],
)
def test_filters(policy: Policy, wanted: Wanted, names: list[str]) -> None:
    found = inventory(policy, EntryKind.ROUTE, wanted=wanted)
    assert [one.entry.method for one in found.listed] == names
    assert found.total == 4


# -- how little stands between ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "ease"),
    [
        ({"actor": Actor.CALLER}, Ease.OWN_RIGHTS),
        ({"choice": Choice.OWN}, Ease.PAST_RIGHTS),
        ({"choice": Choice.CONVERTER}, Ease.PAST_RIGHTS),
        ({"guards": (guard(GuardKind.OWNER),)}, Ease.LET_PASS),
        ({"guards": (guard(GuardKind.GROUP, "base.group_user"),)}, Ease.LET_PASS),
        # Everybody whom the route lets in has this group.
        ({"guards": (guard(GuardKind.GROUP, "base.group_public"),)}, Ease.UNCHECKED),
        ({"looks": (guard(GuardKind.UNDER_SUDO),)}, Ease.UNCHECKED),
        ({"looks": (guard(GuardKind.HELPER, "self._allowed()"),)}, Ease.NOT_FOLLOWED),
        ({"certain": False}, Ease.NOT_FOLLOWED),
        ({"choice": Choice.UNKNOWN}, Ease.NOT_FOLLOWED),
        ({"choice": Choice.RELATED, "parent": "clinic.line"}, Ease.PAST_RIGHTS),
        (
            {"choice": Choice.RELATED, "parent": "clinic.line", "given": (Given("path", "id"),)},
            Ease.UNCHECKED,
        ),
        ({}, Ease.UNCHECKED),
    ],
)
def test_how_little_stands_between(policy: Policy, said: dict[str, Any], ease: Ease) -> None:
    assert doing(policy, use(**said)).ease is ease


def test_to_look_for_records_is_less_than_to_use_them(policy: Policy) -> None:
    assert doing(policy, use(UseKind.SEARCH)).ease is Ease.PAST_RIGHTS
    assert doing(policy, use(UseKind.SEARCH, choice=Choice.CALLER_DOMAIN)).ease is Ease.UNCHECKED
    (reach,) = doing(policy, use(UseKind.SEARCH), use(UseKind.WRITE)).reaches
    assert reach.kinds == (UseKind.WRITE,)


def test_a_query_of_what_the_caller_sends(policy: Policy) -> None:
    query = use(UseKind.SQL, model="", built="interpolated", written=(Given("parameter", "order"),))
    assert doing(policy, query).ease is Ease.UNCHECKED
    assert doing(policy, msgspec.structs.replace(query, built="parameters")).ease is Ease.PAST_RIGHTS
    assert doing(policy, msgspec.structs.replace(query, written=())).ease is Ease.PAST_RIGHTS


def test_what_the_rules_leave_open_is_reached_past_no_rule(policy: Policy) -> None:
    reading = clinic.route("r", 1, use(model="clinic.room"), paths=("/r",))
    held = msgspec.structs.replace(policy, code=msgspec.structs.replace(clinic.code(), entries=[reading]))
    assert inventory(held, EntryKind.ROUTE).listed[0].ease is Ease.UNCHECKED
    (one,) = found_in(held).listed
    assert one.ease is Ease.PAST_RIGHTS
    assert "no rule limits which of its records portal users may read" in routes_said.proved(
        one.reaches[0], held
    )


def test_what_the_code_of_other_modules_gets_hold_of_itself_is_only_named(policy: Policy) -> None:
    base = Origin("base/models/ir_sequence.py", 10, "base")
    far = msgspec.structs.replace(use(UseKind.WRITE, model="res.partner"), origin=base)
    one = doing(policy, far)
    assert (one.ease, one.reaches, [each.model for each in one.beyond]) == (
        Ease.OWN_RIGHTS,
        (),
        ["res.partner"],
    )
    assert routes_said.beyond(one) == "The code of base that it calls uses res.partner as superuser."
    ours = msgspec.structs.replace(far, chosen_at=clinic.at(3))
    assert doing(policy, ours).ease is Ease.UNCHECKED


def test_who_may_call(policy: Policy) -> None:
    logged_in = use(guards=(guard(GuardKind.GROUP, "logged-in"),))
    staff = use(guards=(guard(GuardKind.GROUP, "base.group_user"),))
    assert doing(policy, use()).caller == "public"
    assert doing(policy, use(), auth="user").caller == "portal"
    assert doing(policy, logged_in).caller == "portal"
    assert doing(policy, staff).caller == "internal"
    assert doing(policy, staff, use()).caller == "public"


def test_what_it_asks_for_by_itself(policy: Policy) -> None:
    looked_up = use(UseKind.READ, model="res.users", choice=Choice.TOKEN)
    keyed = use(guards=(guard(GuardKind.AUTHENTICATED, "consteq(key, secret)"),))
    login = use(guards=(guard(GuardKind.AUTHENTICATED, "self._check_credentials(login, password)"),))
    by_form = use(guards=(guard(GuardKind.AUTHENTICATED, "request.validate_csrf(token)"),))
    said = [
        [fact for fact in facts(doing(policy, *uses).entry) if fact.startswith("asks")]
        for uses in ((looked_up, keyed), (login,), (keyed, use()), (by_form,), ())
    ]
    assert said == [["asks for a key or signature"], ["asks for a password or key"], [], [], []]


def test_what_they_choose_by_is_named_as_what_it_is(policy: Policy) -> None:
    (by_name,) = doing(policy, use(given=(Given("parameter", "email"),))).reaches
    assert routes_said.said(by_name).startswith("reads records that they pick out (the parameter email)")
    found = use(UseKind.SEARCH, choice=Choice.TOKEN)
    (made,) = doing(policy, found, use(UseKind.CREATE, choice=Choice.NEW)).reaches
    assert routes_said.said(made) == "creates new records, as superuser."


# -- what is said ----------------------------------------------------------------------------------------------


def test_the_sentences(policy: Policy) -> None:
    found = found_in(policy)
    visit, line = one_of(found, "clinic.Clinic.visit").reaches
    assert routes_said.said(visit) == (
        "reads records whose id they name (visit_id in the path), as superuser. Nothing that was read checks it."
    )
    assert routes_said.said(line).startswith("reads what belongs to clinic.visit, as superuser.")
    assert routes_said.proved(visit, policy) == (
        "By their own rights: no access right lets public visitors read it."
    )
    paid, room = one_of(found, "clinic.Clinic.pay").reaches
    assert routes_said.said(paid) == (
        "changes state of records whose id they name (visit_id in the path), as superuser. They pass if they know its "
        "secret."
    )
    assert routes_said.said(room) == "creates new records, with any field that they name, as superuser."
    (cancel,) = one_of(found_in(policy, EntryKind.RPC), "clinic.visit.action_cancel").reaches
    assert routes_said.said(cancel) == (
        "changes state of the records they name, as superuser. Nothing that was read checks it. It only looks like a "
        "check: a test of its state, which says nothing of who asks."
    )


def test_what_is_minor_among_much_is_only_named(policy: Policy) -> None:
    own = {"actor": Actor.CALLER, "choice": Choice.ALL}
    many = [
        use(UseKind.WRITE),
        use(model="clinic.line", choice=Choice.OWN),
        use(UseKind.CREATE, model="clinic.room", choice=Choice.NEW),
        use(model="res.partner", **own),
        use(UseKind.SEARCH, model="res.users"),
    ]
    one = doing(policy, *many)
    assert [(row.models, row.text) for row in routes_said.rows(one, policy, short=True)][1:] == [
        ("clinic.room", "creates new records, as superuser."),
        ("res.users", "looks for records whose id they name, as superuser."),
        ("also", "as superuser, not chosen by the caller: clinic.line"),
        ("also", "as the caller: res.partner"),
    ]
    assert len(routes_said.rows(one, policy)) == len(many)
    assert len(routes_said.rows(doing(policy, *many[:3]), policy, short=True)) == 3


def test_the_same_is_said_once(policy: Policy) -> None:
    alike = [use(UseKind.CREATE, model=each, choice=Choice.NEW) for each in ("clinic.visit", "clinic.line")]
    (row,) = routes_said.rows(doing(policy, *alike), policy)
    assert row.models == "clinic.visit, clinic.line"


def test_the_summary(policy: Policy) -> None:
    assert routes_said.summary(found_in(policy)) == [
        "4 routes: 2 for anybody, without a login, 1 for anybody who is logged in, 1 for those who hold a group.",
        "3 go past access rights on records that the caller chooses, or with what the caller sends.",
        "In 1 nothing that was read checks it: look at that first.",
    ]
    assert routes_said.summary(found_in(policy, wanted=Wanted(models=("clinic.room",), superuser=False)))[
        0
    ] == (
        "2 routes that reach clinic.room, of 4: 1 for anybody, without a login, 1 for anybody who is logged in."
    )


@pytest.mark.parametrize("width", [40, 80, 160])
def test_no_line_is_wider_than_the_terminal(policy: Policy, width: int) -> None:
    text = routes_terminal.as_text(found_in(policy), policy, width=width)
    # What is kept whole, such as a place, may be longer.
    assert [line for line in text.split("\n") if len(line) > width and "clinic/" not in line] == []
    assert "clinic_api.charge" in text


def test_every_format_is_the_same_from_run_to_run_and_describes_itself(policy: Policy) -> None:
    for kind in EntryKind:
        found = found_in(policy, kind)
        document = valid(routes_formats.as_json(found, policy, targets=["clinic"]), SCHEMA)
        assert document["kind"] == kind.value
        assert document["summary"]["entries"] == len(document["entries"]) == len(found.listed)
        again = found_in(policy, kind)
        assert routes_html.render(found, policy) == routes_html.render(again, policy)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_was_read_is_markup_or_commands_a_terminal(policy: Policy, text: str) -> None:
    hostile = clinic.route(
        "r", 1,
        use(model=text, given=(Given("path", text),), looks=(guard(GuardKind.HELPER, text),)),
        use(UseKind.RENDER, template=text), use(UseKind.CALL, method=text),
        paths=(text,), methods=(text,), auth=text, unread=(text,),
    )  # fmt: skip
    held = msgspec.structs.replace(policy, code=msgspec.structs.replace(clinic.code(), entries=[hostile]))
    found = inventory(held, EntryKind.ROUTE)
    page = routes_html.render(found, held, title=text, targets=[text])
    assert Page(page).all("script") == [{}]
    shown = routes_terminal.as_text(found, held, targets=[text])
    markdown = routes_formats.as_markdown(found, held, targets=[text])
    for said in (page, shown, markdown, routes_formats.as_json(found, held)):
        assert not any(hidden in said for hidden in ("\x1b", "\r", "\x00", "\u202e"))
    assert "<script>" not in markdown
