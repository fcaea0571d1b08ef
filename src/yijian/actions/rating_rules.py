"""评价规则: the rules of ratings and work orders under a pack, as its folder says them."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from yijian.actions import contexts
from yijian.domain.ratings import RatingRules
from yijian.packs import ratings as packs

BASE = "000000-base"


def rules_of(code: str = "") -> RatingRules:
    """The rules under a pack; without one under the first that is offered here.

    A pack that came from another node has no folder here: then the base's rules hold.
    """
    folder = settings.YIJIAN.packs_dir
    wanted = code or next(iter(contexts.codes()), BASE)
    known = wanted if (folder / wanted / "pack.yaml").is_file() else BASE
    return _rules(str(folder), known)


@lru_cache(maxsize=16)
def _rules(folder: str, code: str) -> RatingRules:
    return packs.load(Path(folder), code)
