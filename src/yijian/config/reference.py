"""Writes docs/reference/settings.md from the model: `python -m yijian.config.reference`."""

from __future__ import annotations

from yijian.config.environment import Settings
from yijian.config.refusals import PREFIX

HEAD = """\
# Settings 设置

<!-- Written by `python -m yijian.config.reference > docs/reference/settings.md`. -->

A node is configured by environment variables alone. `yijian run` supplies all of them for a
demo. Anything that cannot be used stops the start with the complete list of what is wrong.

| variable | type | default | what it is |
|---|---|---|---|
"""


def _type_name(annotation: object) -> str:
    name = getattr(annotation, "__name__", None)
    if name in ("bool", "str", "Path", "float"):
        return {"bool": "yes/no", "str": "text", "Path": "path", "float": "number"}[str(name)]
    return "path"


def render() -> str:
    """The whole page as Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in ("", None) else f"`{field.default}`"
        rows.append(
            f"| `{PREFIX}{name.upper()}` | {_type_name(field.annotation)} | {default} "
            f"| {field.description} |"
        )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(render(), end="")
