"""政策包: folders of YAML become `domain.policy` values; files in, values out."""

from yijian.packs.building import build, load_folder
from yijian.packs.canonical import canonical, digest_of
from yijian.packs.findings import Finding, PackError
from yijian.packs.reading import codes_in

__all__ = ["Finding", "PackError", "build", "canonical", "codes_in", "digest_of", "load_folder"]
