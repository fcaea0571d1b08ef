"""Specimen pages: each template of `specimens/` rendered with the made-up values beside it.

`python -m tests.web.gallery.specimens FOLDER` writes them, with the static files, for looking at.
"""

import shutil
import sys
from pathlib import Path
from typing import Any, cast

import segno
from django import forms, urls
from django.http import HttpResponse
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.urls import path
from django.utils import translation
from django.utils.safestring import mark_safe

import yijian.web
from tests.web.gallery.values import DESK, FAMILY
from yijian.web.rendering import (
    Choice,
    DateInput,
    NameInput,
    SignatureField,
    YijianRenderer,
)

WEB = Path(next(iter(yijian.web.__path__)))
HERE = Path(__file__).parent
STATIC = WEB / "static"
PAGES = sorted(template.stem for template in (HERE / "specimens").glob("*.html"))
WIDE = {"progress": "page--wide"}


class Addresses:
    """The one address the frame asks for."""

    urlpatterns = [path("preferences", lambda _request: HttpResponse(), name="preferences")]


BANKS = [("", "请选择"), ("1", "徽商银行"), ("2", "农业银行")]


class NameForm(forms.Form):
    """One field of every kind."""

    default_renderer = YijianRenderer()
    newborn_name = forms.CharField(
        label="宝宝姓名",
        help_text="签发后一般不能更改，请核对每个字",
        error_messages={"required": "请填写宝宝姓名"},
        widget=NameInput,
    )
    hukou_follows = forms.ChoiceField(
        label="宝宝户口随谁申报？",
        choices=[
            ("father", Choice("随父亲", "合肥市庐阳区，张*明（户主）")),
            ("mother", Choice("随母亲", "安庆市宿松县，王*梅（户主之女）")),
        ],
        initial="father",
        widget=forms.RadioSelect,
    )
    items = forms.MultipleChoiceField(
        label="一起办理的事项",
        help_text="已为您全部选好，不需要的可以去掉",
        choices=[
            ("card", Choice("社会保障卡申领", "落户后自动开始")),
            ("insurance", Choice("城乡居民医保参保登记", "约 1 个工作日")),
        ],
        initial=["card", "insurance"],
        widget=forms.CheckboxSelectMultiple,
    )
    bank = forms.ChoiceField(label="社保卡开户银行", choices=BANKS)
    moved_on = forms.DateField(label="迁入日期", required=False, widget=DateInput)
    remark = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    photo = forms.FileField(label="户口簿照片", required=False, help_text="拍清楚整页")


class SignForm(forms.Form):
    """The end of an application."""

    default_renderer = YijianRenderer()
    true_and_complete = forms.BooleanField(label="我已阅读上面的告知，以上信息真实完整")
    signature = SignatureField(label="请您签名", help_text="用手指写下全名")


def context() -> dict[str, Any]:
    """Values of all pages."""
    picture = segno.make("https://example.test/s/1").svg_inline(omitsize=True)
    return {
        **FAMILY,
        **DESK,
        "form": NameForm(data={"hukou_follows": "father", "items": ["card"], "bank": "1"}),
        "sign_form": SignForm(),
        "qr": mark_safe(picture),
    }


def render(page: str, *, mode: str = "normal", language: str = "zh-hans", **more: Any) -> str:
    """One specimen page as HTML."""
    engine = DjangoTemplates(
        {
            "NAME": "gallery",
            "APP_DIRS": False,
            "DIRS": [HERE / "specimens", WEB / "templates"],
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "libraries": {
                    name: f"yijian.web.templatetags.{name}"
                    for name in ("parts", "fields", "masks", "frame")
                },
            },
        }
    )
    urls.set_urlconf(cast(str, Addresses))
    try:
        with translation.override(language):
            return engine.get_template(f"{page}.html").render(
                {**context(), "page_class": WIDE.get(page, ""), "mode": mode, **more},
                RequestFactory().get("/gallery"),
            )
    finally:
        urls.set_urlconf(None)


def main(folder: Path) -> None:
    """Write every page in both modes, to be opened from a static file server."""
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for page in PAGES:
        for mode in ("normal", "elder"):
            (folder / f"{page}-{mode}.html").write_text(render(page, mode=mode), encoding="utf-8")


if __name__ == "__main__":
    import django

    django.setup()
    main(Path(sys.argv[1]))
