"""整套读取: everything a decision about a case stands on, from a folder of packs."""

from pathlib import Path

from yijian.domain.context import Context
from yijian.packs import calendar
from yijian.packs.building import load_folder
from yijian.packs.offices import load_directory
from yijian.packs.reading import codes_in, is_base


def load_context(packs_dir: Path, code: str) -> Context:
    """The pack with its offices and the working-day calendar; PackError when one is wrong."""
    _, pack = load_folder(packs_dir, code)
    return Context(pack, load_directory(packs_dir, code), calendar.load_for(packs_dir, code))


def running_codes(packs_dir: Path) -> tuple[str, ...]:
    """The codes of the packs that a node can run."""
    return tuple(code for code in codes_in(packs_dir) if not is_base(packs_dir, code))
