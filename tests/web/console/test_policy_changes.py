"""What is typed on the pages of the workshop: saved from either side, checked, never lost."""

import json
import re
from html import escape, unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.actions.cast_policy import Workshop
from tests.web.cast import client_of
from tests.web.console.conftest import at, fresh
from yijian.actions import workshop_reading
from yijian.records.models import PackDraft, PolicyLogEntry

LIMITS = "chapters/limits/limits/?key=hukou_registration"
RULE = "chapters/rules/rules/?key=within_30_days"


def text_of(answer: Any) -> str:
    return answer.content.decode()


def boxes(page: str) -> dict[str, object]:
    """What a browser would send back from the form of an entry, with nothing changed."""
    form = page.split("policy-form", 1)[1].split("</form>", 1)[0]
    found: dict[str, object] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found[unescape(name)] = unescape(value)
    for name, value in re.findall(r'<input class="input[^>]* name="([^"]+)" value="([^"]*)"', form):
        found[unescape(name)] = unescape(value)
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S
    ):
        found[unescape(name)] = unescape(text)
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', inside)
        found[unescape(name)] = unescape(chosen[1]) if chosen else ""
    for name, value in re.findall(
        r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked>', form
    ):
        kept = found.setdefault(unescape(name), [])
        assert isinstance(kept, list)
        kept.append(unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found


def sent(client: Client, draft: PackDraft, page: str, **typed: object) -> HttpResponse:
    """The form of an entry as it is shown now, with some boxes changed."""
    shown = boxes(text_of(client.get(at(draft, page))))
    assert not typed.keys() - shown.keys() - {"do"}, sorted(shown)
    return client.post(at(draft, page), {**shown, "do": "save", **typed})


def test_an_unchanged_form_changes_nothing(editor: Client, draft: PackDraft) -> None:
    for page in (
        LIMITS, RULE, "chapters/items/items/?key=hukou_registration",
        "chapters/form/sections/?key=newborn",
        "chapters/documents/paperwork/?key=application_form",
    ):  # fmt: skip
        answer = sent(editor, draft, page)
        assert answer.status_code == 302, page
    assert fresh(draft).files == draft.files
    assert fresh(draft).lock == draft.lock


def test_one_changed_box_changes_one_value_and_no_comment(editor: Client, draft: PackDraft) -> None:
    answer = sent(editor, draft, LIMITS, **{"limits/0/workdays": "3"})
    assert answer.status_code == 302
    old, new = draft.files["items.yaml"].split("\n"), fresh(draft).files["items.yaml"].split("\n")
    changed = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    assert changed == [(
        "    - {workdays: 2, from: 2024-06-07, basis: [ah-2024, 附件2 二.3], decision: H9}",
        "    - {workdays: 3, from: 2024-06-07, basis: [ah-2024, 附件2 二.3], decision: H9}",
    )]  # fmt: skip
    assert PolicyLogEntry.objects.latest("id").note == "items.hukou_registration.limits.0.workdays"


def test_a_row_is_added_and_one_taken_away(editor: Client, draft: PackDraft) -> None:
    basis = json.dumps(["ah-2024", "附件2 二.3"], ensure_ascii=False)
    added = {"limits/1/workdays": "1", "limits/1/from": "2027-01-01", "limits/1/basis": basis}
    assert sent(editor, draft, LIMITS, **added).status_code == 302
    page = text_of(editor.get(at(draft, LIMITS)))
    assert boxes(page)["limits/1/workdays"] == "1"
    shown = boxes(page)
    answer = editor.post(at(draft, LIMITS), {**shown, "do": "save", "x:limits/0": "1"})
    assert answer.status_code == 302
    left = boxes(text_of(editor.get(at(draft, LIMITS))))
    assert (left["limits/0/workdays"], left["limits/1/workdays"]) == ("1", "")


def test_a_new_rule_is_written_without_knowing_yaml(editor: Client, draft: PackDraft) -> None:
    page = "chapters/rules/rules/?key=parents_are_grown_up"
    basis = json.dumps(["ah-2024", "二（三）"], ensure_ascii=False)
    answer = sent(
        editor, draft, page,
        **{
            "kind": "condition", "title:zh": "妈妈成年", "title:en": "The mother is of age",
            "condition": "mother_age >= 18", "met:zh": "妈妈已成年", "failed:zh": "妈妈未成年。",
            "way_on:zh": "请到窗口办理。", "basis/0": basis,
        },
    )  # fmt: skip
    assert answer.status_code == 302
    written = fresh(draft).files["rules.yaml"]
    assert written.startswith(draft.files["rules.yaml"].rstrip("\n"))
    assert "parents_are_grown_up:" in written
    assert "condition: mother_age >= 18" in written
    shown = boxes(text_of(editor.get(at(draft, page))))
    assert (shown["title:en"], shown["basis/0"]) == ("The mother is of age", basis)


def test_a_wrong_number_keeps_all_that_was_typed(editor: Client, draft: PackDraft) -> None:
    typed = {"limits/0/workdays": "三天", "limits/0/from": "2027-02-01"}
    answer = sent(editor, draft, LIMITS, **typed)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "应为整数" in page
    assert 'href="#limits/0/workdays"' in page
    assert {name: boxes(page)[name] for name in typed} == typed
    assert fresh(draft).files == draft.files


def test_a_finding_stands_beside_its_box_and_its_line(editor: Client, draft: PackDraft) -> None:
    wrong = "days_between(newborn_born_att, today) <= 30"
    checked = sent(editor, draft, RULE, condition=wrong, do="check")
    assert checked.status_code == 200
    assert "还没有保存" in text_of(checked)
    assert "newborn_born_at" in text_of(checked)
    assert boxes(text_of(checked))["condition"] == wrong
    assert fresh(draft).files == draft.files
    assert sent(editor, draft, RULE, condition=wrong).status_code == 302
    page = text_of(editor.get(at(draft, RULE)))
    line = fresh(draft).files["rules.yaml"].split("\n").index(f"  condition: {wrong}") + 1
    assert f'<li id="L{line}" value="{line}" class="is-marked">' in page
    assert 'id="e:condition"' in page
    assert "1 处" in text_of(editor.get(at(draft, "chapters/rules/")))


def test_two_editors_of_different_values_both_keep_theirs(
    shop: Workshop, editor: Client, draft: PackDraft
) -> None:
    mine = boxes(text_of(editor.get(at(draft, RULE))))
    shop.set(draft, ("rules", "within_30_days", "met", "zh"), "还在 30 天里")
    answer = editor.post(at(draft, RULE), {**mine, "do": "save", "failed:zh": "已经超过三十天。"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "别人改过这份草稿" in page
    again = boxes(page)
    assert again["failed:zh"] == "已经超过三十天。"
    assert again["met:zh"] == "还在 30 天里"
    assert editor.post(at(draft, RULE), {**again, "do": "save"}).status_code == 302
    written = fresh(draft).files["rules.yaml"]
    assert "还在 30 天里" in written
    assert "已经超过三十天。" in written


def test_two_editors_of_one_value_are_shown_both(
    shop: Workshop, editor: Client, draft: PackDraft
) -> None:
    mine = boxes(text_of(editor.get(at(draft, RULE))))
    shop.set(draft, ("rules", "within_30_days", "met", "zh"), "还在 30 天里")
    answer = editor.post(at(draft, RULE), {**mine, "do": "save", "met:zh": "没有过 30 天"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "别人刚改成：还在 30 天里" in page
    assert boxes(page)["met:zh"] == "没有过 30 天"


def test_yaml_beside_the_form_is_saved_alone(editor: Client, draft: PackDraft) -> None:
    page = text_of(editor.get(at(draft, RULE)))
    (text,) = map(unescape, re.findall(r'name="yaml"[^>]*>\n(.*?)</textarea>', page, re.S))
    assert text.startswith("within_30_days:")
    typed = text.replace("<= 30", "<= 60")
    answer = editor.post(at(draft, RULE), {"lock": draft.lock, "do": "yaml", "yaml": typed})
    assert answer.status_code == 302
    assert fresh(draft).files["rules.yaml"] == draft.files["rules.yaml"].replace("<= 30", "<= 60")
    late = editor.post(at(draft, RULE), {"lock": draft.lock, "do": "yaml", "yaml": "mine: 1"})
    assert late.status_code == 409
    assert "mine: 1" in text_of(late)
    assert "&lt;= 60" in text_of(late)


def test_a_file_that_cannot_be_read_is_kept_and_leads_to_its_line(
    editor: Client, draft: PackDraft
) -> None:
    broken = draft.files["rules.yaml"] + "\nbroken: [1,\n"
    address = at(draft, "files/rules.yaml")
    answer = editor.post(address, {"lock": draft.lock, "do": "save", "yaml": broken})
    assert answer.status_code == 302
    assert fresh(draft).files["rules.yaml"] == broken
    (wrong,) = workshop_reading.checked(fresh(draft), examples=False).errors
    sentence = escape(wrong.sentence)
    page = text_of(editor.get(at(draft, RULE)))
    assert "表单暂时打不开" in page
    assert "files/rules.yaml#L" in page
    for rest in ("", "check/", "differences/", "preview/entrance/", "files/rules.yaml"):
        shown = editor.get(at(draft, rest))
        assert shown.status_code == 200, rest
        assert sentence in text_of(shown), rest


def test_only_an_editor_writes(shop: Workshop, draft: PackDraft) -> None:
    approver = client_of(shop.approver)
    page = text_of(approver.get(at(draft, RULE)))
    assert '<fieldset class="bare" disabled>' in page
    answer = approver.post(at(draft, RULE), {"lock": draft.lock, "do": "yaml", "yaml": "x: 1"})
    assert answer.status_code == 409
    assert fresh(draft).files == draft.files
