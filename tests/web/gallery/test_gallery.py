"""Every part in a real browser: nothing overflows, all is big enough to hit, axe is content."""

import mimetypes
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

from tests.web.gallery.specimens import PAGES, render

SITE = "http://gallery.test"
HTML = "text/html; charset=utf-8"
WIDTHS = (320, 390, 1280)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}

# Everything a finger may want to hit, as [what, width, height]; a tile counts, not the box inside
# it, and a link within a sentence is as high as its line (WCAG 2.5.8 allows that).
TARGETS = """
() => [...document.querySelectorAll('a[href],button,input,select,textarea,summary,label.tick')]
  .filter((one) => one.type !== 'hidden' && one.getClientRects().length)
  .filter((one) => !one.closest('.banner p, .skip, .tick input'))
  .filter((one) => !one.matches('.skip, .tick input'))
  .map((one) => one.closest('.tile') || one)
  .map((one) => [one.outerHTML.slice(0, 90), one.offsetWidth, one.offsetHeight])
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


def opened(browser: Browser, page_name: str, *, width: int = 390, **options: Any) -> Page:
    """One specimen page, served from memory."""
    script = options.pop("script", True)
    html = render(page_name, **options)

    def answer(route: Route) -> None:
        address = route.request.url.removeprefix(SITE)
        if address.startswith("/static/"):
            path = finders.find(address.removeprefix("/static/"))
            assert path, f"no static file for {address}"
            kind = mimetypes.guess_type(address)[0]
            route.fulfill(path=path, content_type=kind)
        else:
            route.fulfill(body=html, content_type=HTML)

    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=script, locale="zh-CN"
    )
    context.route(f"{SITE}/**", answer)
    page = context.new_page()
    page.goto(f"{SITE}/")
    return page


@pytest.mark.parametrize("mode", ["normal", "elder"])
@pytest.mark.parametrize("page_name", PAGES)
def test_page_fits_every_width_and_satisfies_axe(
    browser: Browser, page_name: str, mode: str
) -> None:
    page = opened(browser, page_name, mode=mode)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page_name} is {wide} px wide in a window of {width} px"
        least = 24 if page_name.startswith("desk") else 60 if mode == "elder" else 44
        small = [one for one in page.evaluate(TARGETS) if min(one[1], one[2]) < least]
        assert not small, f"smaller than {least} px at {width} px: {small}"
    page.set_viewport_size({"width": 1280 if page_name.startswith("desk") else 390, "height": 800})
    found = Axe().run(page, options=AXE)
    assert not found.violations_count, found.generate_report()
    page.context.close()


@pytest.mark.parametrize("page_name", ["form", "check", "progress"])
def test_page_fits_a_narrow_phone_with_letters_twice_as_large(
    browser: Browser, page_name: str
) -> None:
    page = opened(browser, page_name, width=320)
    page.evaluate("document.documentElement.style.fontSize = '34px'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


@pytest.mark.parametrize("page_name", PAGES)
def test_page_fits_a_phone_in_english(browser: Browser, page_name: str) -> None:
    page = opened(browser, page_name, language="en")
    assert page.get_attribute("html", "lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_review_needs_no_scrolling_on_a_desk_screen(browser: Browser) -> None:
    page = opened(browser, "desk_review", width=1280, demo=False)
    assert page.evaluate("document.documentElement.scrollHeight") <= 800
    page.context.close()


def test_worklist_shows_ten_rows_at_once(browser: Browser) -> None:
    page = opened(browser, "desk_list", width=1280)
    last = page.locator("[data-row]").nth(9).bounding_box()
    assert last and last["y"] + last["height"] <= 800
    page.context.close()


def test_errors_take_the_focus_and_lead_to_the_field(browser: Browser) -> None:
    page = opened(browser, "form")
    assert page.evaluate("document.activeElement.hasAttribute('data-errors')")
    page.click(".errors a")
    assert page.evaluate("document.activeElement.id") == "id_newborn_name"
    page.context.close()


def test_autosave_sends_the_form_and_says_so(browser: Browser) -> None:
    page = opened(browser, "form")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.fill("#id_newborn_name", "张小满")
    assert sent.value.headers["x-autosave"] == "1"
    assert "张小满" in (sent.value.post_data or "")
    page.wait_for_function("document.querySelector('[data-saved]').className === 'saved'")
    page.context.close()


def test_autosave_says_when_it_failed(browser: Browser) -> None:
    page = opened(browser, "form")
    page.context.route(
        f"{SITE}/**",
        lambda route: route.abort() if route.request.method == "POST" else route.fallback(),
    )
    page.fill("#id_newborn_name", "张")
    page.wait_for_selector(".saved--failed")
    assert "尚未保存" in page.inner_text("[data-saved]")
    page.context.close()


def test_a_second_press_submits_nothing(browser: Browser) -> None:
    page = opened(browser, "name")
    page.evaluate(
        "window.sent = 0; document.addEventListener('submit', (event) => "
        "{ if (!event.defaultPrevented) { window.sent += 1; event.preventDefault(); } })"
    )
    page.evaluate("document.querySelector('form').requestSubmit()")
    page.evaluate("document.querySelector('form').requestSubmit()")
    assert page.evaluate("window.sent") == 1
    page.context.close()


def test_signature_is_drawn_with_a_pointer_and_cleared(browser: Browser) -> None:
    page = opened(browser, "check")
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 120, steps=12)
    page.mouse.up()
    strokes = page.input_value("[data-signature-value]")
    assert strokes.count(",") > 8
    assert "|40,40 " in strokes
    page.click("[data-signature-clear]")
    assert page.input_value("[data-signature-value]") == ""
    page.context.close()


def test_without_script_the_name_is_typed_instead(browser: Browser) -> None:
    page = opened(browser, "check", script=False)
    assert not page.is_visible("canvas")
    page.fill("#id_signature_typed", "王梅")
    page.context.close()


def test_waiting_page_puts_the_answer_in_place(browser: Browser) -> None:
    page = opened(browser, "checking")
    done = "<p id='checking'>核验完成</p>"
    page.context.route(f"{SITE}/", lambda route: route.fulfill(body=done, content_type=HTML))
    page.evaluate("document.querySelector('[data-refresh]').dataset.refresh = '0'")
    page.add_script_tag(path=str(finders.find("yijian/applicant.js")))
    page.wait_for_function("document.body.innerText.includes('核验完成')")
    page.context.close()


def test_keys_walk_the_worklist_and_tick(browser: Browser) -> None:
    page = opened(browser, "desk_list", width=1280)
    for key in "jjkjx":
        page.keyboard.press(key)
    second = page.locator("[data-row]").nth(1)
    assert "is-on" in (second.get_attribute("class") or "")
    assert second.locator("input").is_checked()
    assert page.inner_text("[data-ticked]") == "1"
    page.keyboard.press("/")
    page.keyboard.type("jxa")
    assert page.input_value("#q") == "jxa"
    assert page.inner_text("[data-ticked]") == "1"
    page.context.close()


def test_keys_press_the_buttons_but_not_while_composing(browser: Browser) -> None:
    page = opened(browser, "desk_review", width=1280)
    page.evaluate(
        "window.pressed = []; document.addEventListener('click', (event) => {"
        "event.preventDefault(); window.pressed.push(event.target.dataset.key) })"
    )
    compose = "new KeyboardEvent('keydown', {key: 'a', keyCode: 229, bubbles: true})"
    page.evaluate(f"document.body.dispatchEvent({compose})")
    page.keyboard.press("Control+a")
    assert page.evaluate("window.pressed") == []
    for key in "ar2z":
        page.keyboard.press(key)
    assert page.evaluate("window.pressed") == ["a", "r", "2", "z"]
    page.context.close()


def test_keys_can_be_switched_off(browser: Browser) -> None:
    page = opened(browser, "desk_list", width=1280)
    page.click("[data-keys-switch]")
    page.keyboard.press("j")
    assert page.locator("[data-row].is-on").count() == 0
    page.context.close()


def test_undo_counts_down_and_leaves(browser: Browser) -> None:
    page = opened(browser, "desk_review", width=1280)
    assert page.is_visible(".toast")
    page.evaluate(
        "const toast = document.querySelector('[data-countdown]');"
        "toast.dataset.countdown = '1'; toast.removeAttribute('data-counting')"
    )
    page.add_script_tag(path=str(finders.find("yijian/desk.js")))
    page.wait_for_selector(".toast", state="hidden", timeout=4000)
    page.context.close()


def _keep(complaints: list[str], error: Error) -> None:
    complaints.append(str(error))


def test_every_script_runs_without_complaint(browser: Browser) -> None:
    for page_name in PAGES:
        page = opened(browser, page_name)
        complaints: list[str] = []
        page.on("pageerror", partial(_keep, complaints))
        page.reload()
        page.wait_for_load_state()
        assert complaints == [], page_name
        page.context.close()
