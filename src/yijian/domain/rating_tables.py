"""评价、投诉归集表: the fields of the national tables of ratings, complaints and questions.

A row names no person: whoever rated stands as the role in the family.
"""

RATING_FIELDS = (
    "办件编号",
    "评价渠道",
    "评价人",
    "评价时间",
    "评价次数",
    "满意度",
    "文字评价",
    "行政区划",
)
ORDER_FIELDS = (
    "编号",
    "类别",
    "标题",
    "内容",
    "来源",
    "提出时间",
    "承办单位",
    "反馈内容",
    "反馈时间",
    "承诺办结时间",
    "是否延期",
    "延期原因",
    "超期天数",
    "回访结果",
    "行政区划",
)
CHANNEL_NAMES = {
    "pc": "PC端",
    "mobile": "移动服务端",
    "qr": "二维码",
    "tablet": "政务大厅平板电脑",
    "other": "其他终端",
    "phone": "电话",
    "sms": "短信",
}
"""The channels as the national table writes them."""
