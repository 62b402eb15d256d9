"""What the customers of the benchmark write, and how a real answer is told from any other.

The questions are the bench's own, spelt as customers spell. `expects` is a pattern that the right answer of the knowledge base holds;
what is no answer at all is recognised before.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and what its answer must contain (a regular expression, case aside)."""

    text: str
    expects: str

    def answered_by(self, answer: str) -> bool:
        """Whether `answer` is a real one."""
        return bool(answer) and not NO_ANSWER.search(answer) and bool(re.search(self.expects, answer, re.IGNORECASE))


Script = list[Turn]
NO_ANSWER = re.compile(r"belum memahami|sedang mengalami kendala|belum memiliki informasi|hanya dapat membantu seputar", re.IGNORECASE)

QUESTIONS = [
    Turn("min syarat gadai emas apa aja ya", "identitas"),
    Turn("mau tanya bunga gadai emas brp persen per bulan", "sewa modal"),
    Turn("kak kalo mau gadai laptop bs gak", "barang"),
    Turn("cara gadai bpkb motor gmn kak", "BPKB"),
    Turn("apa bedanya gadai biasa sama gadai syariah", "rahn|syariah"),
    Turn("barang apa saja yg bisa digadaikan", "emas"),
    Turn("cara buka tabungan emas gimana ya min", "tabungan emas|emas"),
    Turn("harga emas hari ini brp ya", "emas"),
    Turn("biaya titip tabungan emas setahun berapa", "emas"),
    Turn("mau cetak emas dari tabungan, caranya?", "cetak|emas"),
    Turn("cicil emas 5 gram syaratnya apa", "emas"),
    Turn("jual emas batangan ke pegadaian bisa?", "emas"),
    Turn("cara cek jatuh tempo gadai saya gmn", "jatuh tempo|SBG"),
    Turn("mau perpanjang gadai lewat aplikasi bisa ga", "perpanjang"),
    Turn("kalau telat bayar gadai kena denda brp", "jatuh tempo|denda|sewa modal|lelang"),
    Turn("bayar gadai bisa lewat alfamart atau transfer bank ga kak", "bayar|pembayaran"),
    Turn("tebus gadai tapi diwakilkan bisa gak ya", "tebus|ditebus|penebusan|kuasa"),
    Turn("jadwal lelang emas pegadaian kapan", "lelang"),
    Turn("gimana cara ikut lelang di pegadaian", "lelang"),
    Turn("hari sabtu pegadaian buka ga min", "sabtu|outlet"),
]
COMPLAINTS = [
    "aplikasi tring error terus dari kemarin, tidak bisa login sama sekali",
    "aplikasi pegadaian digital ga bisa dibuka, selalu keluar sendiri tiap mau login",
    "saldo sudah terpotong tapi pembayaran gadai saya belum masuk sampai hari ini",
    "transaksi top up tabungan emas gagal padahal uang di rekening sudah terpotong",
    "tring force close terus sejak update, sudah install ulang masih sama",
]
FIRST = [
    "Budi",
    "Siti",
    "Rahmat",
    "Dewi",
    "Agus",
    "Nur",
    "Wahyu",
    "Rina",
    "Eko",
    "Ayu",
    "Hendra",
    "Lina",
    "Yusuf",
    "Maya",
    "Dimas",
    "Sri",
    "Bayu",
    "Tuti",
    "Arif",
]
LAST = [
    "Santoso",
    "Aminah",
    "Hidayat",
    "Lestari",
    "Wibowo",
    "Pratama",
    "Suryani",
    "Nugroho",
    "Kusuma",
    "Siregar",
    "Simanjuntak",
    "Putra",
    "Rahayu",
]
# People do not write alike: a reading kept from before helps only where two texts are the same, letter by letter.
BEFORE = [
    "",
    "",
    "halo ",
    "min ",
    "kak ",
    "permisi ",
    "maaf ",
    "siang ",
    "pagi kak ",
    "hai min ",
    "tolong ",
    "mau nanya ",
    "numpang tanya ",
]
AFTER = [
    "",
    "",
    " ya",
    " dong",
    " kak",
    " min",
    " makasih",
    " tolong infonya",
    " mohon dijawab",
    " thx",
    "?",
    "??",
    " ya kak",
    " bantu jawab",
]
QUESTIONS_A_CONVERSATION = 6


def varied(turn: Turn, dice: random.Random) -> Turn:
    """The same message as another customer would write it."""
    text = f"{dice.choice(BEFORE)}{turn.text}{dice.choice(AFTER)}"
    return Turn(text if dice.random() < 0.8 else text.capitalize(), turn.expects)


def varied_question(seed: int) -> Iterator[Turn]:
    """Questions without end, written by ever different customers."""
    dice = random.Random(seed)
    while True:
        yield varied(dice.choice(QUESTIONS), dice)


_runs = itertools.count()


def information() -> Iterator[Script]:
    """Conversations of six questions, without end; every call writes them differently."""
    dice = random.Random(next(_runs))
    questions = (varied(question, dice) for question in itertools.cycle(QUESTIONS))
    while True:
        yield list(itertools.islice(questions, QUESTIONS_A_CONVERSATION))


def form() -> Iterator[Script]:
    """Complaints through the form to the ticket, without end: complaint, consent, name, phone, confirmation."""
    dice = random.Random(next(_runs))
    for number in itertools.count():
        yield [
            varied(Turn(dice.choice(COMPLAINTS), "setuju|persetujuan"), dice),
            Turn("setuju", r"nama lengkap"),
            Turn(f"{dice.choice(FIRST)} {dice.choice(LAST)}", "nomor telepon"),
            Turn(f"0812{30000000 + number}", "ringkasan laporan"),
            Turn("ya", "nomor tiket"),
        ]


def mixed() -> Iterator[Script]:
    """Information and form conversations by turns."""
    for pair in zip(information(), form(), strict=False):
        yield from pair


def one_question(seed: int) -> Iterator[Turn]:
    """Questions without end for one long conversation."""
    return varied_question(1000 + seed)
