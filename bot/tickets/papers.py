"""Papers to print: the Berita Acara Penyelesaian (SOP matrix row 12) and the whole file of a case (row 9), as PDF, A4. Pure: bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

_FONT, _BOLD = "Vera", "VeraBd"
# The fonts that reportlab brings: they have every letter of Indonesian.
pdfmetrics.registerFont(TTFont(_FONT, "Vera.ttf"))
pdfmetrics.registerFont(TTFont(_BOLD, "VeraBd.ttf"))
pdfmetrics.registerFontFamily(_FONT, normal=_FONT, bold=_BOLD, italic=_FONT, boldItalic=_BOLD)

_TEXT = ParagraphStyle("text", fontName=_FONT, fontSize=9, leading=13)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=7.5, leading=10, textColor=HexColor("#555555"))
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName=_BOLD, fontSize=14, leading=18, alignment=TA_CENTER)
_NUMBER = ParagraphStyle("number", parent=_TEXT, alignment=TA_CENTER)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontName=_BOLD, fontSize=10.5, leading=16, spaceBefore=8)
_CENTRE = ParagraphStyle("centre", parent=_TEXT, alignment=TA_CENTER)
_GREY = HexColor("#bbbbbb")
Pairs = Sequence[tuple[str, str]]


def berita_acara(brand: str, number: str, fields: Pairs, signers: Sequence[str], made: str) -> bytes:
    """The record of a settlement: its fields, a sentence of agreement, lines to sign. `made`: when and by whom it was printed."""
    story: list[Flowable] = [
        Paragraph("BERITA ACARA PENYELESAIAN", _TITLE),
        Paragraph(f"Nomor tiket {escape(number)}", _NUMBER),
        Spacer(1, 8 * mm),
        _pairs(fields),
        Spacer(1, 6 * mm),
        Paragraph(
            "Dengan ditandatanganinya berita acara ini, kedua belah pihak menyatakan bahwa masalah tersebut di atas telah diselesaikan.",
            _TEXT,
        ),
        Spacer(1, 12 * mm),
        KeepTogether([_signatures(signers)]),
    ]
    return _document(f"Berita Acara {number}", brand, story, made)


def case_file(
    brand: str,
    number: str,
    about: Pairs,
    members: Sequence[str],
    evidence: Sequence[Sequence[str]],
    minutes: Sequence[tuple[str, str, str]],
    decision: Pairs,
    history: Sequence[Sequence[str]],
    made: str,
) -> bytes:
    """The whole file of a case. `evidence`: (piece, state, note, by); `minutes`: (when, who, text); `history`: (when, who, what)."""
    story: list[Flowable] = [
        Paragraph("BERKAS KASUS", _TITLE),
        Paragraph(f"Nomor tiket {escape(number)} · Rahasia", _NUMBER),
        Spacer(1, 6 * mm),
    ]
    story += [_pairs(about), Paragraph("Anggota", _HEAD), Paragraph(escape(", ".join(members)) or "-", _TEXT)]
    story += [Paragraph("Bukti", _HEAD), _table(("Bukti", "Keadaan", "Catatan", "Oleh"), evidence, (55, 22, 55, 38))]
    story.append(Paragraph("Notulen", _HEAD))
    for when, who, text in minutes:
        story += [Paragraph(f"<b>{escape(when)}</b> · {escape(who)}", _TEXT), *_paragraphs(text), Spacer(1, 3 * mm)]
    if not minutes:
        story.append(Paragraph("Belum ada.", _TEXT))
    story += [Paragraph("Keputusan", _HEAD), _pairs(decision or [("Keputusan", "Belum ada")])]
    story += [Paragraph("Riwayat", _HEAD), _table(("Waktu", "Oleh", "Peristiwa"), history, (35, 35, 100))]
    return _document(f"Berkas kasus {number}", brand, story, made)


def _pairs(pairs: Pairs) -> Table:
    rows = [[Paragraph(escape(name), _SMALL), _paragraphs(value) or [Paragraph("-", _TEXT)]] for name, value in pairs]
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.25, _GREY), ("LEFTPADDING", (0, 0), (0, -1), 0)]
    return Table(rows, colWidths=(45 * mm, 125 * mm), style=TableStyle(style))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Table:
    shown = [[Paragraph(f"<b>{escape(cell)}</b>", _SMALL) for cell in head]]
    shown += [[Paragraph(escape(cell) or "-", _SMALL) for cell in row] for row in rows]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("GRID", (0, 0), (-1, -1), 0.25, _GREY),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eeeeee")),
    ]
    return Table(shown, colWidths=[width * mm for width in widths], repeatRows=1, style=TableStyle(style))


def _signatures(signers: Sequence[str]) -> Table:
    lines = [[Paragraph(escape(name), _CENTRE) for name in signers], [Spacer(1, 22 * mm)] * len(signers)]
    lines.append([Paragraph("( ........................................ )", _CENTRE) for _ in signers])
    return Table(lines, colWidths=[170 * mm / len(signers)] * len(signers))


def _paragraphs(text: str) -> list[Flowable]:
    return [Paragraph(escape(part), _TEXT) for part in text.splitlines() if part.strip()]


def _document(title: str, brand: str, story: list[Flowable], made: str) -> bytes:
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=title,
        author=brand,
        leftMargin=20 * mm - 6,
        rightMargin=20 * mm - 6,
        topMargin=24 * mm,
        bottomMargin=20 * mm,
    )

    def frame(paint: Canvas, document: SimpleDocTemplate) -> None:
        paint.saveState()
        paint.setFont(_BOLD, 9)
        paint.drawString(20 * mm, A4[1] - 14 * mm, brand)
        paint.setFont(_FONT, 7)
        paint.drawString(20 * mm, 12 * mm, made)
        paint.drawRightString(A4[0] - 20 * mm, 12 * mm, f"Halaman {document.page}")
        paint.restoreState()

    page.build(story, onFirstPage=frame, onLaterPages=frame)
    return out.getvalue()
