"""Pages of the policy workshop: seen by who may, decided by a second person, looked through."""

import re
from html import escape

import pytest
from django.test import Client

from tests.actions.cast_policy import Workshop
from tests.web.cast import client_of
from tests.web.cast_console import at_console
from tests.web.console.conftest import CODE, at, fresh
from yijian.actions import workshop_reading
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole

PAGES = [
    "", "files/", "files/items.yaml", "files/facts.yaml", "check/", "preview/",
    "history/", "decide/",
    *(f"chapters/{code}/" for code in (
        "basic", "guide", "items", "limits", "materials", "rules", "form", "words", "delivery",
        "offices", "switches", "documents", "sources",
    )),
    "chapters/basic/pack/", "chapters/items/items/?key=hukou_registration",
    "chapters/limits/limits/?key=hukou_registration",
    "chapters/materials/materials/?key=birth_certificate",
    "chapters/rules/rules/?key=within_30_days", "chapters/rules/rules/?key=brand_new",
    "chapters/guide/situations/?key=within_30_days",
    "chapters/form/sections/?key=newborn", "chapters/form/facts/?key=newborn_name",
    "chapters/form/codes/?key=sex", "chapters/words/notices/?key=father_invited",
    "chapters/words/words/?key=entrance", "chapters/delivery/delivery/?key=birth_certificate",
    "chapters/delivery/custody/?key=main_page", "chapters/offices/kinds/?key=hospital",
    "chapters/offices/offices/?key=340000HR", "chapters/switches/switches/?key=not_yet",
    "chapters/documents/paperwork/?key=application_form",
    "chapters/documents/certificates/?key=birth_certificate",
    "chapters/sources/sources/?key=ah-2024", "chapters/sources/decisions/?key=H9",
    "preview/entrance/", "preview/guide/", "preview/answer/?not=within_30_days", "preview/form/",
    "preview/notice/", "preview/service/", "preview/messages/", "preview/chart/",
]  # fmt: skip


def test_every_page_of_a_draft_answers(editor: Client, draft: PackDraft) -> None:
    for page in PAGES:
        answer = editor.get(at(draft, page))
        assert answer.status_code == 200, page
        assert "no-store" in answer["Cache-Control"], page


def test_a_clerk_and_a_stranger_see_nothing_of_the_workshop(draft: PackDraft) -> None:
    clerk = at_console(StaffRole.CLERK)
    for page in ("", "files/items.yaml", "preview/entrance/", "decide/"):
        assert clerk.get(at(draft, page)).status_code == 404, page
        assert Client().get(at(draft, page)).status_code == 302, page
    assert clerk.get("/console/policy/").status_code == 404
    assert "/console/policy/" not in clerk.get("/desk/", follow=True).content.decode()


def test_a_draft_begins_from_the_list_with_its_reason(shop: Workshop, editor: Client) -> None:
    answer = editor.post("/console/policy/", {"code": CODE, "title": "落户改为一个工作日"})
    assert answer.status_code == 302
    begun = PackDraft.objects.get()
    assert answer["Location"] == at(begun)
    assert "落户改为一个工作日" in editor.get("/console/policy/").content.decode()
    assert client_of(shop.approver).post("/console/policy/", {"code": CODE}).status_code == 404


def test_parents_pages_are_previewed_with_the_words_of_the_draft(
    shop: Workshop, editor: Client, draft: PackDraft
) -> None:
    said = "出生还没有超过四十五天"
    changed = shop.set(draft, ("rules", "within_30_days", "title", "zh"), said)
    page = editor.get(at(changed, "preview/guide/")).content.decode()
    assert said in page
    assert "不是真的页面" in page
    answer = editor.get(at(changed, "preview/answer/?not=within_30_days")).content.decode()
    assert escape("宝宝出生已经超过30天") in answer
    for shown in (page, answer):
        ways = re.findall(r'<(?:a|form)\b[^>]*\b(?:href|action)="(/[^"]*)"', shown)
        assert ways
        assert all(way.startswith(at(changed, "preview/")) for way in ways), ways
    form = editor.get(at(changed, "preview/form/?page=nowhere&family=nobody")).content.decode()
    assert "这是您的宝宝吗" in form
    assert editor.post(at(changed, "preview/form/"), {}).status_code == 405


def test_a_draft_is_handed_in_returned_and_approved_by_a_second_person(
    shop: Workshop, editor: Client, draft: PackDraft
) -> None:
    decide, approver = at(draft, "decide/"), client_of(shop.approver)

    def press(client: Client, do: str, **typed: str) -> tuple[int, str]:
        answer = client.post(decide, {"do": do, "lock": str(fresh(draft).lock), **typed})
        return answer.status_code, answer.content.decode()

    status, page = press(editor, "submit", note="什么都没改")
    assert (status, "什么也没有改" in page, "什么都没改" in page) == (422, True, True)
    shop.set(draft, ("words", "entrance", "zh"), "从“皖事通”进。")
    assert press(editor, "submit", note="入口换了说法")[0] == 302
    assert press(editor, "approve", in_force_from="2026-12-01")[0] == 404
    assert "入口换了说法" in approver.get(decide).content.decode()
    status, page = press(approver, "return", note="")
    assert (status, "请写明理由" in page) == (422, True)
    status, page = press(approver, "approve", in_force_from="明天")
    assert (status, "请填写日期" in page) == (422, True)
    status, page = press(approver, "approve", in_force_from="2020-01-01")
    assert (status, "生效日期" in page) == (422, True)
    late = approver.post(decide, {"do": "return", "lock": "1", "note": "写得不清楚"})
    assert late.status_code == 409
    assert "写得不清楚" in late.content.decode()
    assert press(approver, "approve", in_force_from="2026-12-01")[0] == 302
    assert fresh(draft).state == "published"
    history = editor.get(at(draft, "history/")).content.decode()
    for words in ("开始起草", "words.entrance", "入口换了说法", "批准", "C-policy_approver"):
        assert words in history
    versions = editor.get(f"/console/policy/packs/{CODE}/").content.decode()
    assert "等待生效" in versions
    assert "退回到这一版" in versions
    back = editor.post(f"/console/policy/packs/{CODE}/", {"to": draft.based_on, "title": "退回"})
    assert back.status_code == 302
    page = editor.get(f"{back['Location']}files/").content.decode()
    assert "words.yaml" in page


def test_differences_say_what_families_feel_before_every_value(
    shop: Workshop, editor: Client, draft: PackDraft
) -> None:
    draft = shop.set(draft, ("items", "hukou_registration", "limits", 0, "workdays"), 1)
    shop.set(
        draft, ("rules", "within_30_days", "condition"), "days_between(newborn_born_at, today) <= 1"
    )
    waiting = editor.get(at(draft, "differences/"))
    assert waiting["Refresh"] == "2"
    assert "正在和现行版本比较" in waiting.content.decode()
    workshop_reading.work_out(draft=draft.pk, kind="compared", now=shop.now)
    ready = editor.get(at(draft, "differences/"))
    assert "Refresh" not in ready
    page = ready.content.decode()
    order = [page.index(f'id="d-{part}"') for part in ("families", "rules", "clocks", "values")]
    assert order == sorted(order)
    assert "2 个工作日" in page
    assert "1 个工作日" in page
    assert "items.hukou_registration.limits.0.workdays" in page
    assert "不能办：出生30天以内" in page


def test_examples_are_played_by_the_worker_while_the_page_looks_again(
    shop: Workshop, editor: Client, draft: PackDraft
) -> None:
    shop.set(draft, ("words", "entrance", "zh"), "这一份还没有走过。")
    waiting = editor.get(at(draft, "check/?examples=1"))
    assert waiting["Refresh"] == "2"
    assert "正在把示例走一遍" in waiting.content.decode()
    workshop_reading.work_out(draft=draft.pk, kind="played", now=shop.now)
    ready = editor.get(at(draft, "check/?examples=1"))
    assert "Refresh" not in ready
    assert "没有错误，示例都和预期一致，可以提交。" in ready.content.decode()


def test_a_page_says_so_when_the_worker_cannot_finish(
    shop: Workshop, editor: Client, draft: PackDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    shop.set(draft, ("words", "entrance", "zh"), "这一份谁也没有走过。")
    with monkeypatch.context() as patched:
        patched.setattr(workshop_reading, "_checked", broken)
        patched.setattr(workshop_reading, "_differences", broken)
        for kind in ("played", "compared"):
            workshop_reading.work_out(draft=draft.pk, kind=kind, now=shop.now)
    for page in ("check/?examples=1", "differences/"):
        answer = editor.get(at(draft, page))
        assert "Refresh" not in answer, page
        assert "ZeroDivisionError" in answer.content.decode(), page
