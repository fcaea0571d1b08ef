"""草稿里的示例家庭: which made-up families a draft brings along, what they are called, one of them."""

from yijian.actions import workshop_kept as kept
from yijian.domain.wording import Text
from yijian.packs.examples import FOLDER
from yijian.packs.families import Family, parse
from yijian.packs.findings import PackError
from yijian.packs.overlay import digest_of_files
from yijian.records.models import PackDraft


def titles(draft: PackDraft) -> dict[str, Text]:
    """The example families that can be read, by name."""
    texts = {path: text for path, text in draft.files.items() if path.startswith(f"{FOLDER}/")}
    key = kept.key_of("families", draft.code, digest_of_files(texts))
    found = kept.recall(key)
    if found is None:
        found = {}
        for path in sorted(texts):
            try:
                title = family(draft, _name(path)).model.title
            except PackError:
                continue
            found[_name(path)] = [title.zh, title.en or ""]
        kept.keep(key, "families", found)
    return {name: Text(zh, en) for name, (zh, en) in found.items()}


def family(draft: PackDraft, name: str) -> Family:
    """One example family of a draft. Errors: PackError for one that cannot be read."""
    path = f"{FOLDER}/{name}.yaml"
    return parse(draft.files[path], f"{draft.code}/{path}")


def _name(path: str) -> str:
    return path.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
