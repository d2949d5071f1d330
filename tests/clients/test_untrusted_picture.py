"""Pictures of strangers: what would take much memory is told before it is decoded."""

import io
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageFile

from odoo.addons.optica_cobranca.clients.http.untrusted_picture import (
    MOST_DOTS,
    PictureError,
    TooManyDots,
    bounded,
    opened,
    redrawn,
)


def picture(kind="JPEG", size=(60, 40), mode="RGB", **options):
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **options)
    return file.getvalue()


def said_to_be(width, height):
    """A PNG of these sizes by its own word; nothing of the picture follows."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"", 9))


def size_of(content):
    return Image.open(io.BytesIO(content)).size


@pytest.mark.parametrize("sizes", [(7000, 7100), (4097, 3072), (1, MOST_DOTS + 1)])
def test_a_bomb_is_refused_by_its_first_bytes(sizes, monkeypatch):
    """Of these there is nothing to decode: who tried would find a broken file."""
    # Odoo, once it is loaded, has the decoder fill in what is missing.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    for open_it in (redrawn, bounded):
        with pytest.raises(TooManyDots):
            open_it(said_to_be(*sizes))
    with pytest.raises(PictureError) as refusal:
        redrawn(said_to_be(4096, 3072))
    assert refusal.type is PictureError, "of a bearable size: it is the decoder that says no"


def test_a_telephones_photo_is_shrunk_while_it_is_decoded():
    """48 megapixels: the decoder gives 4000 x 3000 of them, 36 MB instead of 144."""
    photo = picture(size=(8000, 6000), mode="L")
    assert opened(photo).size == (4000, 3000)
    assert size_of(redrawn(photo)) == (1920, 1440)
    assert size_of(bounded(photo)) == (1920, 1440)


@pytest.mark.parametrize(
    "photo",
    [
        picture(size=(8000, 7000), mode="L"),
        picture(size=(5000, 4000), mode="L", progressive=True),
        picture("PNG", size=(5000, 4000), mode="L"),
    ],
    ids=["over 50 megapixels", "progressive", "PNG"],
)
def test_what_cannot_be_shrunk_while_decoding_is_refused(photo):
    with pytest.raises(TooManyDots):
        redrawn(photo)
    with pytest.raises(TooManyDots):
        bounded(photo)


def test_what_is_small_enough_stays_as_it_came():
    proof = picture("PNG", size=(3000, 4000), mode="1")
    assert bounded(proof) is proof


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", picture("GIF"), picture()[:300], b"\x89PNG\r\n\x1a\n" + b"\xff" * 80],
)
def test_what_is_no_picture(content):
    with pytest.raises(PictureError):
        redrawn(content)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\xff\xff\xff\xff\x00\x06",
        b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
        b"Exif\x00\x00garbage",
        b"Exif\x00\x00",
    ],
)
def test_a_photo_whose_description_is_broken_is_a_photo(exif):
    assert size_of(redrawn(picture(exif=exif))) == (60, 40)


@pytest.mark.parametrize("number", range(1, 9))
def test_photos_are_turned_upright(number):
    """The dot at the top left of an upright picture is red, whatever way the camera was held."""
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 16, 16))
    # How the camera saw it: the turn that EXIF's number names, taken back.
    taken_back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    seen = upright.transpose(Image.Transpose(taken_back[number])) if number > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = number
    file = io.BytesIO()
    seen.save(file, "JPEG", quality=95, exif=exif)
    found = Image.open(io.BytesIO(redrawn(file.getvalue())))
    assert found.size == (64, 32)
    red, green, _blue = found.getpixel((6, 6))
    assert red > 200 > 80 > green
    assert not dict(found.getexif())


def test_one_picture_at_a_time(monkeypatch):
    """Two that are decoded at once would meet in the decoder."""
    meeting = threading.Barrier(2, timeout=0.4)
    met = []
    load = ImageFile.ImageFile.load

    def decode(picture):
        try:
            meeting.wait()
            met.append(picture)
        except threading.BrokenBarrierError:
            meeting.reset()
        return load(picture)

    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    photo = picture()
    with ThreadPoolExecutor(2) as customers:
        assert len(list(customers.map(redrawn, [photo] * 2))) == 2
    assert not met
