"""Logs: one line each, phone numbers and tokens masked before anything is written."""

from __future__ import annotations

import logging
import re

from aiohttp.http_exceptions import HttpProcessingError

_PHONE = re.compile(r"(?<![\w-])(?:\+?62|0)8\d{2}[\d -]{5,11}\d")
_TOKEN = re.compile(r"(Bearer\s+|access_token=|EAA)[\w\-.]+")


class Masking(logging.Filter):
    """Masks phone numbers and bearer tokens in the finished message."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = _TOKEN.sub(r"\1•••", _PHONE.sub("•••", text))
        if masked != text:
            record.msg, record.args = masked, None
        return True


class Strangers(logging.Filter):
    """What is not HTTP at all is answered 400 by aiohttp and logged with a traceback; one line without an address is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if record.name == "aiohttp.server" and isinstance(error, HttpProcessingError):
            record.msg, record.args, record.exc_info = f"a request was no HTTP ({type(error).__name__})", None, None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def configure_logs() -> None:
    """To standard error, INFO and above; access logs off (they hold addresses of customers)."""
    handler = logging.StreamHandler()
    handler.addFilter(Strangers())
    handler.addFilter(Masking())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("aiohttp.access", "alembic", "rasa_sdk", "bm25s"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
