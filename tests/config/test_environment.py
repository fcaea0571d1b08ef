"""Settings that cannot be used stop the start, all reasons at once."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from yijian.config.environment import Settings, load
from yijian.config.refusals import UnusableSettings, unknown_names
from yijian.ops import keys

KEY = base64.b64encode(b"k" * 32).decode()
OTHER_KEY = base64.b64encode(b"o" * 32).decode()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment that sets nothing but an empty folder."""
    for name in [n for n in os.environ if n.startswith("YIJIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YIJIAN_VAR_DIR", str(tmp_path))
    return monkeypatch


def in_production(bare: pytest.MonkeyPatch, var_dir: Path, **more: str) -> None:
    keys.make_key_pair(var_dir / "keys", "yijian")
    values = {
        "SECRET_KEY": "s" * 50,
        "MASTER_KEY": KEY,
        "INDEX_KEY": OTHER_KEY,
        "PUBLIC_URL": "https://birth.example.cn",
        "IDENTITY_ISSUER": "https://login.example.cn",
        "SEALS_URL": "https://seals.example.cn",
    } | more
    for name, value in values.items():
        bare.setenv(f"YIJIAN_{name}", value)


def problems() -> dict[str, str]:
    with pytest.raises(UnusableSettings) as refused:
        load()
    return dict(problem.split(": ", 1) for problem in refused.value.problems)


def test_a_complete_production_environment_is_accepted(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path)
    settings = load()
    assert settings.is_https
    assert settings.public_host == "birth.example.cn"
    assert settings.signing_key_path == tmp_path / "keys" / "yijian.pem"


def test_every_problem_is_named_at_once(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("YIJIAN_DEBUG", "yes")
    bare.setenv("YIJIAN_MASTER_KEY", "short")
    bare.setenv("YIJIAN_DATABASE_URL", "mysql://127.0.0.1/x")
    bare.setenv("YIJIAN_SMS_URL", "sms")
    bare.setenv("YIJIAN_DATABSE_URL", "")
    assert set(problems()) == {
        "YIJIAN_DEBUG",
        "YIJIAN_MASTER_KEY",
        "YIJIAN_DATABASE_URL",
        "YIJIAN_SMS_URL",
        "YIJIAN_DATABSE_URL",
        "YIJIAN_SECRET_KEY",
        "YIJIAN_INDEX_KEY",
        "YIJIAN_PUBLIC_URL",
        "YIJIAN_IDENTITY_ISSUER",
        "YIJIAN_SIGNING_KEY_FILE",
        "YIJIAN_TEST_SEALS",
    }


def test_a_misspelt_name_gets_the_nearest_real_one() -> None:
    known = [f"YIJIAN_{name.upper()}" for name in Settings.model_fields]
    assert "YIJIAN_DATABASE_URL" in unknown_names({"YIJIAN_DATABSE_URL": ""}, known)[0]


def test_a_node_may_offer_nothing_when_it_handles_what_others_send(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path, PACKS="none", RECEIVES="yangtze-delta")
    settings = load()
    assert settings.offers_none
    assert (settings.pack_codes, settings.received_codes) == ((), ("yangtze-delta",))


@pytest.mark.parametrize(
    ("packs", "receives"), [("none", ""), ("340000-anhui", "yangtze-delta,340000-anhui")]
)
def test_a_node_with_nothing_to_do_or_one_pack_twice_is_refused(
    bare: pytest.MonkeyPatch, tmp_path: Path, packs: str, receives: str
) -> None:
    in_production(bare, tmp_path, PACKS=packs, RECEIVES=receives)
    assert set(problems()) == {"YIJIAN_RECEIVES"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "yes"),
        ("SANDBOX_URL", "https://sandbox.example.cn"),
        ("PUBLIC_URL", "http://birth.example.cn"),
        ("INDEX_KEY", KEY),
        ("SECRET_KEY", "short"),
        ("IDENTITY_ISSUER", ""),
        ("MASTER_KEY", base64.b64encode(b"k" * 16).decode()),
    ],
)
def test_production_refuses_what_a_demo_may_do(
    bare: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    in_production(bare, tmp_path, **{name: value})
    assert set(problems()) == {f"YIJIAN_{name}"}


def test_production_refuses_keys_made_for_the_demo(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path)
    keys.make_secrets(tmp_path / "secrets", demo=True)
    assert set(problems()) == {"YIJIAN_VAR_DIR"}


def test_a_demo_takes_its_secrets_from_files(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setenv("YIJIAN_DEMO", "yes")
    keys.make_secrets(tmp_path / "secrets", demo=True)
    settings = load()
    assert len(base64.b64decode(settings.master_key)) == 32
    assert settings.master_key == (tmp_path / "secrets" / "yijian_master_key").read_text()


def test_the_environment_is_stronger_than_a_running_platform(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare.setenv("YIJIAN_DEMO", "yes")
    keys.make_secrets(tmp_path / "secrets", demo=True)
    (tmp_path / "running.env").write_text(
        "YIJIAN_PUBLIC_URL=http://127.0.0.1:1\nYIJIAN_SMS_URL=http://127.0.0.1:2\n"
    )
    bare.setenv("YIJIAN_PUBLIC_URL", "http://127.0.0.1:3")
    settings = load()
    assert (settings.public_url, settings.sms_url) == ("http://127.0.0.1:3", "http://127.0.0.1:2")


def test_no_secret_shows_when_settings_are_printed(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path, IDENTITY_CLIENT_SECRET="whisper")
    shown = repr(load())
    for secret in (KEY, OTHER_KEY, "s" * 50, "whisper"):
        assert secret not in shown


def test_the_embedded_database_is_found_from_the_folder_alone(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path)
    assert load().database_parameters()["dbname"] == "yijian"
    bare.setenv(
        "YIJIAN_DATABASE_URL", "postgresql://clerk@db.example.cn:5433/cases?sslmode=verify-full"
    )
    assert load().database_parameters() == {
        "user": "clerk",
        "host": "db.example.cn",
        "port": "5433",
        "dbname": "cases",
        "sslmode": "verify-full",
    }


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_packs_of_a_node_are_a_list_of_those_in_its_folder(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path)
    assert load().pack_codes == ()
    folder = tmp_path / "packs"
    for code in ("first", "second"):
        (folder / code).mkdir(parents=True)
        (folder / code / "pack.yaml").touch()
    bare.setenv("YIJIAN_PACKS_DIR", str(folder))
    bare.setenv("YIJIAN_PACKS", "second, first,second")
    assert load().pack_codes == ("second", "first")
    bare.setenv("YIJIAN_PACKS", "first,third")
    assert "third" in problems()["YIJIAN_PACKS"]


@pytest.mark.parametrize("seconds", ["-1", "601", "soon"])
def test_the_time_to_take_a_decision_back_is_short(
    bare: pytest.MonkeyPatch, tmp_path: Path, seconds: str
) -> None:
    in_production(bare, tmp_path, UNDO_SECONDS=seconds)
    assert set(problems()) == {"YIJIAN_UNDO_SECONDS"}


def test_production_without_a_seal_platform_does_not_start(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path, SEALS_URL="")
    assert "测试章" in problems()["YIJIAN_TEST_SEALS"]


def test_production_may_ask_for_test_seals_in_so_many_words(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_production(bare, tmp_path, SEALS_URL="", TEST_SEALS="true")
    assert load().seals_folder == tmp_path / "seals"


def test_a_folder_of_fonts_must_be_there(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_production(bare, tmp_path, FONTS_DIR=str(tmp_path / "nowhere"))
    assert set(problems()) == {"YIJIAN_FONTS_DIR"}
    (tmp_path / "nowhere").mkdir()
    assert load().fonts_dir == tmp_path / "nowhere"
