"""What the parts say: forms that keep what was typed, marks, masks and signs (页面部件)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test.html import parse_html
from django.utils import translation

from yijian.web.rendering import (
    Choice,
    DateInput,
    LongSelect,
    NameInput,
    SignatureDrawing,
    SignatureField,
    YijianRenderer,
)
from yijian.web.templatetags.masks import characters

LOADED = "{% load parts fields masks %}"


def shown(template: str, **context: Any) -> str:
    """A snippet as HTML, with runs of white space made one."""
    return " ".join(Template(LOADED + template).render(Context(context)).split())


class Application(forms.Form):
    default_renderer = YijianRenderer()
    name = forms.CharField(
        label="宝宝姓名",
        help_text="请核对每个字",
        error_messages={"required": "请填写宝宝姓名"},
        widget=NameInput,
    )
    follows = forms.ChoiceField(
        label="户口随谁",
        choices=[("f", Choice("随父亲", "庐阳区 <1号>")), ("m", "随母亲")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择随父亲还是随母亲"},
    )
    phone = forms.CharField(
        label="手机", required=False, widget=forms.TextInput({"autocomplete": "tel"})
    )
    born_on = forms.DateField(label="出生日期", required=False, widget=DateInput)
    agreed = forms.BooleanField(label="我同意", required=False)
    secret = forms.CharField(required=False, widget=forms.HiddenInput)


class Signing(forms.Form):
    default_renderer = YijianRenderer()
    signature = SignatureField(label="签名")


STROKES = "300x190|10,10 20,20 30,30|40,10 40,50 40,80 41,90 42,95"


# --- Forms ----------------------------------------------------------------------------------


def test_field_shows_label_hint_error_and_box_in_this_order() -> None:
    html = shown("{{ form }}", form=Application(data={}))
    places = [
        html.index(mark) for mark in ('for="id_name"', "请核对每个字", "请填写宝宝姓名", "<input")
    ]
    assert places == sorted(places)


def test_box_is_described_by_its_hint_and_its_error() -> None:
    html = shown("{{ form.name.as_field_group }}", form=Application(data={}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_group_is_described_on_its_fieldset() -> None:
    html = shown("{{ form.follows.as_field_group }}", form=Application(data={}))
    assert '<fieldset aria-describedby="id_follows_error">' in html
    assert '<legend class="label">户口随谁' in html


def test_values_just_typed_are_kept_and_escaped() -> None:
    html = shown("{{ form }}", form=Application(data={"name": '"><b>', "follows": "m"}))
    assert 'value="&quot;&gt;&lt;b&gt;"' in html
    assert "<b>" not in html
    assert 'value="m" id="id_follows_1" required checked' in html


def test_second_line_of_a_choice_is_escaped() -> None:
    html = shown("{{ form.follows.as_field_group }}", form=Application())
    assert '<span class="tile-text">随父亲</span>' in html
    assert '<span class="tile-hint">庐阳区 &lt;1号&gt;</span>' in html


def test_optional_fields_say_so_and_keep_their_autocomplete() -> None:
    html = shown("{{ form.phone.as_field_group }}", form=Application())
    assert "（选填）" in html
    assert 'autocomplete="tel"' in html
    assert 'class="input"' in html


@pytest.mark.parametrize("chosen", ["", "b", "gone"])
def test_a_long_list_reads_like_a_short_one(chosen: str) -> None:
    offices = [("", "请选择"), ("a", "甲 <一>"), ("b", "乙 & 丙")]

    class Offices(Application):
        office = forms.ChoiceField(choices=offices, widget=forms.Select)

    class LongOffices(Application):
        office = forms.ChoiceField(choices=offices, widget=LongSelect)

    for data in (None, {"office": chosen}):
        short, long = (
            shown("{{ form.office.as_field_group }}", form=kind(data, initial={"office": "a"}))
            for kind in (Offices, LongOffices)
        )
        assert parse_html(long) == parse_html(short)


def test_name_box_is_large_and_no_browser_completes_it() -> None:
    html = shown("{{ form.name.as_field_group }}", form=Application())
    assert 'class="input input--name"' in html
    assert 'autocomplete="off"' in html


def test_date_is_iso_in_every_language() -> None:
    form = Application(initial={"born_on": date(2026, 11, 8)})
    with translation.override("en"):
        html = shown("{{ form.born_on.as_field_group }}", form=form)
    assert 'type="date"' in html
    assert 'value="2026-11-08"' in html


def test_tick_is_one_tile_with_its_sentence() -> None:
    html = shown("{{ form.agreed.as_field_group }}", form=Application(data={"agreed": "on"}))
    assert '<label for="id_agreed"><span class="tile-text">我同意</span>' in html
    assert "checked" in html


def test_hidden_fields_are_in_the_form_and_not_in_a_frame() -> None:
    html = shown("{{ form }}", form=Application(initial={"secret": "s"}))
    assert html.count('name="secret"') == 1
    assert html.count('<div class="field">') == 5


def test_error_summary_leads_to_the_box_or_the_first_choice() -> None:
    html = shown("{% error_summary form %}", form=Application(data={}))
    assert "有 2 处需要修改" in html
    assert '<a href="#id_name">请填写宝宝姓名</a>' in html
    assert '<a href="#id_follows_0">请选择随父亲还是随母亲</a>' in html


def test_error_summary_gathers_several_forms_and_their_own_sentences() -> None:
    first, second = Application(data={"name": "张", "follows": "f"}), Signing(data={})
    first.add_error(None, "两次提交不一致")
    html = shown("{% error_summary a b none %}", a=first, b=second, none=None)
    assert "<li>两次提交不一致</li>" in html
    assert '<a href="#id_signature_typed">请签名，或者键入姓名</a>' in html


def test_error_summary_is_absent_before_anything_was_sent() -> None:
    assert shown("{% error_summary form %}", form=Application()) == ""


def test_error_summary_speaks_english() -> None:
    with translation.override("en"):
        html = shown("{% error_summary form %}", form=Application(data={}))
    assert "There are 2 things to correct" in html


# --- Signatures -----------------------------------------------------------------------------


def test_drawn_signature_becomes_a_picture_of_its_strokes() -> None:
    form = Signing(data={"signature_drawn": STROKES, "signature_typed": ""})
    assert form.is_valid(), form.errors
    picture = form.cleaned_data["signature"].svg()
    assert 'viewBox="0 0 300 190"' in picture
    assert "M10,10 L20,20 L30,30 M40,10 L40,50" in picture


def test_typed_name_is_a_signature_too() -> None:
    form = Signing(data={"signature_drawn": "", "signature_typed": "王梅"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["signature"].typed_name == "王梅"


def test_signature_survives_an_error_elsewhere() -> None:
    html = shown("{{ form }}", form=Signing(data={"signature_drawn": STROKES}))
    assert f'value="{STROKES}"' in html


@pytest.mark.parametrize(
    ("strokes", "sentence"),
    [
        ("300x190|1,1 2,2", "签名太短，请重新签写完整的姓名"),
        (f"{STROKES}|<script>", "没有收到完整的签名，请重新签写"),
        (f"{STROKES}\n", "没有收到完整的签名，请重新签写"),
        ("300x190|" + "10,10 " * 8000 + "1,1", "没有收到完整的签名，请重新签写"),
    ],
)
def test_strange_strokes_are_refused_with_a_sentence(strokes: str, sentence: str) -> None:
    form = Signing(data={"signature_drawn": strokes, "signature_typed": ""})
    assert form.errors["signature"] == [sentence]


def test_nothing_at_all_is_no_signature() -> None:
    with pytest.raises(ValueError, match="drawn or typed"):
        SignatureDrawing("", "")


# --- Marks and masks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "marked"),
    [
        ("寿春路88号3-501", "寿春路86号3-501", "寿春路<mark>88</mark>号3-501"),
        ("张小满", "张晓满", "张<mark>小</mark>满"),
        ("张小满", "张小满", "张小满"),
        ("张小满", "", "<mark>张小满</mark>"),
        ("张小", "张小满", "张小"),
        ("<b>甲", "<b>乙", "&lt;b&gt;<mark>甲</mark>"),
        ("340102199001010011", "340102199001010021", "3401021990010100<mark>1</mark>1"),
        ("𠮷田", "吉田", "<mark>𠮷</mark>田"),
        ("葛\U000e0100城", "葛城", "<mark>葛\U000e0100</mark>城"),
        ("", "张", ""),
    ],
)
def test_differing_characters_are_marked(ours: str, theirs: str, marked: str) -> None:
    assert shown("{% differing a b %}", a=ours, b=theirs) == marked


@pytest.mark.parametrize(
    ("sort", "value", "mask"),
    [
        ("name", "张三", "张*"),
        ("name", "张小满", "张**"),
        ("name", "欧阳娜娜", "欧阳**"),
        ("name", "欧阳", "欧*"),
        ("name", "𠮷田", "𠮷*"),
        ("name", "Anna Smith", "A*** S****"),
        ("id_number", "340102199001010011", "340***********0011"),
        ("id_number", "E12345678", "E******78"),
        ("phone", "13812348000", "138****8000"),
        ("phone", "5678", "**78"),
        ("bank_card", "6222021234567890", "************7890"),
        ("certificate", "T340012345", "T34*****45"),
        ("address", "安徽省合肥市庐阳区杏花街道寿春路88号3-501", "安徽省合肥市庐阳区杏花街道****"),
        ("address", "安徽省宿松县孚玉镇人民路1号", "安徽省宿松县孚玉镇****"),
        ("address", "安徽省合肥市庐阳区寿春路88号", "安徽省合肥市庐阳区****"),
    ],
)
def test_masks_follow_the_convention(sort: str, value: str, mask: str) -> None:
    assert shown("{{ value|masked:sort }}", value=value, sort=sort) == mask


def test_newborns_birth_date_never_shows_in_its_number() -> None:
    assert "20261118" not in shown("{{ value|masked:'id_number' }}", value="340103202611180026")


def test_unknown_sort_of_mask_is_an_error_and_not_a_full_value() -> None:
    with pytest.raises(KeyError):
        shown("{{ value|masked:'passport' }}", value="E12345678")


def test_absent_value_stays_absent() -> None:
    assert shown("{{ value|masked:'phone' }}", value=None) == ""


def test_characters_keep_their_marks() -> None:
    assert characters("葛\U000e0100a\u0301𠮷") == ["葛\U000e0100", "a\u0301", "𠮷"]


# --- Lists ----------------------------------------------------------------------------------


def test_source_shared_by_all_facts_is_said_once() -> None:
    facts = [
        {"label": "性别", "value": "女", "source": "医院"},
        {"label": "体重", "value": "3200 克", "source": "医院"},
    ]
    assert shown("{% facts_card '已知' facts %}", facts=facts).count("医院") == 1
    facts[1]["source"] = "公安"
    html = shown("{% facts_card '已知' facts wrong_url='/w' %}", facts=facts)
    assert html.count('class="source source--verified"') == 2
    assert '<a class="more" href="/w">信息不对？</a>' in html


@dataclass(frozen=True)
class Condition:
    answer: str
    title: str
    way_on: str = ""


@pytest.mark.parametrize(
    ("answer", "sign", "word"),
    [
        ("yes", "yes", "符合"),
        ("no", "no", "不符合"),
        ("unknown", "ask", "暂时查不到"),
        ("stale", "ask", "信息已过期"),
        ("person", "ask", "需要人工确认"),
        ("busy", "busy", "正在核验"),
    ],
)
def test_verdict_has_a_sign_and_the_same_in_words(answer: str, sign: str, word: str) -> None:
    html = shown("{% verdicts rows %}", rows=[Condition(answer, "已婚", "<去登记>")])
    assert f'class="sign sign--{sign}" aria-hidden="true"' in html
    assert f'<span class="hidden-text">{word}</span>' in html
    assert "&lt;去登记&gt;" in html


def test_misspelt_answer_is_an_error_and_not_a_sign() -> None:
    with pytest.raises(KeyError):
        shown("{% verdicts rows %}", rows=[Condition("maybe", "已婚")])


def test_timeline_numbers_what_is_not_done() -> None:
    stages = [
        {"title": "出生证", "state": "done", "tag": "已办结"},
        {"title": "落户", "state": "current", "phone": "0551-1"},
    ]
    html = shown("{% timeline stages %}", stages=stages)
    assert '<span class="stage-dot" aria-hidden="true"></span>' in html
    assert '<span class="stage-dot" aria-hidden="true">2</span>' in html
    assert html.count('aria-current="step"') == 1
    assert '<span class="tag tag--good">已办结</span>' in html
    assert 'href="tel:0551-1"' in html


def test_comparison_puts_differences_first_and_keeps_the_order_of_the_rest() -> None:
    rows = [
        {"label": "姓名", "declared": "张小满"},
        {"label": "性别", "declared": "女", "verified": "女"},
        {"label": "地址", "declared": "88号", "verified": "86号"},
        {"label": "民族", "verified": "汉"},
    ]
    html = shown("{% compare rows %}", rows=rows)
    order = [html.index(label) for label in ("地址", "姓名", "性别", "民族")]
    assert order == sorted(order)
    assert "<mark>88</mark>号" in html
    assert "<mark>86</mark>号" in html
    for word in ("不一致", "仅申报", "一致", "仅共享"):
        assert word in html


def test_rare_character_shows_its_code_point() -> None:
    html = shown("{% glyphs '王𠮷' pinyin %}", pinyin=["wáng", "jí"])
    assert html.count("glyph-box") == 2
    assert "U+20BB7" in html
    assert "U+738B" not in html
    assert "jí" in html


def test_glyphs_may_come_ready_to_show() -> None:
    ready = [{"character": "喆", "pinyin": "zhé", "code": "U+5586", "rare": False}]
    html = shown("{% glyphs ready %}", ready=ready)
    assert "喆</span>" in html
    assert "U+5586" not in html
    assert '<p class="hidden-text">喆</p>' in html


def test_letters_are_dated_in_shanghai() -> None:
    at = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    html = shown(
        "{% letters rows %}", rows=[{"title": "已受理", "text": "<x>", "at": at, "new": True}]
    )
    assert "2026-11-21 01:05" in html
    assert "新消息" in html
    assert "&lt;x&gt;" in html


def test_steps_say_where_and_hide_a_save_that_was_not() -> None:
    assert "第 2 步，共 3 步" in shown("{% steps 2 3 '14:32' %}")
    assert "已自动保存 14:32" in shown("{% steps 2 3 '14:32' %}")
    html = shown("{% steps 2 3 %}")
    assert " hidden>" in html
    assert '<li class="is-done"></li><li class="is-now"></li><li></li>' in html


def test_worklist_rows_carry_light_link_and_box() -> None:
    row = {
        "id": "7",
        "number": "2026-1",
        "url": "/t/7",
        "light": "red",
        "cells": ["王**"],
        "left": "今天",
    }
    html = shown("{% worklist columns rows select='task' %}", columns=["新生儿"], rows=[row])
    assert '<tr data-row class="light--red">' in html
    assert '<input type="checkbox" name="task" value="7">' in html
    assert '<a class="open" href="/t/7" data-open>2026-1</a>' in html
