"""拒绝启动: what is said about settings that cannot be used, all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

PREFIX = "YIJIAN_"


class UnusableSettings(SystemExit):
    """The environment cannot be used; `problems` holds every reason, one sentence each.

    It ends whatever program met it, with the list and without a traceback.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"设置有误，无法启动 (these settings cannot be used):\n{lines}")


def unknown_names(environ: Mapping[str, str], known: Sequence[str]) -> list[str]:
    """A sentence for every YIJIAN_ variable that is no setting, with the nearest that is."""
    problems = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"，是否应为 {near[0]} (did you mean {near[0]}?)" if near else ""
            problems.append(f"{name}: 没有这项设置 (no such setting){hint}")
    return problems
