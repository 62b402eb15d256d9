"""What to do about an error of the Cloud API, decided by its code, and how to say it to an agent.

Source: Meta's error-code page (AWD:docs/suporte/error_codes.md). Meta's advice: decide on code and details, never on title or HTTP status.
The same codes come in answers to a send and later in `statuses[].errors`.
"""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """The reaction to a refused or failed message."""

    RETRY = "retry"  # the same body again, with growing pauses
    DELAY_RECIPIENT = "delay_recipient"  # only this customer waits: 4^n seconds at the n-th refusal, n from 0
    BACK_OFF_ACCOUNT = "back_off_account"  # the whole number slows down (seconds with jitter; minutes for call limits)
    STOP_AND_ALARM = "stop_and_alarm"  # stop sending, keep the queue, tell an administrator
    WINDOW_CLOSED = "window_closed"  # only a template may go out now
    FINAL = "final"  # this message will never arrive
    BUG = "bug"  # our request was wrong: log it, do not repeat it


_ACTIONS: dict[int, Action] = {
    **dict.fromkeys((0, 3, 10, 190, 368, 131005, 131031, 131045, 131048, 130497, 133010, 131042), Action.STOP_AND_ALARM),
    **dict.fromkeys((4, 80007, 130429), Action.BACK_OFF_ACCOUNT),
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 133004), Action.RETRY),
    **dict.fromkeys((131026, 131030, 131037, 131049, 131050, 131051, 131052, 131053, 131060, 131062, 130472), Action.FINAL),
    **dict.fromkeys((100, 131008, 131009, 131021, 132000, 132001, 132005, 132007, 132012, 132015, 132016), Action.BUG),
    131047: Action.WINDOW_CLOSED,
    131056: Action.DELAY_RECIPIENT,
}

_SENTENCES: dict[int, str] = {
    190: "Akses WhatsApp kami kedaluwarsa. Administrator sudah perlu turun tangan; pesan tetap disimpan.",
    368: "Nomor WhatsApp kami dibatasi oleh Meta. Hubungi administrator.",
    131031: "Akun WhatsApp kami dikunci oleh Meta. Hubungi administrator.",
    130497: "WhatsApp tidak mengizinkan pengiriman ke negara nasabah ini.",
    4: "WhatsApp sedang membatasi permintaan kami. Pesan akan dikirim beberapa menit lagi.",
    80007: "WhatsApp sedang membatasi permintaan kami. Pesan akan dikirim beberapa menit lagi.",
    130429: "Pengiriman WhatsApp sedang padat. Pesan akan dicoba lagi otomatis.",
    131056: "Terlalu banyak pesan ke nasabah ini dalam waktu singkat. Pesan akan dikirim sebentar lagi.",
    131048: "WhatsApp membatasi pengiriman karena banyak pesan dianggap spam. Hubungi administrator.",
    131047: "Sudah lebih dari 24 jam sejak pesan terakhir nasabah. Gunakan pesan templat.",
    131026: "Pesan tidak dapat diterima nasabah: nomor tidak memakai WhatsApp, aplikasi terlalu lama, atau ketentuan belum disetujui.",
    131030: "Nomor nasabah belum terdaftar sebagai nomor uji coba.",
    131049: "Meta memilih tidak mengirim pesan ini. Tunggu paling sedikit 24 jam sebelum mencoba lagi.",
    131050: "Nasabah berhenti menerima pesan pemasaran dari kami.",
    131051: "Jenis pesan ini tidak didukung WhatsApp.",
    131052: "Berkas dari nasabah tidak dapat diunduh (mungkin terlalu besar atau kedaluwarsa). Minta nasabah mengirim ulang.",
    131053: "Berkas tidak dapat diunggah ke WhatsApp. Periksa jenis dan ukurannya.",
    131060: "Pesan nasabah tidak dapat ditampilkan di sini. Minta nasabah mengirim ulang dalam bentuk lain.",
    131062: "Pesan jenis ini memerlukan nomor telepon nasabah.",
    131021: "Nomor pengirim dan penerima sama.",
    132000: "Jumlah isian templat tidak sesuai. Hubungi administrator.",
    132001: "Templat belum ada atau belum disetujui dalam bahasa ini.",
}
_BY_ACTION: dict[Action, str] = {
    Action.RETRY: "WhatsApp sedang terganggu. Pesan akan dicoba lagi otomatis.",
    Action.DELAY_RECIPIENT: "Pesan akan dikirim sebentar lagi.",
    Action.BACK_OFF_ACCOUNT: "Pengiriman WhatsApp sedang padat. Pesan akan dicoba lagi otomatis.",
    Action.STOP_AND_ALARM: "Pengiriman WhatsApp dihentikan sementara. Hubungi administrator.",
    Action.WINDOW_CLOSED: "Jendela 24 jam sudah tutup. Gunakan pesan templat.",
    Action.FINAL: "Pesan tidak dapat dikirim ke nasabah ini.",
    Action.BUG: "Pesan ditolak WhatsApp karena isinya tidak sesuai. Laporkan kepada administrator.",
}


def classify(code: int | None, http_status: int, details: str = "") -> Action:
    """What to do about an error. `code` None: the answer had no error object, then only the HTTP status is left to judge by.

    An unlisted code: 5xx retries, anything else is FINAL (never repeated blindly). `details` is Meta's error_data.details.
    """
    if code is not None:
        listed = _ACTIONS.get(code)
        if listed is not None:
            return _refined(code, listed, details)
        if 200 <= code <= 299:  # permission errors are this whole range
            return Action.STOP_AND_ALARM
    if http_status == 401:
        return Action.STOP_AND_ALARM
    if http_status == 429:
        return Action.BACK_OFF_ACCOUNT
    if http_status >= 500 or http_status == 408:
        return Action.RETRY
    return Action.FINAL if code is not None else Action.BUG


def explain(code: int | None) -> str:
    """One plain Indonesian sentence for the agent about an error code, also for codes never seen before."""
    if code is None:
        return "Pesan tidak dapat dikirim lewat WhatsApp."
    return _SENTENCES.get(code) or _BY_ACTION[classify(code, 400)]


def pair_delay(refusals: int) -> int:
    """Seconds to wait before writing to a customer again after the n-th 131056 in a row (n from 0): 1, 4, 16 ... at most 4096."""
    return int(4 ** min(max(refusals, 0), 6))


def _refined(code: int, action: Action, details: str) -> Action:
    # 100 is also what Graph says for a phone_number_id we may not use: no request at all will succeed then.
    if code == 100 and "does not exist, cannot be loaded due to missing permissions" in details:
        return Action.STOP_AND_ALARM
    return action
