"""Pictures that anybody may have made: what they unpack to is known before they are unpacked.

A file of 200 kB may say that it is a picture of 50 million dots, which take 200 MB once decoded.
What a picture will take is read from its first bytes and refused there; photos of telephones are
shrunk while they are decoded; and a process decodes one picture at a time, so that what all of
them take together is what one takes.
"""

import io
import struct
import threading
import zlib

from PIL import Image, UnidentifiedImageError

# What telephones send; Odoo keeps other decoders of pictures switched off.
FORMATS = ("JPEG", "PNG")
# Of what is decoded: "12 megapixels" as cameras count them (4096 x 3072).
MOST_DOTS = 4096 * 3072
# Of a JPEG that is shrunk while it is decoded: the best of today's usual telephones.
MOST_DOTS_SHRUNK = 50_000_000
# Enough to see a scratch on a lens; a telephone's picture shrinks to some hundred kilobytes.
SIDE = 1920
QUALITY = 80
# What decoders raise for broken files, beside what they document.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    EOFError,
    struct.error,
    zlib.error,
    UnidentifiedImageError,
    Image.DecompressionBombError,
)
_ORIENTATION = 0x0112
# By EXIF's number: how the picture is turned to be upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()


class PictureError(Exception):
    """The file is no picture that can be read."""


class TooManyDots(PictureError):
    """The picture would take too much memory."""


def redrawn(content: bytes) -> bytes:
    """The picture as an upright JPEG of at most `SIDE` dots a side; nothing but its dots is kept.

    :raise TooManyDots: it is refused before it is decoded
    :raise PictureError: for another format, and for what cannot be decoded
    """
    try:
        with _one_at_a_time, opened(content) as picture:
            turn = _turn_of(picture)
            picture.thumbnail((SIDE, SIDE))
            upright = picture.transpose(turn) if turn is not None else picture
            file = io.BytesIO()
            upright.convert("RGB").save(file, "JPEG", quality=QUALITY)
            return file.getvalue()
    except BROKEN as error:
        raise PictureError(str(error)) from error


def bounded(content: bytes) -> bytes:
    """The very bytes when the picture takes little enough to be shown, else the shrunk picture.

    Of a picture that is kept as it came nothing is decoded.

    :raise TooManyDots: it can't be shrunk
    :raise PictureError: for another format, and for what no decoder would begin with
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            small_enough = picture.width * picture.height <= MOST_DOTS
    except BROKEN as error:
        raise PictureError(str(error)) from error
    if small_enough:
        return content
    try:
        return redrawn(content)
    except PictureError as error:
        raise TooManyDots from error


def opened(content: bytes) -> Image.Image:
    """The picture, not yet decoded; its size is what decoding will give, `MOST_DOTS` at most.

    :raise TooManyDots: for more than that
    :raise OSError: and others of `BROKEN` for what is no picture
    """
    picture = Image.open(io.BytesIO(content), formats=FORMATS)
    # A progressive JPEG is held whole by its decoder, whatever size is wanted.
    if picture.format == "JPEG" and not picture.info.get("progressive"):
        if picture.width * picture.height > MOST_DOTS_SHRUNK:
            raise TooManyDots
        picture.draft("RGB", (SIDE, SIDE))
    if picture.width * picture.height > MOST_DOTS:
        raise TooManyDots
    return picture


def _turn_of(picture):
    """How the picture is turned upright; None when it is, or when what it says of itself is broken.

    A photo whose description is broken is a photo all the same.
    """
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION))
    except BROKEN:
        return None
