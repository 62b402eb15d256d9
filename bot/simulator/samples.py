"""Small valid files that pretend customers send: made here, so that no binary lies in the repository."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One file: its bytes, MIME type as WhatsApp states it, and a file name for documents."""

    data: bytes
    mime: str
    name: str | None = None


def sample(kind: str) -> Sample:
    """The sample for a media kind (image, document, audio, video, sticker). Raises KeyError for another kind."""
    return _SAMPLES[kind]


def png(width: int, height: int, rgb: tuple[int, int, int]) -> bytes:
    """A PNG of one colour."""
    row = b"\x00" + bytes(rgb) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in chunks)


def pdf(line: str) -> bytes:
    """A PDF of one page with one line of ASCII text."""
    text = line.encode("ascii", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    stream = b"BT /F1 18 Tf 40 100 Td (" + text + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + xref + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))


def ogg_silence(frames: int = 50) -> bytes:
    """An Ogg/Opus voice note of silence, 20 ms per frame."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"sapa" + struct.pack("<I", 0)
    packets = [b"\xf8\xff\xfe"] * frames
    return _ogg_page([head], 0, 0, 2) + _ogg_page([tags], 1, 0, 0) + _ogg_page(packets, 2, 960 * frames, 4)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _ogg_page(packets: list[bytes], number: int, granule: int, flags: int) -> bytes:
    lengths, body = bytes(len(packet) for packet in packets), b"".join(packets)
    head = b"OggS" + struct.pack("<BBqIII", 0, flags, granule, 1, number, 0) + bytes([len(lengths)]) + lengths
    checksum = _ogg_crc(head + body)
    return head[:22] + struct.pack("<I", checksum) + head[26:] + body


def _ogg_crc(data: bytes) -> int:
    # Not zlib's CRC: Ogg shifts left, starts from zero and does not invert.
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


# The smallest pictures that browsers still draw: a 1x1 WebP; and an MP4's first box, enough for a file-type check.
_WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
_MP4 = struct.pack(">I", 24) + b"ftypisom" + struct.pack(">I", 512) + b"isommp42" + struct.pack(">I", 8) + b"mdat"

_SAMPLES = {
    "image": Sample(png(160, 120, (10, 125, 62)), "image/png"),
    "document": Sample(pdf("Surat bukti gadai (contoh)"), "application/pdf", "surat-bukti.pdf"),
    "audio": Sample(ogg_silence(), "audio/ogg; codecs=opus"),
    "video": Sample(_MP4, "video/mp4"),
    "sticker": Sample(_WEBP, "image/webp"),
}
