"""`yijian verify file`: a line for each finding, and no database anywhere near."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import pem
from typer.testing import CliRunner

from tests.documents.seal_cast import AT, HOSPITAL, notice, ofd_notice
from yijian.documents.seals.ofd import seal_ofd
from yijian.documents.seals.pdf import record_of, seal_pdf
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.ops.verify_command import commands
from yijian.records.crypto import Key


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SelfHostedSeals:
    """A node's seals, where the command looks for their authority."""
    monkeypatch.setenv("YIJIAN_VAR_DIR", str(tmp_path / "var"))
    return SelfHostedSeals(tmp_path / "var" / "seals", Key(b"k" * 32))


@pytest.fixture
def pdf(provider: SelfHostedSeals, tmp_path: Path) -> Path:
    path = tmp_path / "受理通知书.pdf"
    path.write_bytes(seal_pdf(notice().pdf, holder=HOSPITAL, provider=provider, at=AT))
    return path


@pytest.fixture
def ofd(provider: SelfHostedSeals, tmp_path: Path) -> Path:
    path, spot = tmp_path / "受理通知书.ofd", notice().seal_places[0]
    path.write_bytes(seal_ofd(ofd_notice(), holder=HOSPITAL, provider=provider, at=AT, spot=spot))
    return path


def verify(*arguments: object) -> tuple[int, list[str]]:
    ended = CliRunner().invoke(commands, ["file", *map(str, arguments)])
    return ended.exit_code, ended.stdout.splitlines()


def test_sound_documents_end_with_nothing_wrong(pdf: Path, ofd: Path) -> None:
    code, lines = verify(pdf, ofd)
    assert code == 0
    assert [line for line in lines if line.endswith(" sound")] == [
        f"{pdf}: PDF · 核验通过 sound",
        f"{ofd}: OFD · 核验通过 sound",
    ]
    assert all("测试印章，不具法律效力" in line for line in lines if " seal " in line)
    assert "2026-11-21 10:00:00" in lines[0]


def test_one_tampered_file_among_sound_ones_ends_with_a_fault(pdf: Path, ofd: Path) -> None:
    changed = pdf.with_name("changed.pdf")
    changed.write_bytes(pdf.read_bytes().replace(b"%%EOF", b"%%EOE", 1))
    code, lines = verify(pdf, changed, ofd)
    assert code == 1
    assert [line for line in lines if "FAULT" in line] == [
        f"{changed}: 不符 FAULT changed_after_sealing Seal1 — 盖章后内容被改动"
        " (was changed after it was sealed)"
    ]


def test_the_record_beside_a_pdf_is_examined_with_it_once(
    pdf: Path, provider: SelfHostedSeals
) -> None:
    record = pdf.with_name(pdf.name + ".ses")
    record.write_bytes(record_of(pdf.read_bytes(), holder=HOSPITAL, provider=provider, at=AT))
    code, lines = verify(pdf, record)
    assert code == 0
    assert [line.split(" · ")[-2] for line in lines if " seal " in line] == ["EC", "SM2"]
    record.write_bytes(record_of(notice().pdf, holder=HOSPITAL, provider=provider, at=AT))
    code, lines = verify(pdf)
    assert code == 1
    assert any("record_of_another_file" in line for line in lines)


def test_an_authority_is_trusted_only_when_it_is_named(
    pdf: Path, provider: SelfHostedSeals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(pem.armor("CERTIFICATE", provider.authorities()[0]))
    monkeypatch.setenv("YIJIAN_VAR_DIR", str(tmp_path / "elsewhere"))
    code, lines = verify(pdf)
    assert code == 1
    assert any("unknown_issuer" in line for line in lines)
    assert verify(pdf, "--trust", root)[0] == 0


def test_an_unsealed_document_is_never_passed(tmp_path: Path, provider: SelfHostedSeals) -> None:
    path = tmp_path / "plain.pdf"
    path.write_bytes(notice().pdf)
    code, lines = verify(path)
    assert code == 1
    assert "not_sealed" in lines[0]


def test_a_file_that_is_not_there_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    code, lines = verify(tmp_path / "nothing.pdf")
    assert code == 1
    assert "unreadable" in lines[0]


def test_something_that_is_no_certificate_is_not_trusted(pdf: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("hello")
    assert verify(pdf, "--trust", wrong)[0] == 2


def test_it_needs_neither_settings_nor_a_database(pdf: Path) -> None:
    bare = {n: v for n, v in os.environ.items() if not n.startswith(("YIJIAN_", "DJANGO_"))}
    program = (
        "import sys; from yijian.ops.command import main\n"
        f"try: main(['verify', 'file', {str(pdf)!r}])\n"
        "except SystemExit as ended: print(ended.code)\n"
        "print(sorted({'django', 'psycopg'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        env=bare | {"YIJIAN_VAR_DIR": os.environ["YIJIAN_VAR_DIR"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-2:] == ["0", "[]"]
    assert shown.stderr == ""
