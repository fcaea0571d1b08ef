"""章节与表单: the entries of a chapter, and one entry as a form with its YAML beside it.

Whatever goes wrong, what was typed is on the page that answers: a value of the wrong kind, a file
that cannot be read any more, a draft that somebody else changed meanwhile.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from yijian.actions import workshop, workshop_reading
from yijian.domain.context import RefusedError
from yijian.packs import PackError
from yijian.packs.findings import Finding
from yijian.packs.layers import Layers
from yijian.packs.nodes import Plain
from yijian.records.workshop import Draft, StaleDraftError
from yijian.web.console import policy_filling
from yijian.web.console.policy_chapters import Chapter, Part, chapter, part_of, previews
from yijian.web.console.policy_choices import title_of
from yijian.web.console.policy_doors import STALE, Opened, draft_page, lock_of, refusal
from yijian.web.console.policy_excerpts import Excerpt, excerpt, with_excerpt
from yijian.web.console.policy_fields import Builder, Group, Leaf
from yijian.web.console.policy_findings import Located, Told, entry_url, file_url, of_error
from yijian.web.pages import go

PER_PAGE = 100
LONGEST_KEY = 64


@draft_page()
def chapter_page(opened: Opened, code: str) -> HttpResponse:
    """The entries of a chapter, each with where it comes from and what is wrong with it."""
    within = chapter(code)
    if within is None:
        raise Http404
    try:
        found = workshop_reading.values(opened.draft)
    except PackError as error:
        return _unreadable(opened, within, error)
    told = Located(opened.draft, found).all(_findings(opened.draft))
    words = opened.desk.request.GET.get("words", "").strip()[:60]
    tables = [_table(opened, within, part, found, told, words) for part in within.parts]
    return opened.page(
        "console/policy_chapter.html",
        {"chapter": within, "tables": tables, "words": words, "previews": previews(within)},
        tab="draft",
    )


def _findings(draft: Draft) -> tuple[Finding, ...]:
    return workshop_reading.checked(draft, examples=False).findings


def _unreadable(opened: Opened, within: Chapter, error: PackError) -> HttpResponse:
    """A file that cannot be read has no forms; its YAML is the way to put it right."""
    return opened.page(
        "console/policy_unreadable.html",
        {"chapter": within, "findings": of_error(opened.draft, error)},
        tab="draft",
    )


def _table(
    opened: Opened, within: Chapter, part: Part, found: Layers, told: list[Told], words: str
) -> dict[str, object]:
    entries = found.at(part.path)
    listed: Mapping[str, Plain] = entries if isinstance(entries, dict) else {}
    rows = []
    if not part.alone:
        named = ((key, title_of(key, value)) for key, value in listed.items())
        wanted = ((k, t) for k, t in named if not words or words in k or words in t)
        rows = [_row(opened, within, part, found, told, pair) for pair in islice(wanted, PER_PAGE)]
    return {
        "part": part,
        "rows": rows,
        "total": len(listed),
        "url": entry_url(opened.draft, within, part, "") if part.alone else "",
        "new_url": opened.url("policy_entry", within.code, part.code),
        "can_add": not part.only and not part.alone,
    }


def _row(
    opened: Opened, within: Chapter, part: Part, found: Layers, told: list[Told],
    pair: tuple[str, str],
) -> dict[str, object]:  # fmt: skip
    key, title = pair
    path = (*part.path, key)
    own, below = found.is_own(path), found.inherited(path) is not None
    return {
        "key": key,
        "title": title,
        "url": entry_url(opened.draft, within, part, key),
        "own": own,
        "below": below,
        "problems": sum(one.path[: len(path)] == path for one in told),
    }


@dataclass
class Answered:
    """What a page says after somebody pressed a button on it."""

    problem: str = ""
    status: int = 200
    findings: list[Told] = field(default_factory=list)
    checked: bool = False
    yaml: str | None = None
    tried: Excerpt | None = None
    current: str = ""


@draft_page("GET", "POST")
def entry_page(opened: Opened, code: str, part: str) -> HttpResponse:
    """One entry: its form, its YAML, what is wrong with it; saved from either side."""
    within = chapter(code)
    of = part_of(within, part) if within else None
    key = opened.desk.request.GET.get("key", "").strip()
    if within is None or of is None or len(key) > LONGEST_KEY or (not key and not of.alone):
        raise Http404
    try:
        found = workshop_reading.values(opened.draft)
    except PackError as error:
        return _unreadable(opened, within, error)
    page = EntryPage(opened, within, of, key, found)
    if opened.desk.request.method == "POST":
        return page.post()
    return page.show(Answered())


class EntryPage:
    """One entry of a draft at one request."""

    def __init__(
        self, opened: Opened, within: Chapter, part: Part, key: str, found: Layers
    ) -> None:
        self.opened, self.within, self.part, self.key, self.found = (
            opened, within, part, key, found,
        )  # fmt: skip
        self.path = part.path if part.alone else (*part.path, key)
        self.draft = opened.draft
        self.sheet = self._sheet()
        self.marks = policy_filling.marks(self.sheet)

    def _sheet(self) -> Group:
        annotation = self.part.annotation()
        if not self.part.alone:
            annotation = annotation.__args__[1]
        builder = Builder(self.found, self.path)
        return builder.form(annotation, self.part.only, self.part.left_out)

    def post(self) -> HttpResponse:
        """Do what the pressed button says; an editor's draft alone is written."""
        if not self.opened.may_edit:
            return self.show(Answered(refusal(RefusedError("not_editable")), 409))
        do = self.opened.desk.request.POST.get("do", "save")
        try:
            if do in ("yaml", "yaml_check"):
                return self._from_yaml(saving=do == "yaml")
            if do == "remove":
                return self._remove()
            return self._from_form(saving=do == "save")
        except RefusedError as error:
            return self.show(Answered(refusal(error), 409))

    def _from_form(self, *, saving: bool) -> HttpResponse:
        filling = policy_filling.fill(self.sheet, self.opened.desk.request.POST)
        if filling.wrong:
            return self.show(Answered(gettext("有的值写法不对，什么也没有保存。"), 422))
        if saving and lock_of(self.opened) != self.draft.lock:
            return self.show(Answered(str(STALE), 409))
        if filling.empty and saving:
            messages.info(self.opened.desk.request, gettext("没有改动，不用保存。"))
            return self._again()
        try:
            files = policy_filling.revised_files(self.draft, self.path, filling)
        except PackError as error:
            return self.show(Answered(error.findings[0].sentence, 422))
        if not saving:
            return self._checked(files)
        if len(filling.changes) == 1 and not filling.given_back:
            return self._save(value=filling.changes[0])
        return self._save(text=files[self.part.file])

    def _save(
        self, *, value: tuple[tuple[str | int, ...], Plain] | None = None, text: str = ""
    ) -> HttpResponse:
        desk, lock = self.opened.desk, lock_of(self.opened)
        try:
            if value is not None:
                workshop.set_value(
                    by=desk.user, draft=self.draft.pk, path=(*self.path, *value[0]),
                    value=value[1], lock=lock, now=desk.now,
                )  # fmt: skip
            else:
                workshop.save_file(
                    by=desk.user, draft=self.draft.pk, name=self.part.file, text=text, lock=lock,
                    now=desk.now,
                )  # fmt: skip
        except StaleDraftError:
            self.opened = self.opened.again()
            self.draft = self.opened.draft
            return self.show(Answered(str(STALE), 409))
        except PackError as error:
            return self.show(Answered(error.findings[0].sentence, 422))
        messages.success(desk.request, gettext("保存了。"))
        return self._again()

    def _remove(self) -> HttpResponse:
        if lock_of(self.opened) != self.draft.lock:
            return self.show(Answered(str(STALE), 409))
        return self._save(value=((), None))

    def _from_yaml(self, *, saving: bool) -> HttpResponse:
        typed = self.opened.desk.request.POST.get("yaml", "").replace("\r\n", "\n")
        part = self._excerpt()
        if lock_of(self.opened) != self.draft.lock:
            return self.show(Answered(str(STALE), 409, yaml=typed, current=part.text))
        text = with_excerpt(self.draft.files.get(part.name, ""), part, typed)
        if not saving:
            return self._checked({**self.draft.files, part.name: text}, yaml=typed)
        return self._save(text=text)

    def _checked(self, files: dict[str, str], yaml: str | None = None) -> HttpResponse:
        """What is wrong with the draft as it would be; nothing is written."""
        tried = copy.copy(self.draft)
        tried.files = files
        findings = workshop_reading.checked(tried, examples=False).findings
        try:
            found: Layers | None = workshop_reading.values(tried)
        except PackError:
            found = None
        told = Located(tried, found).all(findings)
        part = excerpt(tried, found, self.part, self.path) if found else None
        return self.show(Answered(checked=True, findings=told, yaml=yaml, tried=part))

    def _again(self) -> HttpResponse:
        return go(entry_url(self.draft, self.within, self.part, self.key))

    def _excerpt(self) -> Excerpt:
        return excerpt(self.draft, self.found, self.part, self.path)

    def show(self, answered: Answered) -> HttpResponse:
        """The page, with what was typed when it answers a button."""
        located = Located(self.draft, self.found)
        told = answered.findings if answered.checked else located.all(_findings(self.draft))
        depth = len(self.path)
        here = [one for one in told if one.path[:depth] == self.path]
        others = len(told) - len(here) if answered.checked else 0
        self._mark(here)
        kept = self._excerpt()
        part = answered.tried or kept
        return self.opened.page(
            "console/policy_entry.html",
            {
                "chapter": self.within,
                "part": self.part,
                "key": self.key,
                "sheet": self.sheet,
                "marks": self.marks,
                "answered": answered,
                "here": here,
                "others": others,
                "wrong": [one for one in self.sheet.leaves() if one.problems],
                "excerpt": part,
                "lines": part.marked(here),
                "yaml": kept.text if answered.yaml is None else answered.yaml,
                "file_url": f"{file_url(self.draft, part.name)}#L{part.first}",
                "own": self.found.is_own(self.path),
                "below": self.found.inherited(self.path) is not None,
                "removable": not self.part.alone and not self.part.only,
                "previews": previews(self.within),
            },
            tab="draft",
            status=answered.status,
        )

    def _mark(self, here: list[Told]) -> None:
        """Put each finding beside the box whose value stands at its place."""
        places: dict[tuple[str, int], Leaf] = {}
        for leaf in self.sheet.leaves():
            if leaf.own:
                place = self.found.place((*self.path, *leaf.steps))
                places.setdefault((place.file.partition("/")[2], place.line), leaf)
        for one in here:
            marked = places.get((one.file, one.line))
            if marked is not None and one.sentence not in marked.problems:
                marked.problems.append(one.sentence)
