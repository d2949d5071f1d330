"""Which files travel: kinds and sizes, told from the bytes and not from what is said of them."""

from .base import DOCUMENT, IMAGE, OutgoingFile

MEGABYTE = 1024 * 1024
PDF = "application/pdf"
# What is taken from people (payment proofs, voice notes) and how large it may be; what WhatsApp
# itself allows for images and audio, less than its 100 MB for documents.
MAX_BYTES = {
    "image/jpeg": 5 * MEGABYTE,
    "image/png": 5 * MEGABYTE,
    "image/webp": 5 * MEGABYTE,
    PDF: 16 * MEGABYTE,
    "audio/ogg": 16 * MEGABYTE,
    "audio/mpeg": 16 * MEGABYTE,
    "audio/mp4": 16 * MEGABYTE,
    "audio/aac": 16 * MEGABYTE,
    "audio/amr": 16 * MEGABYTE,
}
MAX_ANY = max(MAX_BYTES.values())
# What is sent: the header of a template takes no other document than PDF.
_SENT = {IMAGE: ("image/jpeg", "image/png"), DOCUMENT: (PDF,)}


def real_type(content: bytes) -> str | None:
    """The type of the bytes by their beginning, among those that travel; None otherwise."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return _audio_type(content)


def _audio_type(content: bytes) -> str | None:
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content.startswith(b"#!AMR"):
        return "audio/amr"
    if content[4:8] == b"ftyp":
        return "audio/mp4" if content[8:11] == b"M4A" else None
    if content[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return "audio/aac"
    if content.startswith(b"ID3") or content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    return None


def is_taken(mime_type: str) -> bool:
    """Is a file said to be of this type worth downloading? Parameters (codecs) are ignored."""
    return mime_type.partition(";")[0].strip().lower() in MAX_BYTES


def media_problem(file: OutgoingFile) -> str | None:
    """Why the file cannot be sent, ``bad_file``; None if it can."""
    if file.kind not in _SENT or (file.kind == DOCUMENT and not file.filename.strip()):
        return "bad_file"
    if file.link:
        return None if file.link.startswith("https://") and not file.content else "bad_file"
    kind = real_type(file.content)
    if kind not in _SENT[file.kind] or len(file.content) > MAX_BYTES[kind]:
        return "bad_file"
    return None
