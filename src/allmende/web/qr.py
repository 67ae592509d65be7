"""An address as a QR code: inline SVG, for stickers beside sensors."""

import io

import qrcode
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage


def svg(address: str) -> SafeString:
    """The picture, without a size of its own; its words stand beside it."""
    picture = qrcode.make(address, image_factory=SvgPathImage, border=2, error_correction=qrcode.ERROR_CORRECT_M)
    buffer = io.BytesIO()
    picture.save(buffer)
    text = buffer.getvalue().decode()
    drawn = text[text.index("<svg") :].replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(drawn)  # noqa: S308 - made of squares by the library; the address is not in it as text
