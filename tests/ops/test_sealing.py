"""Who seals for this node is said by its settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents.seal_cast import AT, HOSPITAL
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.ops import sealing


@pytest.fixture(autouse=True)
def chosen_again() -> Iterator[None]:
    sealing.provider.cache_clear()
    yield
    sealing.provider.cache_clear()


def node(settings: Any, folder: Path, url: str) -> None:
    settings.YIJIAN = settings.YIJIAN.model_copy(update={"seals_url": url, "seals_dir": folder})


def test_a_node_without_a_platform_seals_with_keys_in_its_own_folder(
    settings: Any, tmp_path: Path
) -> None:
    node(settings, tmp_path / "seals", "")
    provider = sealing.provider()
    assert provider.seal_of(HOSPITAL, AT).is_test
    assert provider is sealing.provider()
    assert len(list((tmp_path / "seals").glob("*.seal"))) == 2


def test_another_process_of_the_node_opens_the_same_keys(settings: Any, tmp_path: Path) -> None:
    node(settings, tmp_path, "")
    first = sealing.provider().seal_of(HOSPITAL, AT)
    sealing.provider.cache_clear()
    again = sealing.provider()
    assert isinstance(again, SelfHostedSeals)
    assert again.seal_of(HOSPITAL, AT) == first


def test_a_node_with_a_platform_never_seals_by_itself(settings: Any, tmp_path: Path) -> None:
    node(settings, tmp_path, "https://seals.example.cn")
    assert isinstance(sealing.provider(), sealing.PlatformSeals)
    assert list(tmp_path.iterdir()) == []
