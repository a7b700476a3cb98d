"""An independent reader of QR codes."""

from typing import Any

import zxingcpp


def qr_codes(picture: Any) -> list[Any]:
    """The QR codes in a picture. Looking for others too, the reader takes now and then a line of text for one."""
    return list(
        zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    )
