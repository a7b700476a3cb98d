"""Any short text as a QR code for the screen: an address with an invitation in it, an address of a page."""

QUIET = 4  # modules of white around it, which readers need


def svg_path(text: str) -> tuple[str, int]:
    """The `d` of one SVG path, one unit a module, and the side of the square with its quiet zone."""
    # with it comes an imaging library, for which no start should wait
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    lines = code.get_matrix()
    path: list[str] = []
    for row, line in enumerate(lines):
        column = 0
        while column < len(line):
            length = 0
            while column + length < len(line) and line[column + length]:
                length += 1
            if length:
                path.append(f"M{column} {row}h{length}v1h-{length}z")
            column += length + 1
    return "".join(path), len(lines)
