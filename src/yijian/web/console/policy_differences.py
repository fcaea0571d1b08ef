"""和现行比较: what families feel of a draft, and every value and line that it changes. Prints on A4."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, workshop_families, workshop_reading
from yijian.packs import PackError
from yijian.web.applicant.values import worded
from yijian.web.console.policy_choices import said
from yijian.web.console.policy_doors import Opened, again_soon, draft_page
from yijian.web.console.policy_findings import of_error
from yijian.web.console.policy_words import choice_of, label_of

Json = dict[str, Any]
UNITS = {
    "workdays": _("%(count)s 个工作日"),
    "days": _("%(count)s 天"),
    "hours": _("%(count)s 小时"),
}
ANSWERS = {
    "yes": _("可以办"),
    "no": _("不能办"),
    "unknown": _("还查不到"),
    "stale": _("要重新核验"),
    "needs_person": _("要人工看"),
}
MOST_VALUES = 400


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: what, as it is, as it would be; `tone` is new, gone or changed."""

    what: str
    before: str
    after: str
    tone: str


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of difference."""

    code: str
    title: str | Promise
    about: str | Promise
    changes: tuple[Change, ...]


@draft_page()
def differences(opened: Opened) -> HttpResponse:
    """The draft held against the version in force."""
    files: Json = {"files": workshop_reading.changed_files(opened.draft)}
    told: Json | None = None
    unfinished = ""
    try:
        pack = workshop_reading.built(opened.draft)[1]
        told = workshop_reading.compared(opened.draft, now=opened.desk.now)
    except PackError as error:
        found = of_error(opened.draft, error)
        return _page(opened, {**files, "findings": found})
    except workshop_reading.UnfinishedError as error:
        unfinished = str(error)
    if told is None:
        page = _page(opened, {**files, "waiting": not unfinished, "unfinished": unfinished})
        return page if unfinished else again_soon(page)
    titles = Titles(opened, pack)
    sections = [one for one in titles.sections(told) if one.changes]
    values = told["values"]
    return _page(
        opened,
        {
            "before": told["before"],
            "after": told["after"],
            "sections": sections,
            "values": [
                Change(one["path"], shown(one["before"]), shown(one["after"]), tone(one))
                for one in values[:MOST_VALUES]
            ],
            "more_values": max(0, len(values) - MOST_VALUES),
            **files,
        },
    )


def _page(opened: Opened, shown: Json) -> HttpResponse:
    return opened.page("console/policy_differences.html", shown, tab="differences")


class Titles:
    """What ids are called, in the draft or, for what it drops, in the version in force."""

    def __init__(self, opened: Opened, pack: Any) -> None:
        self.opened = opened
        self.packs = (pack, contexts.current_pack(opened.draft.code))

    def item(self, code: str) -> str:
        """An item's title."""
        if code == "promise":
            return gettext("整件事")
        found = next((p.items[code] for p in self.packs if code in p.items), None)
        return worded(found.title) if found else code

    def rule(self, id_: str) -> str:
        """A rule's title."""
        found = (rule for pack in self.packs for rule in pack.rules if rule.id == id_)
        one = next(found, None)
        return worded(one.title) if one else id_

    def role(self, code: str) -> str:
        """A role's title."""
        found = next((p.roles[code] for p in self.packs if code in p.roles), None)
        return worded(found.title) if found else code

    def fact(self, code: str) -> str:
        """A fact's title."""
        found = next((p.facts[code] for p in self.packs if code in p.facts), None)
        return worded(found.title) if found else code

    def sections(self, told: Json) -> Iterator[Section]:
        """What differs, what families feel first."""
        yield Section(
            "families", _("谁能办"), _("政策包自带的示例家庭里，结果变了的。"),
            tuple(self._families(told["families"])),
        )  # fmt: skip
        yield Section(
            "rules", _("条件"), _("谁能在线上一次办。"),
            tuple(changes(told["rules"], "rule", self.rule)),
        )  # fmt: skip
        yield Section(
            "asked", _("问什么"), _("申请表上多问、少问、换了问法的。"),
            tuple(changes(told["asked"], "fact", self.fact, self._asking)),
        )  # fmt: skip
        yield Section(
            "clocks", _("多久"), _("各项时限和整件事的承诺。"),
            tuple(changes(told["clocks"], "item", self.item, lasting)),
        )  # fmt: skip
        yield Section(
            "materials", _("材料"), _("要带什么，什么免提交。"),
            tuple(changes(told["materials"], "material", self._material(told), self._needed)),
        )  # fmt: skip
        yield Section(
            "items", _("事项"), _("办哪几项，先后和交给谁。"),
            tuple(changes(told["items"], "item", self.item, self._service)),
        )  # fmt: skip
        yield Section(
            "signers", _("谁申请、谁签名"), _("人和先后。"),
            tuple(changes(told["signers"], "role", self._signer)),
        )  # fmt: skip

    def _families(self, rows: Iterable[Json]) -> Iterator[Change]:
        titles = workshop_families.titles(self.opened.draft)
        for row in rows:
            one, other = self._verdict(row["before"]), self._verdict(row["after"])
            gained = row["after"]["eligible"] == "yes"
            yield Change(
                worded(titles.get(row["family"])) or str(row["family"]),
                one,
                other,
                "new" if gained else "gone",
            )

    def _verdict(self, verdict: Json) -> str:
        words = str(ANSWERS.get(verdict["eligible"], verdict["eligible"]))
        failed = gettext("、").join(self.rule(rule) for rule in verdict["failed"])
        return (
            gettext("%(answer)s：%(rules)s") % {"answer": words, "rules": failed}
            if failed
            else words
        )

    def _asking(self, value: Json) -> str:
        parts = [value["label"], gettext("必填") if value["required"] else gettext("选填")]
        if value["typed"]:
            parts.append(gettext("要打字"))
        parts.append(gettext("、").join(self.item(code) for code in value["items"]))
        if value["default"]:
            parts.append(gettext("默认值 %(value)s") % {"value": value["default"]})
        return gettext("；").join(part for part in parts if part)

    def _material(self, told: Json) -> Any:
        titles = {
            row["material"]: (row["after"] or row["before"])["title"] for row in told["materials"]
        }
        return lambda id_: titles.get(id_, id_)

    def _needed(self, value: Json) -> str:
        parts = [gettext("免提交") if value["waived"] else gettext("要提交")]
        if value["kind"]:
            parts.append(choice_of("kind", value["kind"]))
        parts.append(gettext("、").join(self.item(code) for code in value["items"]))
        if value["when"]:
            parts.append(gettext("当 %(condition)s") % {"condition": value["when"]})
        return gettext("；").join(parts)

    def _service(self, value: Json) -> str:
        parts = [
            choice_of("choice", value["choice"]),
            choice_of("on_refusal", value["on_refusal"]),
            gettext("交给 %(kind)s") % {"kind": value["office_kind"]},
        ]
        if value["needs"]:
            before = gettext("、").join(self.item(code) for code in value["needs"])
            parts.append(gettext("在%(items)s之后") % {"items": before})
        parts.append(gettext("交 %(count)s 项信息") % {"count": len(value["receives"])})
        return gettext("；").join(parts)

    def _signer(self, id_: str) -> str:
        kind, _colon, role = id_.partition(":")
        words = {
            "applicants": gettext("谁可以申请"),
            "fills": gettext("由谁填写"),
            "arrives": gettext("先来：%(who)s"),
            "signs": gettext("签名：%(who)s"),
            "paper": gettext("另签：%(who)s"),
        }
        return words.get(kind, id_) % {"who": self.role(role)} if role else words.get(kind, id_)


def changes(rows: Iterable[Json], key: str, title: Any, words: Any = None) -> Iterator[Change]:
    """Each row with its title; both sides in words."""
    say = words or shown
    for row in rows:
        one, other = row["before"], row["after"]
        yield Change(
            title(row[key]), say(one) if one is not None else "",
            say(other) if other is not None else "", tone(row),
        )  # fmt: skip


def tone(row: Mapping[str, Any]) -> str:
    """Whether something is new, gone or changed."""
    if row["before"] is None:
        return "new"
    return "gone" if row["after"] is None else "changed"


def lasting(value: Json) -> str:
    """A limit in words."""
    return gettext("、").join(str(UNITS[unit]) % {"count": count} for unit, count in value.items())


def shown(value: Any) -> str:
    """Any value of a pack, short enough for a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return choice_of("yes_no", str(value).lower())
    if isinstance(value, dict):
        if value.keys() <= {"zh", "en"}:
            return said(value)
        parts = (f"{label_of('', str(key))} {shown(one)}" for key, one in value.items())
        return gettext("；").join(part for part in parts if part)
    if isinstance(value, list):
        return gettext("、").join(shown(one) for one in value)
    return str(value)
