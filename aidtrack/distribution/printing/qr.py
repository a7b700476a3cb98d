"""The QR matrix of a voucher code, made ten thousand at a time.

All voucher codes are 165 alphanumeric characters in version 7 at error level M under one fixed mask
(choosing the mask by score costs six times more and reads no better). A symbol of such a fixed kind is an
affine function of its bits: function patterns and mask are constant, and error correction is linear over
GF(2). So `qrcode` draws a few hundred symbols once, and each voucher is an exclusive or of those.
A test draws random codes both ways and compares.
"""

import re
from collections.abc import Iterator
from functools import cache

from qrcode.base import rs_blocks
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import ALPHA_NUM, MODE_ALPHA_NUM, BitBuffer, create_bytes

from aidtrack.distribution.signing import CODE_CHARACTERS
from aidtrack.kernel.late import dataclass

VERSION = 7
SIZE = 17 + 4 * VERSION  # modules a side
QUIET = 4  # modules of white around it, which readers need
MASK = 2  # stripes of three columns: leaves no large plain areas in Base32 text

_BITS = SIZE * SIZE
_LENGTH_BITS = 9  # of the count of characters, in versions up to 9
_DATA_BYTES = 124
_CHARACTERS = {ord(character): value for value, character in enumerate(ALPHA_NUM.decode("ascii"))}
_DARK = re.compile("1+")


def matrix(code: str) -> int:
    """The modules as one number, row by row from the top left; the first module is the highest bit.

    Raises:
        ValueError: the text is no voucher code, by length or by characters.
    """
    kind = _kind()
    symbol, flips = kind.blank, kind.flips
    for place, byte in enumerate(_payload(code)):
        symbol ^= flips[2 * place][byte >> 4] ^ flips[2 * place + 1][byte & 15]
    return symbol


def frame() -> int:
    """The dark modules that are the same in every code: finders, timing, format and version."""
    kind = _kind()
    return kind.blank & ~kind.changing


def own_modules(symbol: int) -> int:
    """The dark modules that carry this code's data: what is drawn over the frame."""
    return symbol & _kind().changing


def rows(symbol: int) -> list[str]:
    """The modules as lines of 0 and 1, without the quiet zone."""
    bits = format(symbol, f"0{_BITS}b")
    return [bits[start : start + SIZE] for start in range(0, _BITS, SIZE)]


def runs(symbol: int) -> Iterator[tuple[int, int, int]]:
    """Dark modules side by side as (row from the top, first column, length)."""
    for row, line in enumerate(rows(symbol)):
        for match in _DARK.finditer(line):
            yield row, match.start(), match.end() - match.start()


def svg_path(symbol: int) -> str:
    """The `d` of one SVG path, one unit a module, the quiet zone included."""
    return "".join(
        f"M{column + QUIET} {row + QUIET}h{length}v1h-{length}z" for row, column, length in runs(symbol)
    )


class _Rectangles(dict[tuple[int, int], str]):
    """PDF operators of a run by where it begins and ends in the lines joined by one light module."""

    def __missing__(self, span: tuple[int, int]) -> str:
        row, column = divmod(span[0], SIZE + 1)
        self[span] = text = f"{column} {SIZE - 1 - row} {span[1] - span[0]} 1 re"
        return text


_RECTANGLES = _Rectangles()


def pdf_path(symbol: int) -> str:
    """One filled PDF path, one unit a module, the origin at the lower left of the code without quiet zone."""
    drawn = _RECTANGLES
    return " ".join([drawn[match.span()] for match in _DARK.finditer("0".join(rows(symbol)))]) + " f"


def _payload(code: str) -> bytes:
    """Mode, length and characters as the 124 data bytes of the symbol."""
    if len(code) != CODE_CHARACTERS:
        raise ValueError("not the length of a voucher code")
    try:
        values = [_CHARACTERS[ord(character)] for character in code]
    except KeyError:
        raise ValueError("not the characters of a voucher code") from None
    length = _LENGTH_BITS
    bits, count = MODE_ALPHA_NUM << length | len(code), 4 + length
    for first, second in zip(values[::2], values[1::2], strict=False):
        bits, count = bits << 11 | first * 45 + second, count + 11
    bits, count = bits << 6 | values[-1], count + 6  # an odd character out
    spare = 8 * _DATA_BYTES - count
    # four zero bits end the text, zeros fill the byte, and two bytes in turn fill the symbol
    closing = 4 + (spare - 4) % 8
    bits, spare = bits << closing, spare - closing
    filler = (b"\xec\x11" * _DATA_BYTES)[: spare // 8]
    return (bits << spare | int.from_bytes(filler, "big")).to_bytes(_DATA_BYTES, "big")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What every symbol of this version, level and mask has in common.

    `flips` has for each half byte of the data what its 16 values flip in `blank`, the symbol of zeros alone;
    `changing` are the modules that data and error correction can change at all.
    """

    flips: tuple[tuple[int, ...], ...]
    blank: int
    changing: int


@cache
def _kind() -> _Kind:
    blocks = rs_blocks(VERSION, ERROR_CORRECT_M)
    where, blank, changing = _positions(8 * sum(block.total_count for block in blocks))
    flips = [0] * (8 * _DATA_BYTES)
    each = blocks[0].data_count  # all blocks of version 7-M are of one length
    for place in range(each):
        for bit in range(8):
            # the same bit in every block at once: their codewords stand interleaved, one block after another
            data = bytearray(_DATA_BYTES)
            data[place::each] = bytes([128 >> bit]) * len(blocks)
            buffer = BitBuffer()
            buffer.buffer, buffer.length = list(data), 8 * _DATA_BYTES
            codewords = create_bytes(buffer, blocks)
            for block in range(len(blocks)):
                flip = 0
                for index in range(block, len(codewords), len(blocks)):
                    for of_word in range(8):
                        if codewords[index] >> (7 - of_word) & 1:
                            flip |= where[8 * index + of_word]
                flips[8 * (block * each + place) + bit] = flip
    return _Kind(
        flips=tuple(_sixteen(flips[start : start + 4]) for start in range(0, len(flips), 4)),
        blank=blank,
        changing=changing,
    )


def _sixteen(flips: list[int]) -> tuple[int, ...]:
    """What each value of four bits flips, the highest bit's flip first."""
    table = [0]
    for flip in reversed(flips):
        table += [flip ^ others for others in table]
    return tuple(table)


def _positions(count: int) -> tuple[list[int], int, int]:
    """The module of each of the codewords' bits, the symbol of zeros, and all these modules together.

    Found by letting `qrcode` place the bits of every bit's own number, one binary digit at a time.
    """
    blank = _placed(0, count)
    changing = blank ^ _placed((1 << count) - 1, count)
    where = [changing] * count
    for digit in range(count.bit_length()):
        number = 0
        for bit in range(count):
            number = number << 1 | (bit >> digit & 1)
        ones = blank ^ _placed(number, count)
        for bit in range(count):
            where[bit] &= ones if bit >> digit & 1 else ~ones
    return where, blank, changing


def _placed(bits: int, count: int) -> int:
    code = QRCode(version=VERSION, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.data_cache = list(bits.to_bytes(count // 8, "big"))
    code.makeImpl(False, MASK)
    return int("".join("1" if dark else "0" for line in code.get_matrix() for dark in line), 2)
