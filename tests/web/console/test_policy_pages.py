"""Pages of the policy workshop: seen by who may, decided by a second person, looked through."""

from django.test import Client

from tests.web.console.conftest import at
from yijian.records.models import PackDraft

PAGES = [
    "", "files/", "files/items.yaml", "files/facts.yaml", "check/", "differences/", "preview/",
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
    "preview/sms/", "preview/notice/", "preview/service/", "preview/messages/", "preview/chart/",
]  # fmt: skip


def test_every_page_of_a_draft_answers(editor: Client, draft: PackDraft) -> None:
    for page in PAGES:
        answer = editor.get(at(draft, page))
        assert answer.status_code == 200, page
        assert "no-store" in answer["Cache-Control"], page
