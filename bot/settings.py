"""Settings of the service, read here and nowhere else in it. Every one stands in docs/configuration.md; a test says so."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it."""


class Settings(BaseModel):
    """Read once from the environment and `.env`. Secrets have no defaults outside development."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    environment: str = Field("production", alias="SAPA_ENV", pattern="^(production|development|test)$")
    host: str = Field("127.0.0.1", alias="HOST")
    port: int = Field(8080, alias="PORT", ge=0, le=65535)
    public_url: str = Field("", alias="PUBLIC_URL")
    var: Path = Field(Path("var"), alias="SAPA_VAR")
    client_folder: Path = Field(Path("clients/pegadaian"), alias="SAPA_CLIENT")
    data_folder: Path = Field(Path("data"), alias="SAPA_DATA")
    web_folder: Path = Field(Path("web/dist"), alias="SAPA_WEB")
    models_folder: Path = Field(Path("models"), alias="SAPA_MODELS")
    database_url: str = Field("", alias="DATABASE_URL")
    secret_key: str = Field("", alias="SECRET_KEY")
    engine_url: str = Field("http://127.0.0.1:5005", alias="ENGINE_URL")
    engine_token: str = Field("", alias="ENGINE_TOKEN")
    engine_timeout_s: float = Field(8.0, alias="ENGINE_TIMEOUT_S", gt=0)
    callback_url: str = Field("", alias="CALLBACK_URL")
    internal_port: int = Field(0, alias="INTERNAL_PORT", ge=0, le=65535)
    whatsapp_app_secret: str = Field("", alias="WHATSAPP_APP_SECRET")
    whatsapp_verify_token: str = Field("", alias="WHATSAPP_VERIFY_TOKEN")
    whatsapp_access_token: str = Field("", alias="WHATSAPP_ACCESS_TOKEN")
    whatsapp_phone_number_id: str = Field("", alias="WHATSAPP_PHONE_NUMBER_ID")
    whatsapp_api_url: str = Field("https://graph.facebook.com", alias="WHATSAPP_API_URL")
    whatsapp_api_version: str = Field("v25.0", alias="WHATSAPP_API_VERSION")
    chat_origins: str = Field("", alias="CHAT_ORIGINS")
    media_max_bytes: int = Field(16 * 2**20, alias="MEDIA_MAX_BYTES", gt=0)
    upload_max_bytes: int = Field(10 * 2**20, alias="UPLOAD_MAX_BYTES", gt=0)
    chat_sockets_per_address: int = Field(200, alias="CHAT_SOCKETS_PER_ADDRESS", gt=0)
    chat_sockets_per_visitor: int = Field(10, alias="CHAT_SOCKETS_PER_VISITOR", gt=0)
    chat_frames_per_socket_s: int = Field(10, alias="CHAT_FRAMES_PER_SOCKET_S", gt=0)
    chat_frames_per_address_s: int = Field(100, alias="CHAT_FRAMES_PER_ADDRESS_S", gt=0)
    chat_visitors_per_address_min: int = Field(120, alias="CHAT_VISITORS_PER_ADDRESS_MIN", gt=0)
    chat_uploads_per_address_min: int = Field(60, alias="CHAT_UPLOADS_PER_ADDRESS_MIN", gt=0)
    api_calls_per_token_min: int = Field(300, alias="API_CALLS_PER_TOKEN_MIN", gt=0)
    jira_url: str = Field("", alias="JIRA_URL")
    jira_user: str = Field("", alias="JIRA_USER")
    jira_token: str = Field("", alias="JIRA_TOKEN")
    jira_webhook_secret: str = Field("", alias="JIRA_WEBHOOK_SECRET")
    drain_s: float = Field(3.0, alias="DRAIN_S", ge=0, le=60)
    figures: bool = Field(False, alias="FIGURES")
    trust_proxy: bool = Field(False, alias="TRUST_PROXY")

    @property
    def development(self) -> bool:
        return self.environment != "production"

    @property
    def database(self) -> str:
        """DATABASE_URL, or a SQLite file under SAPA_VAR."""
        return self.database_url or f"sqlite+aiosqlite:///{self.var / 'sapa.db'}"

    @property
    def whatsapp_enabled(self) -> bool:
        return bool(self.whatsapp_phone_number_id)

    @property
    def jira_enabled(self) -> bool:
        return bool(self.jira_url)


def load_settings(**given: object) -> Settings:
    """Settings from the environment, `given` winning. Raises SettingsError with every fault in one sentence each."""
    try:
        settings = Settings.model_validate({**_environment(), **given})
    except ValidationError as error:
        faults = [f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError("; ".join(faults)) from None
    missing = [name for name, value in (("SECRET_KEY", settings.secret_key), ("ENGINE_TOKEN", settings.engine_token)) if not value]
    if settings.whatsapp_enabled:
        named = {
            "WHATSAPP_APP_SECRET": settings.whatsapp_app_secret,
            "WHATSAPP_VERIFY_TOKEN": settings.whatsapp_verify_token,
            "WHATSAPP_ACCESS_TOKEN": settings.whatsapp_access_token,
        }
        missing += [name for name, value in named.items() if not value]
    jira = {
        "JIRA_URL": settings.jira_url,
        "JIRA_USER": settings.jira_user,
        "JIRA_TOKEN": settings.jira_token,
        "JIRA_WEBHOOK_SECRET": settings.jira_webhook_secret,
    }
    if any(jira.values()):
        missing += [name for name, value in jira.items() if not value]
    if missing:
        raise SettingsError(f"not set: {', '.join(missing)}")
    if settings.jira_enabled and not _is_address(settings.jira_url, settings.development):
        raise SettingsError("JIRA_URL: an address that begins with https://")
    if settings.environment == "production" and len(settings.secret_key) < 32:
        raise SettingsError("SECRET_KEY: at least 32 characters in production")
    return settings


def _is_address(url: str, plain: bool) -> bool:
    """Whether it is an address that a password may be sent to; `plain`: also without TLS."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (plain and parts.scheme == "http"))


def _environment() -> dict[str, object]:
    return {**{k: v for k, v in dotenv_values(".env").items() if v is not None}, **os.environ}
