"""Settings: what is missing or wrong is named before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

SECRETS = {"SECRET_KEY": "k" * 32, "ENGINE_TOKEN": "t"}
WHATSAPP = {"WHATSAPP_APP_SECRET": "a", "WHATSAPP_VERIFY_TOKEN": "b", "WHATSAPP_ACCESS_TOKEN": "c"}

JIRA = {"JIRA_URL": "https://example.atlassian.net", "JIRA_USER": "a@b.c", "JIRA_TOKEN": "d", "JIRA_WEBHOOK_SECRET": "e"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting but the test's own."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)


def test_the_secrets_are_enough() -> None:
    settings = load_settings(**SECRETS)
    assert settings.environment == "production"
    assert not settings.development
    assert settings.port == 8080
    assert settings.database == "sqlite+aiosqlite:///var/sapa.db"
    assert not settings.whatsapp_enabled


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, ["SECRET_KEY", "ENGINE_TOKEN"]),
        ({"SECRET_KEY": "k" * 32}, ["ENGINE_TOKEN"]),
        ({"SAPA_ENV": "development"}, ["SECRET_KEY", "ENGINE_TOKEN"]),
        ({**SECRETS, "PORT": "http"}, ["PORT"]),
        ({**SECRETS, "PORT": ""}, ["PORT"]),
        ({**SECRETS, "PORT": "65536"}, ["PORT"]),
        ({**SECRETS, "PORT": "-1"}, ["PORT"]),
        ({**SECRETS, "INTERNAL_PORT": "x", "PORT": "y"}, ["PORT", "INTERNAL_PORT"]),
        ({**SECRETS, "SAPA_ENV": "prod"}, ["SAPA_ENV"]),
        ({**SECRETS, "ENGINE_TIMEOUT_S": "0"}, ["ENGINE_TIMEOUT_S"]),
        ({**SECRETS, "MEDIA_MAX_BYTES": "-5"}, ["MEDIA_MAX_BYTES"]),
        ({**SECRETS, "TRUST_PROXY": "perhaps"}, ["TRUST_PROXY"]),
        ({**SECRETS, "SECRET_KEY": "k" * 31}, ["SECRET_KEY", "32"]),
        ({**SECRETS, "WHATSAPP_PHONE_NUMBER_ID": "1"}, sorted(WHATSAPP)),
        ({**SECRETS, "JIRA_URL": "https://example.atlassian.net"}, ["JIRA_USER", "JIRA_TOKEN", "JIRA_WEBHOOK_SECRET"]),
        ({**SECRETS, "JIRA_TOKEN": "t"}, ["JIRA_URL", "JIRA_USER", "JIRA_WEBHOOK_SECRET"]),
        ({**SECRETS, **JIRA, "JIRA_URL": "http://jira.example.com"}, ["JIRA_URL", "https"]),
        ({**SECRETS, **JIRA, "JIRA_URL": "jira.example.com"}, ["JIRA_URL", "https"]),
        ({**SECRETS, **WHATSAPP, "WHATSAPP_APP_SECRET": "", "WHATSAPP_PHONE_NUMBER_ID": "1"}, ["WHATSAPP_APP_SECRET"]),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, str], named: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(**given)
    assert [name for name in named if name not in str(error.value)] == []
    for value in SECRETS.values():
        assert len(value) < 3 or value not in str(error.value)


def test_a_short_key_is_enough_for_development() -> None:
    assert load_settings(**{**SECRETS, "SECRET_KEY": "k", "SAPA_ENV": "development"}).development


def test_whatsapp_with_all_its_secrets() -> None:
    assert load_settings(**SECRETS, **WHATSAPP, WHATSAPP_PHONE_NUMBER_ID="1").whatsapp_enabled


def test_jira_with_all_its_settings() -> None:
    assert load_settings(**SECRETS, **JIRA).jira_enabled
    assert not load_settings(**SECRETS).jira_enabled


def test_the_environment_wins_over_the_file_and_given_over_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=" + "f" * 32 + "\nENGINE_TOKEN=file\nPORT=1\nHOST=file\nUNKNOWN=x\n")
    monkeypatch.setenv("PORT", "2")
    monkeypatch.setenv("HOST", "environment")
    settings = load_settings(PORT=3)
    assert (settings.engine_token, settings.host, settings.port) == ("file", "environment", 3)


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_a_switch_is_read(text: str, expected: bool) -> None:
    assert load_settings(**SECRETS, TRUST_PROXY=text).trust_proxy is expected


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError):
        load_settings(**SECRETS).port = 1  # type: ignore[misc]
