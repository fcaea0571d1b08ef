"""来访: what one page hands to the next of a visit, sealed: sessions lie in the database."""

import base64
import binascii
from collections.abc import Mapping
from typing import cast

from yijian.records import crypto

PURPOSE = "visit"


def sealed(name: str, document: Mapping[str, str]) -> str:
    """A few texts for the session, readable to this node alone."""
    key = crypto.installation_key(PURPOSE)
    place = crypto.place("session", name, "")
    return base64.b64encode(crypto.seal_document(key, document, place)).decode()


def opened(name: str, text: object) -> Mapping[str, str] | None:
    """The texts again; None for whatever was not sealed under this name."""
    key = crypto.installation_key(PURPOSE)
    place = crypto.place("session", name, "")
    try:
        found = crypto.open_document(key, base64.b64decode(str(text), validate=True), place)
    except (binascii.Error, crypto.SealBroken):
        return None
    return cast(Mapping[str, str], found)
