"""The stylesheet and the scripts: small, old-browser proof, readable for everyone (样式表)."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import yijian.web
from tests.web.gallery import catalogue

WEB = Path(next(iter(yijian.web.__path__)))
STATIC = WEB / "static" / "yijian"
CSS = (STATIC / "yijian.css").read_text(encoding="utf-8")
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
PARTS = sorted(WEB.glob("templates/parts/*.html")) + sorted(WEB.glob("templates/layouts/*.html"))

STYLESHEET_MAX_BYTES = 12 * 1024
SCRIPTS_MAX_BYTES = 6 * 1024

# Each of these is missing in Chrome 80 or iOS 13, which live on inside provincial apps.
TOO_NEW = [
    r"@layer", r"@container", r"@import", r"oklch", r"color-mix", r":has\(", r":is\(", r":where\(",
    r":focus-visible", r"\bclamp\(", r"\bmin\(", r"\bmax\(", r"(?:^|[;{\s])inset:", r"aspect-ratio",
    r"(?:margin|padding|border|inset)-(?:inline|block)", r"\d[sdl]v[hw]\b", r"^\s*&", r"https?:",
]  # fmt: skip

MODES = {"normal": ":root", "elder": "[data-mode=elder]", "contrast": "[data-theme=high-contrast]"}
GROUNDS = {
    "--ink": ["--page", "--paper", "--quiet", "--blue-pale", "--amber-pale", "--mark"],
    "--soft": ["--page", "--paper", "--quiet", "--amber-pale"],
    "--blue": ["--page", "--paper", "--quiet", "--blue-pale", "--amber-pale"],
    "--blue-deep": ["--paper", "--blue-pale"],
    "--on-blue": ["--blue", "--blue-deep"],
    "--green": ["--paper", "--green-pale"],
    "--amber": ["--paper", "--amber-pale"],
    "--red": ["--page", "--paper", "--red-pale"],
}
SHAPES = {
    "--edge": ["--paper", "--page"],
    "--green-line": ["--paper", "--page"],
    "--amber-line": ["--paper", "--amber-pale"],
    "--focus": ["--page", "--paper"],
}


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Selector and declarations of every rule, inside media queries too."""
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        yield selector.strip(), body


def tokens(selector: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, body in blocks(RULES):
        if name == selector:
            found |= dict(re.findall(r"(--[a-z-]+):\s*([^;]+);", body))
    return found


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_stylesheet_stays_small() -> None:
    assert packed(STATIC / "yijian.css") <= STYLESHEET_MAX_BYTES


def test_scripts_together_stay_small() -> None:
    assert sum(packed(script) for script in STATIC.glob("*.js")) <= SCRIPTS_MAX_BYTES


@pytest.mark.parametrize("token", TOO_NEW)
def test_stylesheet_has_nothing_too_new(token: str) -> None:
    assert re.findall(token, RULES, re.MULTILINE) == []


def test_gap_stands_in_grids_only() -> None:
    """Flex gaps came with Chrome 84 and iOS 14.1; before, everything would stick together."""
    wrong = [
        name
        for name, body in blocks(RULES)
        if re.search(r"(?:^|[;\s])(?:row-|column-)?gap:", body) and "display: grid" not in body
    ]
    assert wrong == []


def test_every_token_is_defined_and_used() -> None:
    defined = set(re.findall(r"(?<![\w-])(--[a-z-]+):", RULES))
    used = set(re.findall(r"var\((--[a-z-]+)\)", RULES))
    assert defined == used


def test_letters_grow_with_the_root() -> None:
    """A size in px would stay small when a grandparent asks for large print."""
    fixed = [
        (name, size)
        for name, body in blocks(RULES)
        for size in re.findall(r"font(?:-size)?:[^;]*?(\d+)px", body)
    ]
    assert fixed == [(".stage-dot", "15")]


@pytest.mark.parametrize("mode", MODES)
def test_words_have_contrast_on_every_ground(mode: str) -> None:
    palette = tokens(":root") | tokens(MODES[mode])
    weak = [
        (word, ground, round(contrast(palette[word], palette[ground]), 2))
        for word, grounds in GROUNDS.items()
        for ground in grounds
        if contrast(palette[word], palette[ground]) < 4.5
    ]
    assert weak == []


@pytest.mark.parametrize("mode", MODES)
def test_shapes_have_contrast_on_their_ground(mode: str) -> None:
    palette = tokens(":root") | tokens(MODES[mode])
    weak = [
        (shape, ground)
        for shape, grounds in SHAPES.items()
        for ground in grounds
        if contrast(palette[shape], palette[ground]) < 3
    ]
    assert weak == []


def test_high_contrast_is_the_same_by_wish_and_by_system() -> None:
    media = RULES[RULES.index("prefers-contrast") :]
    system = next(body for name, body in blocks(media) if name.endswith(":root"))
    assert dict(re.findall(r"(--[a-z-]+):\s*([^;]+);", system)) == tokens(MODES["contrast"])


def test_focus_is_hidden_only_where_it_shows_elsewhere() -> None:
    hidden = [
        name for name, body in blocks(RULES) if re.search(r"outline(?:-style)?:\s*(?:0|none)", body)
    ]
    assert hidden == ["main:focus, h1:focus", ".tile input:focus"]


def test_every_class_of_a_part_has_a_rule() -> None:
    known = set(re.findall(r"\.([a-z][a-z-]*)", RULES))
    plain = set()
    for part in PARTS:
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "\0", part.read_text(encoding="utf-8"))
        for names in re.findall(r'class="([^"]*)"', text):
            plain |= {name for name in names.split() if "\0" not in name}
    assert plain - known == set()


def test_every_rule_styles_something_that_exists() -> None:
    pages = "".join(
        path.read_text(encoding="utf-8")
        for folder in (WEB, Path(__file__).parents[2] / "docs" / "reference", Path(__file__).parent)
        for pattern in ("*.html", "*.js", "*.py", "*.md")
        for path in folder.rglob(pattern)
    )
    names = set(re.findall(r"\.([a-z][a-z-]*)", re.sub(r"\d\.\d|url\([^)]*\)", "", RULES)))
    unused = {name for name in names if name not in pages and name.rpartition("--")[0] not in pages}
    assert unused == set()


def test_every_sentence_of_the_parts_has_english() -> None:
    english = catalogue.entries(catalogue.SOURCE.read_text(encoding="utf-8"))
    wanted = set()
    for part in PARTS:
        text = re.sub(r"{% comment %}.*?{% endcomment %}", "", part.read_text("utf-8"), flags=re.S)
        wanted |= set(re.findall(r'{% translate "(.*?)"', text))
        for sentence in re.findall(r"{% blocktranslate.*?%}(.*?){% (?:plural|endblock)", text):
            wanted.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", sentence))
    for module in [*WEB.glob("templatetags/*.py"), WEB / "rendering.py"]:
        wanted |= set(re.findall(r'\b_\("(.*?)"\)', module.read_text(encoding="utf-8")))
    assert wanted - {key.split("\0")[0] for key in english} == set()


def test_compiled_catalogue_is_in_step_with_its_source() -> None:
    """If not: `python -m tests.web.gallery.catalogue`."""
    source = catalogue.SOURCE.read_text(encoding="utf-8")
    assert catalogue.COMPILED.read_bytes() == catalogue.compiled(source)
