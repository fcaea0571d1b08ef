"""How one sandbox process is started (设置): from the command line, handed on as one JSON text."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Everything a sandbox needs to know; `minute_seconds` is the length of a pretend minute.

    `home` are the first digits of the divisions where its own families live, `node` is the
    participant whose requests are the platform's. `treasury` is the address of the world where
    families pay, if it is not this one.
    """

    keys: Path
    node_url: str
    port: int = 8100
    host: str = "127.0.0.1"
    seed: int = 1
    generate: int = 0
    node: str = "yijian"
    home: str = "34"
    today: date | None = None
    state: Path | None = None
    client_secret: str = ""
    minute_seconds: float = 1.0
    delay_seconds: tuple[float, float] = (1.0, 2.0)
    pull: bool = False
    robots: bool = False
    make_keys: bool = False
    treasury: str = ""

    @property
    def province(self) -> str:
        """The six-digit province of the home places."""
        return f"{self.home[:2]}0000"

    @property
    def base_url(self) -> str:
        """The address people and the platform use for this process."""
        return f"http://{self.host}:{self.port}"

    def to_json(self) -> str:
        """Return the settings as text for the serving process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Settings":
        """Read what `to_json` wrote."""
        values = json.loads(text)
        values["keys"] = Path(values["keys"])
        values["state"] = Path(values["state"]) if values["state"] else None
        values["today"] = date.fromisoformat(values["today"]) if values["today"] else None
        values["delay_seconds"] = tuple(values["delay_seconds"])
        return cls(**values)
