"""The settings of one node (节点), read from the environment and checked all at once.

What lives here: the typed model, where its values come from, and every refusal of nonsense. What
does not: what Django makes of them (`config.settings`). Code below `config` reads them as
`django.conf.settings.YIJIAN`.

Values come, strongest first, from the environment (`YIJIAN_…`), from `VAR_DIR/running.env` (the
addresses of a platform that `yijian run` has started), and from the files in `VAR_DIR/secrets`
(named like the setting, made by the first `yijian run`).
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, ValidationError, ValidationInfo, field_validator

from yijian.config.apart import Apart, check_training
from yijian.config.refusals import PREFIX, UnusableSettings, unknown_names
from yijian.gateways.addresses import read_networks
from yijian.ops.database import NAME, SUPERUSER, socket_folder

NO_PACKS = "none"
URLS = (
    "public_url",
    "seals_url",
    "registers_url",
    "identity_issuer",
    "face_url",
    "sms_url",
    "archive_url",
    "courier_url",
    "payment_url",
    "library_url",
    "sandbox_url",
)


class Settings(Apart):
    """One node's settings."""

    database_url: str = Field(
        default="",
        description="PostgreSQL 15 or newer as postgresql://…; empty means embedded in VAR_DIR.",
    )
    database_role: str = Field(
        default="",
        pattern=r"^[a-z_]*$",
        description="Role that pages and workers take on after connecting; `yijian_app` cannot"
        " change what only grows. Empty keeps the role of the connection.",
    )
    cipher: Literal["AES-256-GCM", "SM4-GCM"] = Field(
        default="AES-256-GCM",
        description="What seals personal data from now on; both stay readable.",
    )
    secret_key: str = Field(
        default="", repr=False, description="Signs sessions and forms; 50 characters or more."
    )
    master_key: str = Field(
        default="", repr=False, description="Base64 of 32 bytes; wraps the key of every case."
    )
    index_key: str = Field(
        default="",
        repr=False,
        description="Base64 of 32 bytes; blind index of numbers, names and phones.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="The address that people and partners use."
    )
    packs_dir: Path = Field(default=Path("packs"), description="The folder of policy packs.")
    packs: str = Field(
        default="",
        description="Codes of the packs this node offers to families, with commas; empty means"
        " every pack in PACKS_DIR that runs, `none` none: RECEIVES names what is handled then.",
    )
    receives: str = Field(
        default="",
        description="Codes of packs, with commas, whose tasks come from other nodes: handled here,"
        " offered to nobody. Versions that are not in PACKS_DIR are fetched from the sender.",
    )
    node: str = Field(
        default="yijian", description="This node's participant code in signed messages."
    )
    undo_seconds: float = Field(
        default=10, ge=0, le=600, description="How long a clerk can take a decision back."
    )
    signing_key_file: Path | None = Field(
        default=None,
        description="Ed25519 private key of this node (PEM); default VAR_DIR/keys/NODE.pem.",
    )
    keys_dir: Path | None = Field(
        default=None,
        description="Public keys of all participants (CODE.pub.pem); default VAR_DIR/keys.",
    )
    seals_url: str = Field(
        default="", description="The province's seal platform, which seals documents."
    )
    test_seals: bool = Field(
        default=False,
        description="Let this node seal with seals of its own that say 测试, for self-hosting"
        " without a seal platform; with DEMO it always does.",
    )
    seals_dir: Path | None = Field(
        default=None,
        description="Keys of the test seals, sealed with MASTER_KEY, and the certificates of their"
        " authority; all workers need the same; default VAR_DIR/seals.",
    )
    fonts_dir: Path | None = Field(
        default=None,
        description="A folder with fonts of your own for characters that the built-in fonts do not"
        " have, such as rare ones in names; all workers need the same.",
    )
    registers_url: str = Field(default="", description="The registers that know shared data.")
    identity_issuer: str = Field(default="", description="OpenID Connect issuer for all people.")
    identity_client_id: str = Field(default="yijian", description="Client id at that issuer.")
    identity_client_secret: str = Field(
        default="", repr=False, description="Client secret at that issuer."
    )
    face_url: str = Field(default="", description="The live-person check.")
    sms_url: str = Field(default="", description="The text message gateway.")
    archive_url: str = Field(
        default="", description="The archive that electronic archives are handed over to; optional."
    )
    archive_participant: str = Field(
        default="archive",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$",
        description="Under this code the archive signs its receipts; its key lies in KEYS_DIR.",
    )
    courier_url: str = Field(default="", description="The courier's order desk.")
    payment_url: str = Field(default="", description="The tax department's payment page.")
    library_url: str = Field(
        default="",
        description="The province's certificate library, told of every certificate; empty: none.",
    )
    sandbox_url: str = Field(default="", description="Link on the demo page; only with DEMO.")
    training_url: str = Field(
        default="", description="The node on which staff practise; the desk links to it."
    )
    partner_networks: str = Field(
        default="",
        description="Private networks in which partners may be reached, as CIDR with commas, such"
        " as 10.20.0.0/16; everywhere else only public addresses are called, by https.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Networks of the reverse proxies before this node, as CIDR with commas, such as"
        " 127.0.0.1/32: only their X-Forwarded-For tells who a visitor is, for the limits per"
        " sender. Empty behind a proxy: nobody is told apart, and only limits for all hold.",
    )

    @field_validator("database_url")
    @classmethod
    def _postgresql_only(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("training", False):
            raise ValueError("演练节点自带数据库 (a training node has a database of its own)")
        if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("只支持 PostgreSQL (must begin with postgresql://)")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: str) -> str:
        if len(value) < 50:
            raise ValueError(f"至少 50 个字符，现有 {len(value)} 个 (needs 50 characters or more)")
        return value

    @field_validator("master_key", "index_key")
    @classmethod
    def _32_bytes(cls, value: str) -> str:
        try:
            size = len(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            size = -1
        if size != 32:
            raise ValueError("应为 32 字节的 Base64 (must be base64 of exactly 32 bytes)")
        return value

    @field_validator("index_key")
    @classmethod
    def _two_keys(cls, value: str, info: ValidationInfo) -> str:
        if value and value == info.data.get("master_key"):
            raise ValueError("索引密钥与主密钥不得相同 (must differ from YIJIAN_MASTER_KEY)")
        return value

    @field_validator(*URLS, "training_url")
    @classmethod
    def _web_address(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            if info.field_name == "public_url":
                raise ValueError("不能为空 (must not be empty)")
            if info.field_name == "identity_issuer" and not info.data.get("demo", False):
                raise ValueError("生产环境必须配置统一身份认证 (needed in production)")
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"应为网址，现为 {value!r} (must be an http or https address)")
        if info.field_name == "sandbox_url" and not info.data.get("demo", False):
            raise ValueError("生产环境不得连接沙箱 (only with YIJIAN_DEMO)")
        if parts.scheme == "http" and not info.data.get("demo", False):
            raise ValueError("生产环境必须使用 https (must be https in production)")
        return value.rstrip("/")

    @field_validator("sandbox_url")
    @classmethod
    def _practise_alone(cls, value: str, info: ValidationInfo) -> str:
        check_training(info.data, value)
        return value

    @field_validator("partner_networks", "trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            read_networks(value)
        except ValueError as wrong:
            raise ValueError(f"网段有误 (not a network in CIDR notation): {wrong}") from None
        return value

    @field_validator("test_seals")
    @classmethod
    def _somebody_seals(cls, value: bool, info: ValidationInfo) -> bool:
        asked = value or info.data.get("demo", False)
        if not asked and info.data.get("seals_url") == "":
            raise ValueError(
                "生产环境须配置 YIJIAN_SEALS_URL；自行盖测试章须明确同意"
                " (production needs YIJIAN_SEALS_URL, or this on to seal with test seals)"
            )
        return value

    @field_validator("seals_dir")
    @classmethod
    def _seals_beside(cls, value: Path | None, info: ValidationInfo) -> Path:
        return value.expanduser().resolve() if value else _var(info) / "seals"

    @field_validator("fonts_dir")
    @classmethod
    def _fonts_that_are_there(cls, value: Path | None) -> Path | None:
        path = value.expanduser().resolve() if value else None
        if path and not path.is_dir():
            raise ValueError(f"找不到字体文件夹 {path} (this folder does not exist)")
        return path

    @field_validator("packs_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("packs")
    @classmethod
    def _packs_that_are_there(cls, value: str, info: ValidationInfo) -> str:
        if value == NO_PACKS:
            return value
        folder = info.data.get("packs_dir")
        unknown = [c for c in _listed(value) if folder and not (folder / c / "pack.yaml").is_file()]
        if unknown:
            raise ValueError(
                f"{folder} 中没有政策包 {', '.join(unknown)} (no such pack in this folder)"
            )
        return value

    @field_validator("receives")
    @classmethod
    def _something_to_do(cls, value: str, info: ValidationInfo) -> str:
        offered = info.data.get("packs", "")
        twice = sorted(set(_listed(value)) & set(_listed(offered)))
        if twice:
            raise ValueError(
                f"{', '.join(twice)} 已在 YIJIAN_PACKS 中 (is offered already by YIJIAN_PACKS)"
            )
        if offered == NO_PACKS and not value:
            raise ValueError("YIJIAN_PACKS 为 none 时必填 (needed when YIJIAN_PACKS is none)")
        return value

    @field_validator("keys_dir")
    @classmethod
    def _keys_beside(cls, value: Path | None, info: ValidationInfo) -> Path:
        return value.expanduser().resolve() if value else _var(info) / "keys"

    @field_validator("signing_key_file")
    @classmethod
    def _own_key_present(cls, value: Path | None, info: ValidationInfo) -> Path:
        path = value or _var(info) / "keys" / f"{info.data.get('node', '')}.pem"
        path = path.expanduser().resolve()
        unknown_folder = value is None and "var_dir" not in info.data
        if not info.data.get("demo", False) and not unknown_folder and not path.is_file():
            raise ValueError(f"找不到签名私钥 {path} (this file does not exist)")
        return path

    @property
    def keys_folder(self) -> Path:
        """The folder of `CODE.pub.pem` files; never empty, unlike the setting as given."""
        return self.keys_dir or self.var_dir / "keys"

    @property
    def seals_folder(self) -> Path:
        """The folder of test seals; never empty, unlike the setting as given."""
        return self.seals_dir or self.var_dir / "seals"

    @property
    def signing_key_path(self) -> Path:
        """This node's private key; never empty, unlike the setting as given."""
        return self.signing_key_file or self.keys_folder / f"{self.node}.pem"

    @property
    def pack_codes(self) -> tuple[str, ...]:
        """The packs that were chosen, in their order; empty when every pack is to run, or none."""
        return () if self.packs == NO_PACKS else _listed(self.packs)

    @property
    def offers_none(self) -> bool:
        """Whether families apply elsewhere, and this node only handles what others send."""
        return self.packs == NO_PACKS

    @property
    def received_codes(self) -> tuple[str, ...]:
        """The packs whose tasks come from other nodes alone."""
        return _listed(self.receives)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """The outside systems that these settings name; whoever writes settings is trusted."""
        return tuple(str(getattr(self, name)) for name in URLS if getattr(self, name))

    def origins(self, *names: str) -> tuple[str, ...]:
        """Scheme and host of the named addresses, without those that are not set."""
        parts = (urlsplit(str(getattr(self, name))) for name in names)
        return tuple(dict.fromkeys(f"{p.scheme}://{p.netloc}" for p in parts if p.netloc))

    def database_parameters(self) -> dict[str, str]:
        """Connection parameters for psycopg; the embedded database is found by its socket."""
        if self.database_url:
            return {k: str(v) for k, v in conninfo_to_dict(self.database_url).items() if v}
        return {
            "host": str(socket_folder(self.var_dir)),
            "user": SUPERUSER,
            "dbname": NAME,
        }


def _listed(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.strip() for code in value.split(",") if code.strip()))


def _var(info: ValidationInfo) -> Path:
    found = info.data.get("var_dir")
    return found if isinstance(found, Path) else Path("var").resolve()


def load() -> Settings:
    """Read and check all settings; raise `UnusableSettings` with the complete list of problems."""
    problems = unknown_names(os.environ, [f"{PREFIX}{n.upper()}" for n in Settings.model_fields])
    var_dir = Path(os.environ.get(f"{PREFIX}VAR_DIR") or "var").expanduser().resolve()
    secrets = var_dir / "secrets"
    try:
        settings = Settings(
            _env_file=var_dir / "running.env",
            _secrets_dir=secrets if secrets.is_dir() else None,
        )
    except ValidationError as refused:
        for error in refused.errors(include_input=False, include_url=False):
            name = PREFIX + ".".join(str(part) for part in error["loc"]).upper()
            problems.append(f"{name}: {error['msg'].removeprefix('Value error, ')}")
        raise UnusableSettings(problems) from None
    if problems:
        raise UnusableSettings(problems)
    return settings
