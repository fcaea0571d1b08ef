"""演练标记: what a training node makes says on every page that it is worth nothing."""

from dataclasses import replace

from yijian.domain.documents import Content

MARK = "演练 TRAINING 无效"
LONGEST_WATERMARK, LONGEST_TITLE = 200, 120


def practised(content: Content) -> Content:
    """The same document, marked in its title and across every page."""
    watermark = f"{MARK} {content.watermark}".strip()[:LONGEST_WATERMARK]
    title = f"【演练】{content.title}"[:LONGEST_TITLE]
    return replace(content, title=title, watermark=watermark)
