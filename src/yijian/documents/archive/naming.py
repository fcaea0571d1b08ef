"""文件名: names inside packages that can be written on any system and lead nowhere else.

A title may be anything a family or a pack wrote; a name is what is left of it that no file system
takes for something else.
"""

import re
import unicodedata
from datetime import date

LONGEST_TITLE = 60
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{d}{n}" for d in ("com", "lpt") for n in range(10)
}


def safe_title(title: str) -> str:
    """The title as a part of a file name; never empty.

    >>> safe_title("../户口簿: 首页\\u202egpj.exe")
    '户口簿_ 首页gpj.exe'
    """
    text = unicodedata.normalize("NFC", title)
    text = "".join(c for c in text if c in "\t\n" or unicodedata.category(c) not in _HIDDEN)
    text = " ".join(_FORBIDDEN.sub("_", text).split()).strip(" ._")[:LONGEST_TITLE].strip(" ._")
    if not text or text.split(".")[0].casefold() in _DEVICES:
        return f"文件{text}"
    return text


def file_name(place: int, title: str, extension: str) -> str:
    """The name of a file in its folder: its place, its title and its format.

    >>> file_name(3, "首次签发登记表", "pdf")
    '03-首次签发登记表.pdf'
    """
    return f"{place:02d}-{safe_title(title)}.{extension}"


def package_name(implementation: str, number: str, ended_on: date) -> str:
    """The name of a package: what was handled, the number of the case, and the day it ended.

    >>> package_name("hukou_registration", "YJ2026-1", date(2026, 11, 21))
    'hukou_registration-YJ2026-1-20261121.zip'
    """
    return f"{safe_title(implementation)}-{safe_title(number)}-{ended_on:%Y%m%d}.zip"
