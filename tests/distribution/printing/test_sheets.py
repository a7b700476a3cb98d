"""Cards on paper: eight to a sheet, however many there are and however much is due."""

import io
import math
from pathlib import Path
from typing import Any, BinaryIO, cast

import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from aidtrack.distribution.printing import card
from aidtrack.distribution.printing.sheets import COLUMNS, PER_SHEET, write_vouchers
from aidtrack.distribution.printing.texts import CardText, CardWords, Layout, RoundText
from tests.distribution.printing.test_qr import some_code
from tests.support.qr import qr_codes

MM = 72 / 25.4
WORDS = CardWords("Ваучер", "До видачі", "Де", "Коли", "Код для введення вручну", "№")
ROUND = RoundText(
    "Ж-1", "Пункт видачі", "м. Дніпро, вул. Робоча, 23", "01.09.2022 – 05.09.2022", "9:00–16:00"
)


def cards(count: int, profiles: int = 2) -> list[CardText]:
    return [
        CardText(n % profiles, f"Ж-1-{n:05}", "7K2MQ9XT4B", some_code(n), head=None) for n in range(count)
    ]


def written(
    count: int, layout: Layout = Layout.SHEETS, due: tuple[str, ...] = ("рис — 6 кг",)
) -> tuple[pypdfium2.PdfDocument, list[int]]:
    target = io.BytesIO()
    told: list[int] = []
    made = write_vouchers(
        target, iter(cards(count)), layout=layout, words=WORDS, round_=ROUND, due={0: due, 1: due},
        language="uk", progress=told.append,
    )  # fmt: skip
    assert made == count
    return pypdfium2.PdfDocument(target.getvalue()), told


@pytest.mark.parametrize("count", [1, 7, 8, 9, 17])
def test_sheets_hold_eight_and_the_last_one_the_rest(count: int) -> None:
    document, told = written(count)
    assert len(document) == math.ceil(count / PER_SHEET)
    assert told[-1] == count
    read = [code.text for page in document for code in qr_codes(page.render(scale=150 / 72).to_pil())]
    assert sorted(read) == sorted(one.code for one in cards(count))


def test_cut_marks_stand_at_every_corner_of_every_card_and_run_along_no_edge() -> None:
    document, _ = written(9)
    corners = {
        (column * card.WIDTH, row * card.HEIGHT)
        for column in range(COLUMNS + 1)
        for row in range(PER_SHEET // COLUMNS + 1)
    }
    for page in document:
        width, height = page.get_size()
        strokes = [one.get_bounds() for one in page.get_objects([FPDF_PAGEOBJ_PATH]) if is_thin(one)]
        marked = set()
        for left, bottom, right, top in strokes:
            assert max(right - left, top - bottom) < 8 * MM, "a mark, not a frame"
            marked |= {
                (x, y) for x, y in corners if left - 1 <= x <= right + 1 and bottom - 1 <= y <= top + 1
            }
        assert marked == corners and len(strokes) == 2 * len(corners)
        assert (round(width / MM), round(height / MM)) == (210, 297)


def is_thin(one: pypdfium2.PdfObject) -> bool:
    left, bottom, right, top = one.get_bounds()
    return bool(min(right - left, top - bottom) < 1)


def test_the_text_can_be_taken_out_as_it_is_read() -> None:
    """In Ukrainian, letter for letter: a page of glyphs without their letters could not be searched or read aloud."""
    document, _ = written(2, due=("рис — 6 кг", "дитяче харчування «Їжачок» — 2 шт. ґ є ї ʼ"))
    text = document[0].get_textpage().get_text_range()
    for said in (
        "Ваучер",
        "До видачі",
        "м. Дніпро, вул. Робоча, 23",
        "рис — 6 кг",
        "«Їжачок»",
        "ґ є ї ʼ",
        "Ж-1-00001",
        "7K2MQ-9XT4B",
    ):
        assert said in text, said


def test_a_card_stands_alone_on_a7_paper() -> None:
    document, _ = written(3, Layout.CARDS)
    assert len(document) == 3
    read = [code.text for page in document for code in qr_codes(page.render(scale=150 / 72).to_pil())]
    assert read == [one.code for one in cards(3)]
    width, height = document[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (105, 74)


def test_the_code_is_larger_than_35_mm_with_four_modules_of_white() -> None:
    mm = 72 / 25.4
    assert 35 * mm <= card.CODE_SIDE
    assert card.CODE_X + card.CODE_SIDE + card.QUIET <= card.WIDTH
    assert card.CODE_Y + card.CODE_SIDE + card.QUIET <= card.HEIGHT
    assert 40 * mm < card.TEXT_WIDTH


@pytest.mark.parametrize(
    "due",
    [
        tuple(f"товар із доволі довгою назвою номер {n} — 12,345 кг" for n in range(12)),
        ("слово" * 60,),
        (),
    ],
)
def test_a_long_list_shrinks_and_the_code_is_still_read(due: tuple[str, ...]) -> None:
    document, _ = written(8, due=due)
    assert len(qr_codes(document[0].render(scale=150 / 72).to_pil())) == 8
    words = " ".join(document[0].get_textpage().get_text_range().split())
    assert words.count("м. Дніпро, вул. Робоча, 23") == 8


class Portions(io.FileIO):
    """A file that remembers how much it was given at once."""

    largest = 0

    def write(self, content: Any) -> int:
        self.largest = max(self.largest, len(content))
        return super().write(content)


def test_the_pdf_goes_into_its_file_page_by_page_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    with Portions(tmp_path / "vouchers.pdf", "w") as target:
        write_vouchers(
            cast(BinaryIO, target), cards(200), layout=Layout.SHEETS, words=WORDS, round_=ROUND,
            due={0: (), 1: ()}, language="uk",
        )  # fmt: skip
    assert [file.name for file in tmp_path.iterdir()] == ["vouchers.pdf"]
    assert target.largest < (tmp_path / "vouchers.pdf").stat().st_size / 4
    document = pypdfium2.PdfDocument(tmp_path / "vouchers.pdf")
    last = qr_codes(document[24].render(scale=150 / 72).to_pil())
    assert sorted(code.text for code in last) == sorted(one.code for one in cards(200)[192:])


def test_nothing_to_print_is_still_a_pdf() -> None:
    document, told = written(0)
    assert told == [0]
    assert len(document) == 1


def test_the_familys_time_and_the_address_for_complaints_stand_on_the_card_and_the_code_is_read() -> None:
    target, code = io.BytesIO(), some_code(1)
    words = CardWords(
        "Ваучер", "До видачі", "Де", "Коли", "Код", "№", time="Ваш час, №", feedback="Запитання й скарги:"
    )
    round_ = RoundText(
        "Ж-1", "Пункт видачі, Соборний район", "м. Дніпро, вул. Робоча, 23", "22.11.2026 – 28.11.2026", "9:00–16:00",
        timed=True, feedback="dopomoga.example/v",
    )  # fmt: skip
    one = CardText(
        0, "Ж-1-00001", "7K2MQ9XT4B", code, "Тестенко О. П.", ("Ваш час, № 47", "23.11.2026, 10:30–11:00")
    )
    due = {0: ("рис — 6 кг", "олія — 2,76 кг", "набір гігієнічний — 1 шт.")}
    write_vouchers(target, [one], layout=Layout.CARDS, words=words, round_=round_, due=due, language="uk")
    page = pypdfium2.PdfDocument(target.getvalue())[0]
    text = page.get_textpage().get_text_bounded()
    for shown in (
        "Ваш час, № 47",
        "23.11.2026, 10:30–11:00",
        "Запитання й скарги:",
        "dopomoga.example/v",
        "Ж-1-00001",
    ):
        assert shown in text
    [found] = qr_codes(page.render(scale=150 / 72).to_pil())
    assert (found.text, "dopomoga" in found.text) == (code, False)
