"""Voucher codes drawn by tables are those that `qrcode` draws and an independent reader reads."""

import base64
import random

import pytest
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from aidtrack.distribution.printing import qr
from tests.support.qr import qr_codes


def some_code(seed: int) -> str:
    return "AID1:" + base64.b32encode(random.Random(seed).randbytes(100)).decode()


def drawn_by_qrcode(code: str) -> list[str]:
    drawing = QRCode(version=qr.VERSION, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=qr.MASK)
    drawing.add_data(code, optimize=0)
    drawing.make(fit=False)
    return ["".join("1" if dark else "0" for dark in line) for line in drawing.get_matrix()]


def test_the_tables_draw_what_qrcode_draws() -> None:
    codes = [some_code(seed) for seed in range(25)]
    codes += ["AID1:" + "A" * 160, "AID1:" + "7" * 160]
    for code in codes:
        assert qr.rows(qr.matrix(code)) == drawn_by_qrcode(code)


def test_frame_and_own_modules_make_the_whole() -> None:
    symbol = qr.matrix(some_code(1))
    assert qr.frame() | qr.own_modules(symbol) == symbol
    assert qr.frame() & qr.own_modules(symbol) == 0


def test_the_paths_cover_exactly_the_dark_modules() -> None:
    symbol = qr.matrix(some_code(2))
    dark = {
        (row, column)
        for row, line in enumerate(qr.rows(symbol))
        for column in range(qr.SIZE)
        if line[column] == "1"
    }
    from_runs = {(row, column + n) for row, column, length in qr.runs(symbol) for n in range(length)}
    numbers = qr.pdf_path(symbol).removesuffix(" f").split(" re")
    from_pdf = {
        (qr.SIZE - 1 - int(y), int(x) + n)
        for x, y, width, height in (rectangle.split() for rectangle in numbers if rectangle)
        for n in range(int(width))
        if height == "1"
    }
    assert dark == from_runs == from_pdf


def test_an_independent_reader_reads_it_at_three_dots_a_module() -> None:
    for seed in range(10):
        code = some_code(seed)
        side = qr.SIZE + 2 * qr.QUIET
        picture = Image.new("L", (side, side), 255)
        for row, column, length in qr.runs(qr.matrix(code)):
            for n in range(length):
                picture.putpixel((column + n + qr.QUIET, row + qr.QUIET), 0)
        read = qr_codes(picture.resize((3 * side, 3 * side), Image.Resampling.NEAREST))
        assert [found.text for found in read] == [code]


@pytest.mark.parametrize("text", ["", "AID1:", "AID1:" + "A" * 161, "AID1:" + "a" * 160, "AID1:" + "Я" * 160])
def test_what_is_no_voucher_code_is_not_drawn(text: str) -> None:
    with pytest.raises(ValueError, match="voucher code"):
        qr.matrix(text)
