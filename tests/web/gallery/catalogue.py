"""The English catalogue, compiled without gettext's programs (词条编译).

Django reads `django.mo`; a fresh machine has no `msgfmt`. `python -m tests.web.gallery.catalogue`
writes it from `django.po`; a test fails when the two are out of step.
"""

import ast
import re
import struct
from pathlib import Path

import yijian.web

SOURCE = Path(next(iter(yijian.web.__path__))).parent / "locale/en/LC_MESSAGES/django.po"
COMPILED = SOURCE.with_suffix(".mo")
ENTRY = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\])\s+(".*")$|^(".*")$')


def entries(text: str) -> dict[str, str]:
    """Message ids and their translations; plural forms joined by NUL, as gettext has it."""
    found: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        parts: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            hit = ENTRY.match(line)
            if not hit:
                raise ValueError(f"not a line of a catalogue: {line}")
            keyword = hit[1] or keyword
            parts[keyword] = parts.get(keyword, "") + ast.literal_eval(hit[2] or hit[3])
        if "msgid" not in parts:
            continue
        key = parts["msgid"]
        if "msgid_plural" in parts:
            key += "\0" + parts["msgid_plural"]
        if "msgctxt" in parts:
            key = parts["msgctxt"] + "\4" + key
        if key in found:
            raise ValueError(f"stands twice in the catalogue: {parts['msgid']}")
        forms = [value for name, value in sorted(parts.items()) if name.startswith("msgstr")]
        if all(forms):
            found[key] = "\0".join(forms)
    return found


def compiled(text: str) -> bytes:
    """The bytes of the .mo file: header, two tables, ids, translations."""
    pairs = sorted((key.encode(), value.encode()) for key, value in entries(text).items())
    start = 28 + 16 * len(pairs)
    tables: list[list[tuple[int, int]]] = []
    body = b""
    for side in (0, 1):
        table = []
        for pair in pairs:
            table.append((len(pair[side]), start + len(body)))
            body += pair[side] + b"\0"
        tables.append(table)
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    places = b"".join(struct.pack("<2I", *place) for table in tables for place in table)
    return header + places + body


if __name__ == "__main__":
    COMPILED.write_bytes(compiled(SOURCE.read_text(encoding="utf-8")))
