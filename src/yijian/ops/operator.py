"""操作员: who works at the command line, as it stands in journals: an account, never a name."""

from __future__ import annotations

import getpass
import os
import re

FITS = "已记入管理日志；双人议决见 /console/proposals/ (logged; on the console two persons decide)"
"""What commands say that do alone what two decide on the console."""
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)


def operator() -> str:
    """The account of whoever runs a command; its number where it has no plain name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    return f"operator:{name if _PLAIN.fullmatch(name) else os.getuid()}"
