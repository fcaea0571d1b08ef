"""拒绝的话: what people read when something cannot be proposed or decided."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions.proposing import ProposalRefusedError

SENTENCES = {
    "not_yours": _("您的岗位不能做这一步。"),
    "absent": _("没有这一条，或者不归您看。"),
    "decided": _("这一条已经有人决定过了。"),
    "own_proposal": _("自己提出的要由另一个人决定。"),
    "changed": _("内容与您看到的不同，请再看一遍。"),
    "already_proposed": _("同一件事已经有一条在等人决定，请先决定或撤回那一条。"),
    "too_long": _("太长了，请写短一些。"),
    "wrong_day": _("请填一个日期，例如 2026-12-01。"),
    "in_the_past": _("日期已经过去，或者结束早于开始。"),
    "unknown_role": _("请至少选一个岗位。"),
    "wrong_number": _("工号只能用字母、数字、点和横线，最多 40 位。"),
    "unknown_office": _("名录里没有这个机构。"),
    "clash_administrators": _("系统、安全、审计三种管理员不能是同一个人。"),
    "clash_administrator": _("管理员不能再有别的岗位，这样管理员才看不到办件。"),
    "clash_auditor": _("审计人员除了督办不能有别的岗位，这样没有人审计自己。"),
    "nothing_changes": _("现在就是这样，没有要改的。"),
    "own_roles": _("不能给自己授予、收回或同意岗位，请由别人办。"),
    "nobody": _("这个人现在没有任职。"),
    "not_fewer": _("这里只能减少岗位；增加岗位要提出来由第二个人同意。"),
    "wrong_code": _("代码只能用字母、数字和横线。"),
    "change_waits": _("这个机构已经有一项变更在等它的日期。"),
    "successor_needed": _("请写由哪个同类机构接办：附近没有可以自动接办的。"),
    "another_kind": _("机构的种类不能改；请停用它，再新建一个。"),
    "unknown_kind": _("没有这种机构。"),
    "title_needed": _("请填机构名称。"),
    "wrong_phone": _("电话只能有数字、空格和 + ( ) - , ; 。"),
    "unknown_place": _("没有这个行政区划代码，请填六位数字。"),
    "unknown_channel": _("没有这种渠道。"),
    "no_participant_at_a_desk": _("在工作台办理的不用写参与方。"),
    "participant_needed": _("这种渠道要写参与方。"),
    "unknown_participant": _("没有登记过这个参与方。"),
    "unknown_partner": _("没有登记过这个参与方。"),
    "unknown_item": _("没有这个事项。"),
    "unknown_step": _("没有这一步。"),
    "wrong_kind": _("种类是部门或节点。"),
    "wrong_key": _("这不是 Ed25519 公钥（PEM 格式）。"),
    "too_many_keys": _("最多同时用三把密钥，请先去掉一把旧的。"),
    "not_an_events_address": _("地址要以 /events 结尾。"),
    "not_an_address": _("这不是 http 或 https 地址。"),
    "names_a_user": _("地址里不能写用户名。"),
    "not_https": _("对外地址必须是 https。"),
    "no_such_host": _("找不到这个主机。"),
    "forbidden_address": _("这个地址不能用。"),
    "private_address": _("这是内网地址，要先由系统管理员列入设置 YIJIAN_PARTNER_NETWORKS。"),
    "only_the_sandbox": _("演练节点只能与自己的沙箱交换，不能登记别的参与方。"),
    "no_such_right": _("没有这项权限可以终止。"),
    "register": _("没有这项登记服务。"),
    "purposes": _("请至少写明一个用途。"),
    "fields": _("没有这个可选字段。"),
    "daily_budget": _("每日次数至少为 1。"),
    "ends_at": _("截止日不得早于起始日。"),
    "office_or_place": _("请在机构和区划里填一个，不要两个都填。"),
    "wrong_days": _("日期不对：放假和上班的日子都要在那一年。"),
    "year_gap": _("只能录入今年，或者已公布年份的下一年。"),
    "own_draft": _("要发短信的通告由另一个人看过、发布。"),
    "words_needed": _("请写通告的内容。"),
    "rule_overlaps": _("以后已有同样范围的规则，请先结束它。"),
    "unknown_rule": _("没有这条规则，或它已经结束。"),
}


def sentence_of(refused: ProposalRefusedError) -> str:
    """What to tell whoever was refused."""
    return words_of(refused.code)


def words_of(code: str) -> str:
    """The sentence of one code; a plain one for a code without words of its own."""
    known = SENTENCES.get(code)
    return str(known) if known else gettext("没有办成，请核对后再试。")
