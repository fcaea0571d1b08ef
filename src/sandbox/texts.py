"""The words of the pages (文字): Chinese first, English second."""

LANGUAGES = {"zh": "zh-Hans", "en": "en"}

TEXTS: dict[str, tuple[str, str]] = {
    "banner": (
        "模拟环境：这里的人、证件和部门都是虚构的",
        "Sandbox: people, papers and offices here are invented",
    ),
    "sandbox": ("模拟环境", "Sandbox"),
    "other_language": ("English", "中文"),
    "overview": ("总览", "Overview"),
    "login_title": ("统一身份认证（模拟）", "Identity provider (sandbox)"),
    "login_intro": (
        "选一位测试人员登录。不需要密码。",
        "Choose a test person to log in. No password is needed.",
    ),
    "search": ("查找", "Search"),
    "search_label": ("姓名、证件号码或家庭", "Name, ID number or family"),
    "log_in_as": ("以此身份登录", "Log in"),
    "cancel": ("取消登录", "Cancel"),
    "mother": ("母亲", "Mother"),
    "father": ("父亲", "Father"),
    "staff": ("工作人员", "Staff"),
    "nobody": ("没有找到。", "Nobody found."),
    "stranger": ("没有此人：", "Nobody is called: "),
    "logged_out": ("已退出登录。", "You are logged out."),
    "refused": ("无法完成", "This did not work"),
    "face_title": ("人脸识别（模拟）", "Live-person check (sandbox)"),
    "face_intro": ("请选择核验结果。", "Choose the result of the check."),
    "face_person": ("被核验人", "Person"),
    "face_pass": ("通过", "Pass"),
    "face_fail": ("不通过", "Fail"),
    "face_other": ("不是本人", "Somebody else"),
    "sms_title": ("短信收件箱", "SMS inbox"),
    "sms_to": ("手机号", "Number"),
    "sms_none": ("还没有短信。", "No messages yet."),
    "time": ("时间", "Time"),
    "text": ("内容", "Text"),
}


def translate(key: str, language: str) -> str:
    """Return the words for a key; a key without words is shown as it is."""
    words = TEXTS.get(key)
    if words is None:
        return key
    return words[0] if language == "zh" else words[1]
