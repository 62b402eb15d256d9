"""PIN, OTP and passwords are hidden however they are written; amounts, phone numbers and ticket numbers are left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import load_client
from bot.conversations.secrets import HIDDEN, asks_for_secret, hide_secrets
from bot.dialogue.service import SECRET_WARNING

HIDES = """
PIN saya [123456]
pin sy [123456]
pinku [123456]
pin ku [123456]
pin gue [123456] kok salah
pinnya [123456]
pin: [123456]
PIN=[1234].
pin123456 -> pin[123456]
no pin [123456]
kode pin [123456]
pin atm saya [1234]
pin tabungan emas [123456]
pin tring saya yang lama [123456]
PIN anda [123456]
mpin [654321]
M-PIN [654321]
m pin tring [654321]
pin lama [112233] pin baru [445566]
pin [123456] otp [654321]
otp [884412]
otp: [88 12 34]
otp [1 2 3 4 5 6]
otp [123-456]
otp G-[123456]
otp [12345678]
kode otp nya [4421]
kode otpny [4421]
kode verifikasi saya [556677]
kode rahasia [778899]
kode akses: [778899]
kode OTP yang saya terima adalah [123456]
otp yg masuk [123456]
otpnya sudah masuk [123456]
otp dari sms tadi [123456]
otp nya salah terus [123456]
otp [123456] jam 10 tadi
otp [123456] 2 kali
saya sudah kasih otp [123456] ke penipu
saya masukkan pin [123456] tapi salah
ini kodenya [123456]
saya kasih kode [123456] ke penipu
[123456] itu otp saya
[123456] otp nya
[123456] pin saya
[1 2 3 4 5 6] pin saya
otp saya [123456] dan no hp 081234567890
pin [123456] 0812 3456 7890
tgl lahir 01012000 pin [123456]
cvv [123]
cvv nya [1234]
otp [１２３４５６]
pin saya [١٢٣٤٥٦]
password saya: [rahasia99]
password: [Abc12345!]
Password : [bungamawar]
pass: [Abc123]
pw: [rahasia99]
kata sandi saya adalah [bunga123]
sandi tring = [bunga123]
SANDI: [Budi1990]
sandi: [1234]
username: budi password: [rahasia99]
user budi pass [rahasia99]
password saya [rahasia99]
passwordku [rahasia99]
pasword saya: [budi1990]
paswod [budi1990]
""".strip().splitlines()


@pytest.mark.parametrize("line", HIDES)
def test_a_secret_is_hidden(line: str) -> None:
    said, _, marked = line.partition(" -> ")
    marked = marked or said
    said = re.sub(r"[\[\]]", "", said)
    assert hide_secrets(said) == (re.sub(r"\[.*?\]", HIDDEN, marked), True)


def test_a_secret_on_the_next_line_is_hidden() -> None:
    assert hide_secrets("PIN saya\n123456\nmohon dibantu") == (f"PIN saya\n{HIDDEN}\nmohon dibantu", True)


LEAVES = """
pin lokasi
pin lokasi saya -6.2088, 106.8456
share pin lokasi 12345678
OTP belum masuk sudah 30 menit
otp gak masuk padahal sudah 10000 kali
otp 15000 kali
otp itu 4 digit atau 6 digit
pin salah 3x
lupa password
lupa password akun 081234567890
lupa pin, no hp saya 081234567890
pin saya: 081234567890
pin 0812 3456 7890
otp ke 0812-3456-7890 tidak masuk
otp saya tidak masuk ke +62 812 3456 7890
pin saya terblokir nomor hp 08123456789
password saya: lupa
password saya : apa ya
password: tidak bisa dibuka
password salah: tidak bisa login
kata sandi adalah rahasia
saya transfer 150000 pin ditolak
saldo 1500000 pin salah
bayar 50.000 otp tidak masuk
bayar 150000, otp tidak masuk
kode otp tidak dikirim, 15000 terpotong pulsa
pin 1.500.000
Rp 500.000 pin
tiket ARIA-260123 soal pin
ARIA-260123 otp belum masuk
tiket 260123 pin
NIK 3174091205900001 pin lupa
rekening 12345678 pin lupa
pin saya apa ya? nomor rekening 1234567890
otp tidak masuk dari tanggal 20-11-2026
ganti pin 20-11-2026
jam 14.30 otp belum masuk
otp 14.30 tadi belum masuk
tahun 2026 pin
kode pos 10430
kode reservasi RSV-7K2M
kode bayar 1234567890123456
shopping 123456
gadai emas 123456
""".strip().splitlines()


@pytest.mark.parametrize("said", LEAVES)
def test_what_is_no_secret_stays(said: str) -> None:
    assert hide_secrets(said) == (said, False)


PIECES = st.sampled_from(
    [
        "pin",
        "otp",
        "password",
        "sandi",
        "kata",
        "kode",
        "cvv",
        "saya",
        "itu",
        "adalah",
        "nya",
        "yang",
        ":",
        "=",
        ",",
        ".",
        "-",
        "123456",
        "12",
        "34",
        "1",
        "0812",
        "081234567890",
        "rahasia99",
        "lupa",
        "kali",
        "•••",
        "1.500.000",
        "\n",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join)))
def test_hiding_never_raises_and_is_done_once(text: str) -> None:
    hidden, found = hide_secrets(text)
    assert found == (hidden != text)
    assert hide_secrets(hidden) == (hidden, False)
    assert isinstance(asks_for_secret(text), bool)


@given(
    st.from_regex(r"\A[0-9]{4,8}\Z"),
    st.sampled_from(["pin saya {}", "OTP: {}", "kode otp nya {}", "mpin {} ya", "{} itu otp saya", "password: {}"]),
    st.sampled_from(["", "halo kak, ", "saya sudah coba\n"]),
)
def test_no_digit_of_a_secret_survives(secret: str, phrase: str, before: str) -> None:
    hidden, found = hide_secrets(before + phrase.format(secret))
    assert found
    assert secret not in hidden


def test_a_long_text_is_read_in_no_time() -> None:
    for text in ("pin " * 1000, "pin" + " " * 4000, "password " + "a" * 4000, "otp " + "1 " * 2000, "pass " * 800 + "a1" * 100, "1" * 4000):
        hide_secrets(text)
        asks_for_secret(text)


ASKS = [
    "Mohon kirimkan kode OTP Anda",
    "Silakan sebutkan PIN Bapak/Ibu",
    "Berapa PIN-nya?",
    "Masukkan kata sandi di sini",
    "Boleh minta OTP nya kak",
    "OTP-nya berapa ya?",
    "PIN nya apa kak",
    "bisa diinfokan OTP yang masuk?",
    "mohon dibantu kode OTP yang diterima",
    "ketik PIN Anda di sini",
    "Mohon konfirmasi OTP yang Anda terima",
    "share OTP dong",
    "minta kode verifikasinya",
    "kirim pinnya",
    "Kirimkan CVV kartu",
    "Jangan khawatir, kirimkan saja PIN Anda",
    "Tidak apa-apa, sebutkan PIN Anda",
    "Mohon kirim PIN. Jangan khawatir",
    "Kirimkan PIN Anda dan jangan khawatir",
    "Kami tidak pernah meminta PIN. Tolong sebutkan OTP Anda",
]
ASKS_NOT = [
    "",
    "Kami tidak pernah meminta PIN, OTP, atau kata sandi.",
    "Jangan berikan PIN kepada siapa pun",
    "Jangan pernah memberitahukan OTP",
    "Rahasiakan PIN Anda",
    "Petugas tidak akan meminta OTP",
    "Waspada bila ada yang minta OTP",
    "Yang minta kode OTP adalah penipu",
    "Mohon kirimkan foto KTP. Jangan kirim PIN.",
    "Mohon kirimkan nomor kontrak, jangan PIN",
    "Apakah kode OTP sudah masuk?",
    "Apakah PIN sudah diganti?",
    "mohon infokan apakah OTP sudah diterima",
    "Apa OTP sudah masuk?",
    "Berapa kali OTP dikirim?",
    "Apa yang terjadi bila lupa PIN?",
    "OTP akan kami kirim ke nomor Bapak/Ibu",
    "Kami kirimkan OTP ke nomor terdaftar",
    "Buka aplikasi lalu masukkan PIN baru",
    "PIN dapat diatur ulang di aplikasi",
    "Berapa pinjaman yang diinginkan?",
    "kirimkan pin lokasi",
    SECRET_WARNING,
]


@pytest.mark.parametrize("said", ASKS)
def test_asking_for_a_secret_is_noticed(said: str) -> None:
    assert asks_for_secret(said)


@pytest.mark.parametrize("said", ASKS_NOT)
def test_warning_or_asking_for_something_else_is_no_asking(said: str) -> None:
    assert not asks_for_secret(said)


def test_no_text_of_the_client_asks_for_a_secret() -> None:
    client = load_client("clients/pegadaian")
    said = [client.opening, client.consent.text, client.idle.question, client.survey.question, *(a.answer for a in client.articles)]
    assert [text for text in said if asks_for_secret(text)] == []
