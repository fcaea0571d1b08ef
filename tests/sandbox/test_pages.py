"""The pages work without JavaScript, in two languages, and can be used by everybody."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import flask
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from sandbox.feedback import send_due_deliveries
from sandbox.texts import TEXTS
from sandbox.world import World
from tests.sandbox.conftest import Node

CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LOGIN = (
    "/identity/authorize?client_id=yijian&redirect_uri=http://127.0.0.1:8000/cb&response_type=code"
    "&scope=openid&state=s&code_challenge=x&code_challenge_method=S256"
)
FACE = "/face?state=s&subject=ordinary/father&return_to=http://127.0.0.1:8000/"
PAGES = ["/", "/?lang=en", "/sms", "/hospital", LOGIN, FACE, "/payment?task=t&year=2026,2027"]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_that_this_is_the_sandbox(app: flask.Flask, page: str) -> None:
    response = app.test_client().get(page)
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert TEXTS["banner"][1 if "lang=en" in page else 0] in text
    assert "<script" not in text


def test_english_stays_chosen(app: flask.Flask) -> None:
    client = app.test_client()
    client.get("/?lang=en")
    assert "SMS inbox" in client.get("/").get_data(as_text=True)


def test_changing_the_language_keeps_what_was_asked(app: flask.Flask) -> None:
    client = app.test_client()
    found = re.search(r'<a href="([^"]+)" lang="en"', client.get(LOGIN).get_data(as_text=True))
    assert found is not None
    page = client.get(found[1].replace("&amp;", "&"))
    assert page.status_code == 200 and "Choose a test person" in page.get_data(as_text=True)


def test_every_word_of_the_templates_has_a_text() -> None:
    folder = Path(__file__).parents[2] / "src/sandbox/templates"
    used = {
        key
        for file in folder.glob("*.html")
        for key in re.findall(r"""\bt\(['"](\w+)['"]\)""", file.read_text(encoding="utf-8"))
    }
    assert used and used <= set(TEXTS)
    assert all(zh and en for zh, en in TEXTS.values())


def test_an_error_on_a_page_is_a_page(app: flask.Flask) -> None:
    response = app.test_client().get("/face", headers={"Accept": "text/html"})
    assert response.status_code == 400 and "<h1>" in response.get_data(as_text=True)
    assert app.test_client().get("/nothing").status_code == 404


def test_the_hospital_records_a_late_delivery_and_reports_it(
    app: flask.Flask, node: Node, here: World
) -> None:
    here.keys.make_missing(["hospital-340100"])
    client = app.test_client()
    assert "医院稍后才录入分娩信息" in client.get("/hospital").get_data(as_text=True)
    assert client.post("/hospital/record", data={"family": "late-record"}).status_code == 303
    assert "医院稍后才录入分娩信息" not in client.get("/hospital").get_data(as_text=True)
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(503 if len(asked) == 1 else 200, json={})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    assert send_due_deliveries(here, http) == 0
    for row in here.store.open_documents("delivery_reports"):
        here.store.put("delivery_reports", row["report_id"], row | {"next_at": 0})
    assert send_due_deliveries(here, http) == 1
    assert asked[0].content == asked[1].content
    assert asked[0].url.path == "/api/v1/deliveries"
    assert 'keyid="hospital-340100"' in asked[0].headers["Signature-Input"]


FORM = {
    "institution": "H34010401",
    "born_at": "2026-01-05T08:30",
    "sex": "2",
    "weeks": "39",
    "weight_g": "3300",
    "length_cm": "50",
    "midwife": "江春晖",
}


def test_the_hospital_adds_a_delivery_that_the_register_then_knows(
    app: flask.Flask, node: Node, here: World
) -> None:
    family = here.families.get("ordinary")
    assert family is not None
    number = family["mother"]["id_number"]
    form = FORM | {"mother_id_number": number}
    assert app.test_client().post("/hospital/deliveries", data=form).status_code == 303
    deliveries = node.post("/registers/delivery", {"mother_id_number": number}).json["deliveries"]
    assert len(deliveries) == 2
    assert deliveries[1]["newborns"][0]["born_at"] == "2026-01-05T08:30:00+08:00"
    assert "2026-01-05T08:30" in app.test_client().get("/hospital").get_data(as_text=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mother_id_number": "11010519491231002X"},
        {"weeks": "90"},
        {"weight_g": "x"},
        {"sex": "3"},
        {"born_at": "2999-01-01T00:00"},
    ],
)
def test_a_wrong_delivery_is_refused(app: flask.Flask, here: World, wrong: dict[str, str]) -> None:
    family = here.families.get("ordinary")
    assert family is not None
    form = FORM | {"mother_id_number": family["mother"]["id_number"]} | wrong
    assert app.test_client().post("/hospital/deliveries", data=form).status_code == 422
    assert here.store.documents("deliveries") == []


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(app: flask.Flask, node: Node) -> Iterator[str]:
    node.post("/sms", {"message_id": "m1", "to": "19900000001", "text": "您的宝宝"})
    order = {"order_id": "o1", "what": "证", "recipient": "江", "phone": "1", "address": "路"}
    node.post("/courier/orders", order)
    server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_page_has_an_accessibility_finding(served: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for width in (390, 1280):
            page = browser.new_page(viewport={"width": width, "height": 844})
            for address in PAGES:
                page.goto(served + address)
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                findings = Axe().run(page)
                assert findings.violations_count == 0, findings.generate_report()
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{address} is {wide} wide"
        browser.close()
