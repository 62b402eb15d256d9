"""The sizes the Cloud API accepts, in characters unless said (Meta's message-type pages; AWD mirror of Dec 2025 - Mar 2026)."""

from __future__ import annotations

TEXT_BODY = 4096
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
BUTTON_BODY = 1024
LIST_ROWS = 10  # in all sections together
LIST_SECTIONS = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72
ROW_ID = 200
LIST_LABEL = 20
SECTION_TITLE = 24
LIST_BODY = 4096
HEADER_TEXT = 60
FOOTER_TEXT = 60
CAPTION = 1024
CALLBACK_DATA = 512
FILENAME = 240

# Bytes per upload.
MEDIA_BYTES = {"image": 5 * 2**20, "sticker": 500 * 2**10, "audio": 16 * 2**20, "video": 16 * 2**20, "document": 100 * 2**20}
