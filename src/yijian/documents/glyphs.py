"""字形: which characters the fonts of documents can show, and which no document may carry.

A name that cannot be printed exactly must stop the document before it is set: a box instead of a
rare character, or a character that is there and not seen, makes a wrong document look right.
"""

import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError
from pylopdf_fonts_zh_cn import sans_path, serif_path

LINE_ENDS = "\n"
MARKS = frozenset({"Mn", "Me", "Mc"})
UNSEEN = MARKS | {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
COLLECTIONS = frozenset({".ttc", ".otc"})
SUFFIXES = COLLECTIONS | {".otf", ".ttf"}


@dataclass(frozen=True, slots=True)
class OwnFonts:
    """自备字体: the operator's font files as they are now; other files are other fonts."""

    folder: Path
    files: tuple[tuple[Path, int, int], ...]


def own_fonts(folder: Path | None) -> OwnFonts | None:
    """The fonts in the operator's folder: put one there and the next document knows it."""
    if folder is None:
        return None
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    stats = [(path, path.stat()) for path in paths]
    return OwnFonts(folder, tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats))


def font_folders(extra: OwnFonts | None) -> tuple[Path, ...]:
    """The folders whose fonts set a document: ours, then the operator's own."""
    ours = serif_path().parent
    assert ours == sans_path().parent
    return (ours,) if extra is None else (ours, extra.folder)


@dataclass(frozen=True, slots=True)
class _Font:
    family: str
    shown: frozenset[int]


@lru_cache(maxsize=2)
def extra_families(extra: OwnFonts | None) -> tuple[str, ...]:
    """The families in the operator's folder, in order of their files: asked after our own."""
    return tuple(dict.fromkeys(font.family for font in _fonts_in(extra) if font.family))


@lru_cache(maxsize=2)
def _shown(extra: OwnFonts | None) -> frozenset[int]:
    # Every text is set in one of ours and falls back to the other, then to the operator's.
    ours = (*_fonts_of(serif_path()), *_fonts_of(sans_path()))
    return frozenset().union(*(font.shown for font in (*ours, *_fonts_in(extra))))


def missing(texts: Iterable[str], extra: OwnFonts | None) -> str:
    """The characters of these texts that would not be seen on paper, each once, sorted.

    A combining mark is seen only where it makes one letter with what stands before it: marks that
    lie on top of each other cannot be told apart.
    """
    shown = _shown(extra)
    characters = {character for text in texts for character in _composed(text)}
    return "".join(
        sorted(
            character
            for character in characters
            if character not in LINE_ENDS
            and (ord(character) not in shown or unicodedata.category(character) in UNSEEN)
        )
    )


def _composed(text: str) -> str:
    if any(unicodedata.category(character) in MARKS for character in text):
        return unicodedata.normalize("NFC", text)
    return text


def _fonts_in(extra: OwnFonts | None) -> tuple[_Font, ...]:
    return (
        ()
        if extra is None
        else tuple(font for path, _, _ in extra.files for font in _fonts_of(path))
    )


def _fonts_of(path: Path) -> tuple[_Font, ...]:
    """The fonts of a file; a file that is none has none, as the typesetter sees it too."""
    try:
        with path.open("rb") as file:
            if path.suffix.lower() in COLLECTIONS:
                return tuple(map(_font, TTCollection(file, lazy=True).fonts))
            return (_font(TTFont(file, lazy=True)),)
    except (TTLibError, struct.error, AssertionError, KeyError):
        return ()


def _font(font: TTFont) -> _Font:
    family = font["name"].getDebugName(16) or font["name"].getDebugName(1) or ""
    return _Font(family, frozenset(font.getBestCmap() or ()))
