"""What the specimen pages show (样例数据). People and places are made up; numbers lead nowhere."""

from datetime import UTC, datetime
from typing import Any

HOSPITAL = "医院分娩信息，今天 09:12"

STAGES: list[dict[str, Any]] = [
    {
        "title": "《出生医学证明》签发",
        "state": "done",
        "tag": "已办结",
        "office": "市妇幼保健院",
        "since": "11月19日 14:05",
    },
    {
        "title": "《预防接种证》发放",
        "state": "done",
        "tag": "已领取",
        "office": "市妇幼保健院",
        "since": "11月19日 15:20",
    },
    {
        "title": "出生登记（落户）",
        "state": "current",
        "tag": "办理中",
        "office": "庐阳公安分局杏花派出所",
        "since": "11月20日 09:00 受理",
        "due": "预计 11月24日前办结",
        "phone": "0551-00000000",
    },
    {
        "title": "社会保障卡申领",
        "state": "waiting",
        "tag": "等待上一项",
        "note": "落户完成后自动开始，无需操作",
    },
    {
        "title": "医保参保登记",
        "state": "stopped",
        "tag": "已暂停",
        "note": "身份信息待核对，其余事项继续",
    },
    {
        "title": "医保缴费",
        "state": "attention",
        "tag": "待您缴费",
        "note": "请在 2027年2月16日前缴费",
        "url": "#pay",
        "link": "去缴费",
    },
    {
        "title": "生育医疗费用报销",
        "state": "skipped",
        "tag": "无需办理",
        "note": "住院时已直接结算",
    },
]

FAMILY: dict[str, Any] = {
    "demo": True,
    "demo_url": "#demo",
    "place": "安徽省",
    "hotline": "12345",
    "guide_url": "#guide",
    "complaint_url": "#complaint",
    "facts": [
        {"label": "性别", "value": "女", "source": HOSPITAL},
        {"label": "出生时间", "value": "2026年11月18日 03:27", "source": HOSPITAL},
        {"label": "出生医院", "value": "合肥市妇幼保健院", "source": HOSPITAL},
    ],
    "pinyin": ["ōu", "yáng", "jí", "mǎn"],
    "conditions": [
        {
            "answer": "yes",
            "title": "宝宝在本省医院出生",
            "reason": "合肥市妇幼保健院已报送分娩信息",
        },
        {"answer": "yes", "title": "父母已登记结婚", "reason": "2023年5月20日登记"},
        {
            "answer": "no",
            "title": "父母一方是本市户口",
            "reason": "父亲户口在南京市，母亲户口在苏州市。",
            "basis": "安徽省实施方案 附件2",
            "way_on": "出生登记请到户口所在地派出所办理，我们会把材料备好。",
            "url": "#where",
            "link": "查看派出所地址",
        },
        {
            "answer": "person",
            "title": "家庭户口",
            "reason": "户口性质与登记不一致，工作人员会在 1 天内确认",
        },
    ],
    "checking": [
        {"answer": "yes", "title": "医院分娩信息"},
        {"answer": "busy", "title": "户籍信息"},
        {"answer": "busy", "title": "婚姻信息"},
    ],
    "answers": [
        {
            "label": "姓名",
            "value": "张小满",
            "source": "您填写的",
            "origin": "declared",
            "change_url": "#1",
        },
        {
            "label": "户口",
            "value": "随父亲\n合肥市庐阳区",
            "source": "公安户籍",
            "change_url": "#2",
        },
        {"label": "民族", "value": "汉族", "source": "父母相同，自动得出", "origin": "derived"},
    ],
    "notice": "为了办理您选择的事项，我们会向医院、公安、民政、人社、医保部门核对下面的信息。\n\n"
    "每个部门只会看到办理本事项需要的内容。您可以随时查看谁在什么时候看过，也可以撤回授权。",
    "stages": STAGES,
    "messages_sent": [
        {
            "title": "出生登记已受理",
            "text": "杏花派出所已受理，预计 11月24日前办结。",
            "at": datetime(2026, 11, 20, 1, 5, tzinfo=UTC),
            "new": True,
            "url": "#letter",
            "link": "查看受理通知书",
        },
        {
            "title": "出生医学证明已签发",
            "text": "电子证照已经可以使用。",
            "at": datetime(2026, 11, 19, 6, 5, tzinfo=UTC),
        },
    ],
    "items": [
        ("《出生医学证明》签发", "助产机构", "1 个工作日"),
        ("出生登记", "公安", "2 个工作日"),
        ("社会保障卡申领", "人社", "30 个工作日"),
    ],
    "printed": [
        {"label": "新生儿", "value": "张小满，女，2026年11月18日出生"},
        {"label": "办理事项", "value": "出生医学证明、出生登记、社会保障卡"},
    ],
}

FAMILIES = "王**之子 李**之女 张**之子 赵**之女 欧阳**之子 买买提**之女 周**之子 吴**之女（双胎A） 吴**之子（双胎B） 钱**之女"
LIGHTS = [
    ("red", "超期", "bad", "超 0.5 天"),
    ("yellow", "临期", "warn", "今天"),
    ("green", "待核验", "info", "1.5 天"),
]

DESK: dict[str, Any] = {
    "groups": [
        {
            "title": "",
            "links": [
                {"label": "待我办理", "url": "#1", "count": 10, "current": True},
                {"label": "超期", "url": "#2", "count": 1, "bad": True},
                {"label": "待补正", "url": "#3", "count": 3},
                {"label": "已办结", "url": "#4", "count": 214},
            ],
        },
        {
            "title": "全所",
            "links": [
                {"label": "全所待办", "url": "#5", "count": 47},
                {"label": "统计", "url": "#6"},
            ],
        },
    ],
    "columns": ["新生儿", "申请人", "事项", "落户派出所"],
    "rows": [
        {
            "id": str(place),
            "number": f"2026-1120-{31 + place:04d}",
            "url": f"#{place}",
            "cells": [family, "母 王*梅", "出生登记", "杏花派出所"],
            "light": LIGHTS[min(place, 2)][0],
            "tag": LIGHTS[min(place, 2)][1],
            "tone": LIGHTS[min(place, 2)][2],
            "left": LIGHTS[min(place, 2)][3],
        }
        for place, family in enumerate(FAMILIES.split())
    ],
    "compared": [
        {"label": "婴儿姓名", "declared": "张小满", "source": "出生证：张小满"},
        {"label": "婴儿性别", "declared": "女", "verified": "女", "source": "医院分娩信息"},
        {
            "label": "出生时间",
            "declared": "2026-11-18 03:27",
            "verified": "2026-11-18 03:27",
            "source": "医院分娩信息",
        },
        {
            "label": "落户地址",
            "declared": "庐阳区杏花街道寿春路88号3-501",
            "verified": "庐阳区杏花街道寿春路86号3-501",
            "source": "公安户籍",
        },
        {"label": "母亲姓名", "declared": "王梅", "verified": "王梅", "source": "公安人口库"},
        {
            "label": "母亲证件号",
            "declared": "340***********2026",
            "verified": "340***********2026",
            "source": "公安人口库",
        },
        {"label": "父亲姓名", "declared": "张明", "verified": "张明", "source": "公安人口库"},
        {"label": "与户主关系", "declared": "女", "source": "户主：张明"},
        {"label": "民族", "declared": "汉", "verified": "汉", "source": "公安人口库"},
        {"label": "婚姻", "declared": "已婚", "verified": "已婚", "source": "民政婚姻库"},
    ],
    "results": [
        {"answer": "yes", "text": "父母双方安徽户籍", "source": "公安"},
        {"answer": "yes", "text": "婚内生育", "source": "民政"},
        {"answer": "yes", "text": "父母同民族", "source": "公安"},
        {"answer": "person", "text": "落户地址门牌号不一致，请确认"},
    ],
}
