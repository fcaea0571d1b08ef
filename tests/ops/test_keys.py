"""First keys are made once, for their owner's eyes only."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization

from yijian.ops import keys


def test_a_key_pair_belongs_together(tmp_path: Path) -> None:
    keys.make_key_pair(tmp_path, "hr-340000")
    private = serialization.load_pem_private_key((tmp_path / "hr-340000.pem").read_bytes(), None)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert (tmp_path / "hr-340000.pub.pem").read_bytes() == public


def test_existing_keys_are_never_replaced(tmp_path: Path) -> None:
    seen = []
    for _start in range(2):
        keys.make_key_pair(tmp_path / "keys", "node")
        keys.make_secrets(tmp_path / "secrets", demo=False)
        seen.append({p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()})
    assert len(seen[0]) == 6
    assert seen[0] == seen[1]


def test_private_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    keys.make_key_pair(tmp_path / "keys", "node")
    keys.make_secrets(tmp_path / "secrets", demo=True)
    private = [tmp_path / "keys" / "node.pem", *(tmp_path / "secrets").glob("yijian_*")]
    assert len(private) == 5
    assert {path.stat().st_mode & 0o077 for path in private} == {0}


def test_only_a_demo_marks_its_secrets(tmp_path: Path) -> None:
    keys.make_secrets(tmp_path / "demo", demo=True)
    keys.make_secrets(tmp_path / "real", demo=False)
    assert (tmp_path / "demo" / keys.DEMO_MARK).exists()
    assert not (tmp_path / "real" / keys.DEMO_MARK).exists()
