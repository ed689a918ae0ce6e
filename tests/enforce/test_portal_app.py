"""The portal of examples/portal_app: lists show one's own, and a guessed id is not found."""

from __future__ import annotations

import re
import shutil
import socket
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the portal needs fastapi")
pytest.importorskip("argon2", reason="the portal needs argon2-cffi")
pytest.importorskip("itsdangerous", reason="the portal needs itsdangerous")
pytest.importorskip("python_multipart", reason="the portal needs python-multipart")
pytest.importorskip("httpx", reason="the portal's tests need httpx")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # newer versions of starlette would rather have httpx's successor
    from fastapi.testclient import TestClient

EXAMPLES = Path(__file__).parents[2] / "examples"
ANN, BEN, CLEO, SAM = "ann@azure.example", "ben@beacon.example", "cleo@cedar.example", "sam@team.example"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sys.path.insert(0, str(EXAMPLES))
    try:
        from portal_app.main import create_app

        made = create_app(f"sqlite:///{tmp_path_factory.mktemp('portal') / 'portal.db'}")
        yield made
        made.state.engine.dispose()
    finally:
        sys.path.remove(str(EXAMPLES))


def token_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def client_of(app: Any, login: str | None) -> TestClient:
    """A browser's client, logged in."""
    client = TestClient(app)
    if login is not None:
        token = token_of(client.get("/login").text)
        done = client.post("/login", data={"login": login, "password": "demo", "csrf": token})
        assert done.url.path == "/my", done.text
    return client


@pytest.fixture(scope="module")
def clients(app: Any) -> dict[str | None, TestClient]:
    return {login: client_of(app, login) for login in (None, ANN, BEN, CLEO, SAM)}


def ids(client: TestClient, kind: str) -> set[int]:
    return {one["id"] for one in client.get(f"/api/{kind}").json()}


def test_nobody_sees_anything_without_logging_in(clients: dict[str | None, TestClient]) -> None:
    for path in ("/my", "/my/orders", "/my/orders/3", "/my/orders/999", "/my/tickets"):
        answer = clients[None].get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    for path in ("/api/my", "/api/orders", "/api/orders/3", "/api/tickets/1"):
        assert clients[None].get(path).status_code == 401


def test_lists_show_ones_own_and_no_two_customers_share(clients: dict[str | None, TestClient]) -> None:
    for kind in ("orders", "invoices", "tickets"):
        theirs = [ids(clients[login], kind) for login in (ANN, BEN, CLEO)]
        assert all(theirs)
        assert sum(map(len, theirs)) == len(set.union(*theirs))
        page = clients[ANN].get(f"/my/{kind}").text
        assert {int(one) for one in re.findall(rf'href="/my/{kind}/(\d+)"', page)} == theirs[0]


def test_a_guessed_id_is_not_found_whether_it_exists_or_not(clients: dict[str | None, TestClient]) -> None:
    for kind in ("orders", "invoices", "tickets"):
        mine = ids(clients[ANN], kind)
        [hidden, *_] = sorted(ids(clients[BEN], kind))
        assert clients[ANN].get(f"/my/{kind}/{min(mine)}").status_code == 200
        for prefix in ("/my", "/api"):
            answers = [
                clients[ANN].get(f"{prefix}/{kind}/{number}")
                for number in (hidden, 0, 99_999, 2**31, 2**63, 10**30, "nothing")
            ]
            assert {answer.status_code for answer in answers} == {404}
            # Before the page's own path is known there is nobody in particular: it is the same for all of them.
            assert len({answer.text for answer in answers}) == 1


def test_a_draft_is_not_the_customers_yet(clients: dict[str | None, TestClient]) -> None:
    drafts = {one["id"] for one in clients[SAM].get("/api/orders").json() if one["state"] == "draft"}
    assert drafts
    for login in (ANN, BEN, CLEO):
        for number in drafts:
            assert clients[login].get(f"/api/orders/{number}").status_code == 404


def test_the_team_sees_its_own_company(clients: dict[str | None, TestClient]) -> None:
    shown = clients[SAM].get("/api/orders").json()
    assert {one["company"] for one in shown} == {"Nordhaus Furniture"}
    order = shown[0]["id"]
    assert "Margin" in clients[SAM].get(f"/my/orders/{order}").text
    assert "Margin" not in clients[ANN].get(f"/my/orders/{min(ids(clients[ANN], 'orders'))}").text


def test_internal_messages_and_the_teams_names_stay_inside(clients: dict[str | None, TestClient]) -> None:
    page = clients[ANN].get("/my/tickets/1").text
    assert "The team" in page
    assert "Sam of" not in page
    assert "Supplier asked" not in page
    assert "Supplier asked" in clients[SAM].get("/my/tickets/1").text


def test_a_customer_opens_a_ticket_and_gets_an_answer(
    app: Any, clients: dict[str | None, TestClient]
) -> None:
    ann = client_of(app, ANN)
    token = token_of(ann.get("/my/tickets").text)
    order = min(ids(ann, "orders"))
    opened = ann.post(
        "/my/tickets",
        data={"title": "<b>Scratch</b>", "body": "On the side.", "about": f"order-{order}", "csrf": token},
    )
    assert opened.status_code == 200
    assert "&lt;b&gt;Scratch" in opened.text
    number = int(opened.url.path.rpartition("/")[2])
    assert clients[BEN].get(f"/my/tickets/{number}").status_code == 404
    sam = client_of(app, SAM)
    if clients[ANN].get(f"/api/tickets/{number}").json()["order_id"] in ids(sam, "orders"):
        sam.post(f"/my/tickets/{number}", data={"body": "We mend it.", "csrf": token_of(sam.get("/my").text)})
        assert "We mend it." in ann.get(f"/my/tickets/{number}").text


def test_nobody_writes_on_or_about_what_is_somebody_elses(
    app: Any, clients: dict[str | None, TestClient]
) -> None:
    ben = client_of(app, BEN)
    token = ben.get("/api/my").json()["token"]
    said = {"X-CSRF-Token": token}
    hidden, missing = min(ids(clients[ANN], "orders")), 99_999
    for number in (hidden, missing):
        new = {"title": "x", "body": "x", "order_id": number}
        assert ben.post("/api/tickets", json=new, headers=said).status_code == 404
    for number in (1, missing):
        assert (
            ben.post(f"/api/tickets/{number}/messages", json={"body": "x"}, headers=said).status_code == 404
        )
        assert ben.post(f"/my/tickets/{number}", data={"body": "x", "csrf": token}).status_code == 404
    cleo = client_of(app, CLEO)
    said = {"X-CSRF-Token": cleo.get("/api/my").json()["token"]}
    other = {"title": "x", "body": "x", "company_id": 2}  # Cleo buys from the first company only
    assert cleo.post("/api/tickets", json=other, headers=said).status_code == 403
    assert cleo.post("/api/tickets", json={**other, "company_id": 1}, headers=said).status_code == 201


def test_what_another_site_sends_is_refused(app: Any) -> None:
    ann = client_of(app, ANN)
    for csrf in ("", "wrong"):
        assert ann.post("/my/tickets", data={"title": "x", "body": "x", "csrf": csrf}).status_code == 403
        assert ann.post("/my/tickets/1", data={"body": "x", "csrf": csrf}).status_code == 403
        assert (
            ann.post(
                "/api/tickets/1/messages", json={"body": "x"}, headers={"X-CSRF-Token": csrf}
            ).status_code
            == 403
        )
        assert ann.post("/logout", data={"csrf": csrf}).status_code == 403
        assert ann.post("/login", data={"login": BEN, "password": "demo", "csrf": csrf}).status_code == 403
    assert ann.get("/my").status_code == 200


def test_a_wrong_password_and_an_unknown_login_are_told_alike(app: Any) -> None:
    client = TestClient(app)
    token = token_of(client.get("/login").text)
    texts = set()
    for login in (ANN, "nobody@azure.example"):
        answer = client.post("/login", data={"login": login, "password": "wrong", "csrf": token})
        assert answer.status_code == 401
        texts.add(answer.text.replace(f'value="{login}"', ""))
    assert len(texts) == 1


def test_whoever_logs_out_is_out(app: Any) -> None:
    ann = client_of(app, ANN)
    assert ann.post("/logout", data={"csrf": token_of(ann.get("/my").text)}).url.path == "/login"
    assert ann.get("/my", follow_redirects=False).status_code == 303


def test_pages_say_how_they_may_be_used(clients: dict[str | None, TestClient]) -> None:
    headers = clients[ANN].get("/my").headers
    assert headers["cache-control"] == "no-store"
    assert "default-src 'self'" in headers["content-security-policy"]
    cookie = TestClient(clients[ANN].app).get("/login").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


# ---------------------------------------------------------------------------------------------- in a browser


@pytest.fixture
def address(app: Any) -> Iterator[str]:
    uvicorn = pytest.importorskip("uvicorn", reason="the portal is served by uvicorn")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser is driven by playwright")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is on the PATH")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_a_customer_finds_their_way_in_a_browser(address: str, browser: Any) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.get_by_label("E-mail").fill(CLEO)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Hello, Cleo").wait_for()
    page.get_by_role("link", name="Orders", exact=True).click()
    rows = page.locator("table.rows tbody tr")
    rows.first.wait_for()
    assert rows.count() == 4
    rows.first.get_by_role("link").click()
    page.get_by_text("Cedar & Sons").wait_for()
    page.get_by_role("link", name="Ask about this order").click()
    page.get_by_label("Title").fill("How long is it?")
    page.get_by_label("Your question").fill("For the hall.")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="How long is it?").wait_for()
    page.get_by_label("Your reply").fill("And how high?")
    page.get_by_role("button", name="Reply").click()
    page.get_by_text("And how high?").wait_for()
    for path in ("/my/orders/3", "/my/orders/99999"):
        answer = page.goto(address + path)
        assert answer.status == 404
        page.get_by_role("heading", name="Not found").wait_for()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/my", "/my/orders", "/my/invoices", "/my/tickets"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Welcome back").wait_for()
    assert problems == []
