"""演示、演练、正式: the settings that keep demonstration, training and production apart.

They are read before all others, because the strictness of others depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from yijian.config.refusals import PREFIX
from yijian.ops.keys import DEMO_MARK, TRAINING_MARK

OUTSIDE = (
    "registers_url", "identity_issuer", "face_url", "sms_url", "archive_url", "courier_url",
    "payment_url", "library_url",
)  # fmt: skip


class Apart(BaseSettings):
    """What kind of node this is, and where it keeps its files."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, validate_default=True, frozen=True, extra="ignore"
    )

    demo: bool = Field(
        default=False,
        description="Synthetic families and the sandbox. Off means production, which is strict.",
    )
    debug: bool = Field(default=False, description="Django's debug pages. Refused in production.")
    var_dir: Path = Field(
        default=Path("var"), description="Where this node keeps its files, absolute or relative."
    )
    training: bool = Field(
        default=False,
        description="A node on which staff practise: only with DEMO and in a folder that"
        " `yijian training run` has made; everything that leaves it says so.",
    )

    @field_validator("debug")
    @classmethod
    def _no_debug_in_production(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not info.data.get("demo", False):
            raise ValueError("生产环境不得开启调试 (must be off unless YIJIAN_DEMO is on)")
        return value

    @field_validator("var_dir")
    @classmethod
    def _no_demo_keys_in_production(cls, value: Path, info: ValidationInfo) -> Path:
        value = value.expanduser().resolve()
        if not info.data.get("demo", False) and (value / "secrets" / DEMO_MARK).exists():
            raise ValueError(
                f"{value} 中的密钥为演示而建，不得用于生产"
                " (its keys were made for the demo; use another folder and your own keys)"
            )
        return value

    @field_validator("training")
    @classmethod
    def _training_in_its_own_folder(cls, value: bool, info: ValidationInfo) -> bool:
        folder = info.data.get("var_dir")
        made = isinstance(folder, Path) and (folder / TRAINING_MARK).is_file()
        if value and not (made and info.data.get("demo", False)):
            raise ValueError(
                "演练节点由 yijian training run 启动"
                " (needs YIJIAN_DEMO and a folder that `yijian training run` has made)"
            )
        if made and not value:
            raise ValueError(
                f"{folder} 是演练数据，不得作他用 (holds a training node and nothing else)"
            )
        return value


def check_training(given: Mapping[str, object], sandbox: str) -> None:
    """A training node asks its own sandbox and nobody else. Errors: ValueError."""
    if not given.get("training"):
        return
    away = [
        name for name in OUTSIDE
        if given.get(name) and not f"{given[name]}/".startswith(f"{sandbox}/")
    ]  # fmt: skip
    if away or not sandbox or given.get("seals_url"):
        names = ", ".join(PREFIX + name.upper() for name in away or ["sandbox_url"])
        raise ValueError(
            f"演练节点只能连自己的沙箱，{names} 不是 (a training node asks its own sandbox alone)"
        )
