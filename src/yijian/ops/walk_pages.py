"""网页: what the walk sees of the product: pages over HTTP, read as a browser without scripts would.

Nothing here knows the product's pages; forms, links and texts only. Every difficulty names the
page and the sentence that stood on it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
SILENT = frozenset({"script", "style", "svg", "head", "noscript"})
TRIES = 40
AWAY = frozenset({502, 503, 504})
PAUSE_SECONDS = 0.5
Values = Mapping[str, str | Sequence[str]]

_FILE_NAME = re.compile(r'filename="([^"/\\]+)"')


class WalkError(Exception):
    """The walk cannot go on: what was expected, on which page, and what the page said."""


@dataclass
class Element:
    """One element with its children; a text is a child, too."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute; "" when it is absent."""
        return self.attributes.get(name, "")

    def walk(self) -> Iterator[Element]:
        """The element and everything below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find_all(self, tag: str = "", kind: str = "") -> list[Element]:
        """Elements below by tag and class; both may be left out."""
        return [
            one
            for one in self.walk()
            if one is not self
            and (not tag or one.tag == tag)
            and (not kind or kind in one.get("class").split())
        ]

    def find(self, tag: str = "", kind: str = "") -> Element | None:
        """The first of them."""
        return next(iter(self.find_all(tag, kind)), None)

    @property
    def text(self) -> str:
        """What a person reads of it, in one line."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        if self.tag in SILENT:
            return
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()
                yield " " if child.tag not in ("b", "i", "em", "strong", "mark", "a") else ""


class _Reader(HTMLParser):
    """Builds the tree; forgives what HTML lets one leave out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


@dataclass(frozen=True)
class Control:
    """A form's field: its kind, what it offers, and what stands in it now."""

    name: str
    kind: str
    offered: tuple[str, ...]
    value: tuple[str, ...]


@dataclass
class Form:
    """A form of a page as it would be sent."""

    action: str
    method: str
    controls: dict[str, Control]
    buttons: tuple[Element, ...]
    element: Element

    @property
    def button(self) -> str:
        """What stands on its first button."""
        return self.buttons[0].text if self.buttons else ""

    def data(self, values: Values, press: str = "") -> dict[str, list[str]]:
        """What is sent when these values are put in; `press` is the value of the button pressed."""
        sent = {name: list(control.value) for name, control in self.controls.items()}
        for name, value in values.items():
            sent[name] = [value] if isinstance(value, str) else list(value)
        for button in self.buttons:
            if press and button.get("value") == press:
                sent[button.get("name")] = [press]
        return {name: each for name, each in sent.items() if each}


@dataclass
class Page:
    """One answer of the server."""

    url: str
    status: int
    root: Element
    type: str = "text/html"

    @property
    def path(self) -> str:
        """The address without the host."""
        return urlsplit(self.url).path

    @property
    def title(self) -> str:
        """The page's own heading."""
        heading = self.root.find("h1") or self.root.find("title")
        return heading.text if heading else ""

    @property
    def forms(self) -> list[Form]:
        """Every form of the page."""
        return [_form(element, self.url) for element in self.root.find_all("form")]

    def link(self, *parts: str) -> str:
        """The address of the first link whose address contains all parts; "" without one."""
        for element in self.root.find_all("a"):
            if all(part in element.get("href") for part in parts):
                return urljoin(self.url, element.get("href"))
        return ""

    def form(self, *, action: str = "", name: str = "") -> Form:
        """The form of the main part that goes to an address or has a field of this name."""
        for form in self.forms:
            if action in form.action and (not name or name in form.controls):
                return form
        raise WalkError(f"没有要找的表单 no such form ({action or name}) on {self.said()}")

    def main_form(self) -> Form:
        """The form that posts to the page itself."""
        for form in self.forms:
            if form.method == "post" and urlsplit(form.action).path == self.path:
                return form
        raise WalkError(f"没有表单 no form on {self.said()}")

    def said(self) -> str:
        """The page and the sentence a person would read on it, for a complaint."""
        sentences = [e.text for kind in ("errors", "field-error", "error", "toast", "inset--warn")
                     for e in self.root.find_all("", kind)]  # fmt: skip
        main = self.root.find("main") or self.root
        what = " · ".join(dict.fromkeys(s for s in sentences if s)) or main.text[:200]
        return f"{self.path} [{self.status}] “{self.title}”: {what}"


def _form(element: Element, url: str) -> Form:
    controls: dict[str, Control] = {}
    for one in element.walk():
        if one.tag in ("input", "select", "textarea") and one.get("name"):
            control = _control(one)
            before = controls.get(control.name)
            if before is not None and control.kind in ("radio", "checkbox"):
                control = Control(control.name, control.kind, before.offered + control.offered,
                                  before.value + control.value)  # fmt: skip
            controls[control.name] = control
    buttons = tuple(b for b in element.find_all("button") if b.get("type") != "button")
    action = urljoin(url, element.get("action") or url)
    return Form(action, element.get("method").lower() or "get", controls, buttons, element)


def _control(one: Element) -> Control:
    name = one.get("name")
    if one.tag == "textarea":
        return Control(name, "textarea", (), ("".join(map(str, one.children)),))
    if one.tag == "select":
        options = one.find_all("option")
        values = [o.get("value") if "value" in o.attributes else o.text for o in options]
        chosen = [
            v for v, o in zip(values, options, strict=True) if "selected" in o.attributes
        ] or values[:1]
        return Control(name, "select", tuple(values), tuple(chosen))
    kind = one.get("type") or "text"
    value = one.get("value")
    if kind in ("radio", "checkbox"):
        value = value or "on"
        return Control(name, kind, (value,), (value,) if "checked" in one.attributes else ())
    return Control(name, kind, (), (value,))


class Browser:
    """One person's browser: cookies, pages, forms. Knocks again while a server is away.

    A server that is killed while it answers leaves the browser without an answer; whoever sits
    before it presses again, which must change nothing twice. `patient` takes an error of the server
    for being away, too: for drills in which processes are killed.
    """

    def __init__(self, address: str, *, patient: bool = False, timeout: float = 30.0) -> None:
        self.address = address
        self._away = AWAY | {500} if patient else AWAY
        self._client = httpx.Client(base_url=address, timeout=timeout, follow_redirects=True)

    def close(self) -> None:
        """Put the browser away."""
        self._client.close()

    def get(self, url: str, *, also: Sequence[int] = ()) -> Page:
        """A page; WalkError for anything but 200 (and `also`)."""
        return self._read("GET", url, None, also)

    def submit(
        self,
        form: Form,
        values: Values | None = None,
        *,
        press: str = "",
        also: Sequence[int] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> Page:
        """Send a form with these values put in, and pictures where it takes files."""
        data = form.data(values or {}, press)
        if files:
            return self._read("POST", form.action, data, also, files)
        if form.method == "get":
            return self._read("GET", str(httpx.URL(form.action, params=data)), None, also)
        return self._read("POST", form.action, data, also)

    def fetch(self, url: str) -> tuple[str, bytes]:
        """A file: the name it is offered under, and its bytes; WalkError for anything else."""
        response = self._ask("GET", url, None)
        named = _FILE_NAME.search(response.headers.get("content-disposition", ""))
        if response.status_code != httpx.codes.OK or named is None:
            raise WalkError(f"没有文件 no file at this address: {response.status_code}")
        return named[1], response.content

    def json(self, url: str) -> object:
        """A machine's answer (the sandbox's own pages only)."""
        return self._ask("GET", url, None).raise_for_status().json()

    def post(self, url: str) -> None:
        """Press a lever of the sandbox."""
        self._ask("POST", url, {}).raise_for_status()

    def _read(
        self,
        method: str,
        url: str,
        data: dict[str, list[str]] | None,
        also: Sequence[int],
        files: Mapping[str, bytes] | None = None,
    ) -> Page:
        response = self._ask(method, url, data, files)
        reader = _Reader()
        if "html" in response.headers.get("content-type", "html"):
            reader.feed(response.text)
        page = Page(str(response.url), response.status_code, reader.root)
        if response.status_code != httpx.codes.OK and response.status_code not in also:
            raise WalkError(page.said())
        return page

    def _ask(
        self,
        method: str,
        url: str,
        data: dict[str, list[str]] | None,
        files: Mapping[str, bytes] | None = None,
    ) -> httpx.Response:
        sent = {name: (f"{name}.jpg", each, "image/jpeg") for name, each in (files or {}).items()}
        failure = ""
        for _ in range(TRIES):
            try:
                headers = {"Origin": self.address, "Referer": f"{self.address}/"}
                response = self._client.request(
                    method,
                    url,
                    data=data,
                    files=sent or None,
                    headers=headers if data is not None else None,
                )
            except httpx.TransportError as away:
                failure = f"{type(away).__name__} {away}"
            else:
                if response.status_code not in self._away:
                    return response
                failure = f"{response.status_code}"
            time.sleep(PAUSE_SECONDS)
        raise WalkError(f"没有回应 no answer from {url}: {failure}")
