"""家庭文件: one synthetic family as data, for examples, `explain`, `play`, the sandbox and `walk`.

A file may be a skeleton: `complete` fills what is left out, always with the same values. The format
is docs/reference/families.md.
"""

from yijian.packs.families.answering import FamilyFacts, facts_of
from yijian.packs.families.completing import as_json, complete
from yijian.packs.families.reading import Family, load, parse

__all__ = ["Family", "FamilyFacts", "as_json", "complete", "facts_of", "load", "parse"]
