"""'Ya' and 'tidak': what they mean is what was asked last (the slot `expects`), as one table. See docs/decisions/0003-dialogue.md."""

from __future__ import annotations

from actions.choices import ask_for_more, quick
from actions.courtesy import offer_product_or_close, say_farewell
from actions.handover import hand_over_now, offer_ticket_instead
from actions.information import say_product, tell
from actions.privacy import withdraw, withdraw_not
from actions.reservation import cancel_not, cancel_now
from actions.turn import Turn, action

# What answers a need that is neither a question nor a complaint.
_NEXT = {
    "reservasi_outlet": "reservation_form",
    "cek_status": "action_ticket_status",
    "data_pribadi": "action_personal_data",
    "minta_agen": "action_hand_over",
    "keluhan_akun_dibobol": "action_account_break_in",
}


@action("action_affirm")
async def affirm(turn: Turn) -> None:
    """Yes."""
    match turn.slot("expects"):
        case "cross_sell":
            say_product(turn)
        case "withdraw_consent":
            await withdraw(turn)
        case "cancel_reservation":
            cancel_now(turn)
        case "agent":
            await hand_over_now(turn, "requested")
        case "next_need" if turn.slot("next_need"):
            _go_on(turn)
        case "other_help":
            turn.say("Baik, silakan sampaikan kebutuhan Bapak/Ibu.", quick(turn.client), "Lihat menu")
            turn.set("expects", None)
        case _:
            turn.say("Baik, Bapak/Ibu. Silakan sampaikan apa yang dapat kami bantu.")


def _go_on(turn: Turn) -> None:
    """Turn to what else the message asked for."""
    need = turn.slot("next_need")
    turn.set("expects", None)
    name = need["name"]
    if name.startswith("keluhan_") and name not in _NEXT:
        turn.follow_with("complaint_form")  # it reads in `next_need` what it is about
        return
    turn.set("next_need", None)
    if name in _NEXT:
        turn.follow_with(_NEXT[name])
    else:
        tell(turn, turn.client.topic_of(name), need["text"])


@action("action_deny")
async def deny(turn: Turn) -> None:
    """No."""
    match turn.slot("expects"):
        case "next_need":
            turn.set("next_need", None)
            ask_for_more(turn, "Baik, Bapak/Ibu.")
        case "other_help":
            await offer_product_or_close(turn)
        case "cross_sell":
            say_farewell(turn)
        case "withdraw_consent":
            withdraw_not(turn)
        case "cancel_reservation":
            cancel_not(turn)
        case "agent":
            offer_ticket_instead(turn)
        case _:
            turn.say("Baik, Bapak/Ibu. Bila ada yang ingin ditanyakan, silakan tuliskan. Untuk mengakhiri percakapan, ketik *selesai*.")
            turn.set("expects", "other_help")
