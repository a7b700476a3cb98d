"""Files of every make give the same rows; files built to harm are refused before they unpack."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from aidtrack.importing import reading
from aidtrack.importing import workbook as workbook_reader
from aidtrack.importing.errors import (
    BrokenWorkbook,
    DangerousWorkbook,
    EmptyFile,
    FileTooLarge,
    ImportRefused,
    NoSuchSheet,
    NotATable,
    NotInThisEncoding,
    OldWorkbook,
    QuoteNeverCloses,
    TooManyColumns,
    TooManyRows,
)
from aidtrack.importing.opening import _rows, quiet
from aidtrack.importing.reading import Choice, column_letter, open_file, spoken_sheet
from tests.importing.files import part_of, with_part, workbook

SHEET, TYPES = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
ROWS = [["Прізвище", "Ім'я", "Кг"], ["Вигаданенко", "Олена; мати", "1,5"], ["Їжакевич", "Ґалаґан", "2 000"]]


def written(rows: list[list[str]], delimiter: str, newline: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return stream.getvalue().replace("\n", newline)


def read(body: bytes, choice: Choice | None = None) -> list[list[str]]:
    return [list(row) for _number, row in open_file(body, choice=choice).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_dialect_gives_the_same_rows(encoding: str, delimiter: str, newline: str) -> None:
    assert read(written(ROWS, delimiter, newline).encode(encoding)) == ROWS


CELL = st.text(st.sampled_from("абвгґдеєжзиіїйклмн'’ Abc12,.;-№\"\n"), max_size=12).map(
    lambda text: " ".join(text.split())
)


@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=2, max_size=8),
    delimiter=st.sampled_from(reading.DELIMITERS),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1251"]),
)
def test_what_was_written_is_read_whatever_the_dialect(
    rows: list[list[str]], delimiter: str, newline: str, encoding: str
) -> None:
    rows = [["Ґанок", "назва", "№"], *rows]
    body = written(rows, delimiter, newline).encode(encoding)
    trimmed = [list(reading.trimmed(row)) for row in rows]
    assert read(body, Choice(delimiter=delimiter)) == [row for row in trimmed if row]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        for _row in open_file(body).rows():
            pass
    except ImportRefused:
        pass


@given(st.integers(0, 6000), st.binary(min_size=1, max_size=40))
def test_a_damaged_workbook_is_read_or_refused(at: int, noise: bytes) -> None:
    body = bytearray(GOOD)
    body[at % len(body) : at % len(body) + len(noise)] = noise
    try:
        for _row in open_file(bytes(body)).rows():
            pass
    except ImportRefused:
        pass


GOOD = workbook(ROWS)


def test_windows_1251_is_told_from_utf_8_and_another_may_be_chosen() -> None:
    body = "Прізвище;Місто\nЇжак;Дніпро".encode("cp1125")
    assert read(body, Choice(encoding="cp1125"))[0] == ["Прізвище", "Місто"]
    with pytest.raises(NotInThisEncoding):
        read(b"\x98\xff;\xd0", Choice(encoding="utf-8-sig"))


def test_excel_names_its_own_separator() -> None:
    assert read("sep=,\nа;б,в\n".encode()) == [["а;б", "в"]]


def test_numbers_dates_and_spaces_of_a_workbook_are_texts() -> None:
    rows: list[list[object]] = [["Дата", "Т", "Цілі", "Так"], [date(2022, 9, 1), 29.378, 1000.0, True],
            [datetime(2022, 9, 1, 14, 5), 0.1, 380671234567, "  дві   пропуски "]]  # fmt: skip  # noqa: DTZ001
    assert read(workbook(rows)) == [
        ["Дата", "Т", "Цілі", "Так"],
        ["2022-09-01", "29,378", "1000", "1"],
        ["2022-09-01 14:05", "0,1", "380671234567", "дві пропуски"],
    ]


def test_cells_merged_downwards_say_the_same_in_every_row() -> None:
    rows = [["№", "Прізвище"], ["1", "Перша"], ["", "Друга"], ["", "Третя"], ["2", "Інша"]]
    body = workbook(rows, lambda sheet: sheet.merge_cells("A2:A4"))
    assert [row[0] for row in read(body)] == ["№", "1", "1", "1", "2"]


def test_a_formula_without_a_saved_result_is_a_fault_and_one_with_is_its_result() -> None:
    def formulas(sheet: Worksheet) -> None:
        sheet["B2"] = "=A2*2"
        sheet["C2"] = "#REF!"

    body = workbook([["а", "б", "в"], [2, None, None]], formulas)
    source = open_file(body)
    assert [list(row) for _number, row in source.rows()] == [["а", "б", "в"], ["2"]]
    assert source.faults == {(2, 1): "formula_without_value", (2, 2): "error_value"}
    saved = (
        part_of(body, SHEET)
        .replace(b"<v></v>", b"<v>4</v>")
        .replace(b"<v />", b"<v>4</v>")
        .replace(b"<v/>", b"<v>4</v>")
    )
    again = open_file(with_part(body, SHEET, saved))
    assert [list(row) for _number, row in again.rows()][1][:2] == ["2", "4"]
    assert (2, 1) not in again.faults


def test_the_sheet_may_be_chosen_and_row_numbers_are_the_spreadsheets() -> None:
    body = workbook([["а"], [None], ["б"]])
    source = open_file(body, choice=Choice(sheet="Sheet"))
    assert list(source.rows()) == [(1, ("а",)), (3, ("б",))]
    with pytest.raises(NoSuchSheet):
        open_file(body, choice=Choice(sheet="Інший"))


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(rows: str) -> bytes:
    return with_part(GOOD, SHEET, f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode())


def test_what_other_programs_write_into_cells_is_read_as_well() -> None:
    texts = (
        f"<sst {MAIN}><si><t>Олена</t></si><si><r><t>Виг</t></r><r><rPr><b/></rPr><t xml:space='preserve'>ад </t></r>"
        "<rPh sb='0' eb='1'><t>вимова</t></rPh></si><si/></sst>"
    )
    rows = (
        '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><t>Ї</t><t>жак</t></is></c></row>'
        '<row r="4"><c r="C4" t="str"><f>A1</f><v>так</v></c><c t="b"><v>1</v></c><c><v>5E-1</v></c><c><v>007</v></c></row>'
        '<row r="5"><c r="A5" t="s"><v>2</v></c><c r="B5" t="d"><v>2022-09-01T00:00:00</v></c><c r="AB5" s="0"><v>-3.0</v></c></row>'
    )
    body = with_part(sheet_of(rows), "xl/sharedStrings.xml", texts.encode())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    listed = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    body = with_part(body, TYPES, part_of(body, TYPES).replace(b"</Types>", listed))
    assert list(open_file(body).rows()) == [
        (1, ("Олена", "Вигад", "Їжак")),
        (4, ("", "", "так", "1", "0,5", "7")),
        (5, ("", "2022-09-01", *[""] * 25, "-3")),
    ]


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ('<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>', BrokenWorkbook),
        ('<row r="2000000"><c><v>1</v></c></row>', DangerousWorkbook),
        ('<row><c r="XFE1"><v>1</v></c></row>', BrokenWorkbook),
        ('<row><c t="s"><v>9999</v></c></row>', BrokenWorkbook),
        ("<row><c><v>один</v></c></row>", BrokenWorkbook),
    ],
)
def test_cells_where_none_can_be_are_refused(rows: str, refusal: type[ImportRefused]) -> None:
    with pytest.raises(refusal):
        list(open_file(sheet_of(rows)).rows())


# -- refusals -------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_by_its_directory() -> None:
    with pytest.raises(DangerousWorkbook):
        open_file(with_part(GOOD, SHEET, b"<worksheet>" + b" " * (8 << 20) + b"</worksheet>"))


def test_an_archive_that_unpacks_too_far_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many parts, none of them out of measure: 400 MB in some kilobytes. Half of it would do."""

    def archive(megabytes: int) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
            for number in range(megabytes // 4):
                made.writestr(f"xl/worksheets/sheet{number}.xml", b"<a/>")
                made.filelist[-1].file_size = 4 * workbook_reader.MEGABYTE  # what the directory will say
        return stream.getvalue()

    bomb, large = archive(400), archive(200)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_a, **_k: pytest.fail("it was unpacked"))
    with pytest.raises(DangerousWorkbook):
        open_file(bomb)
    with pytest.raises(pytest.fail.Exception, match="unpacked"):
        open_file(large)


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" + b"x" * 100_000 + b"</a>")
    body = stream.getvalue()
    lying = body.replace((100_007).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != body
    with pytest.raises(ImportRefused):
        open_file(lying)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(encoding: str) -> None:
    evil = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
        "<worksheet>&c;</worksheet>"
    )
    for part in (SHEET, "xl/sharedStrings.xml", "docProps/core.xml"):
        with pytest.raises(DangerousWorkbook):
            open_file(with_part(GOOD, part, evil.encode(encoding)))


def test_other_files_are_refused_with_what_to_do() -> None:
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    for body, refusal in (
        (b"", EmptyFile), (b"\xef\xbb\xbf \r\n;;", EmptyFile), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", OldWorkbook),
        (b"%PDF-1.7 ...", NotATable), (document.getvalue(), NotATable), (GOOD[:300], BrokenWorkbook),
        (b"x" * (reading.MOST_BYTES + 1), FileTooLarge), (b'a;b\n"' + b"x;y\n" * 60_000, QuoteNeverCloses),
        (";".join("x" * (reading.MOST_COLUMNS + 1)).encode(), TooManyColumns),
    ):  # fmt: skip
        with pytest.raises(refusal):
            list(open_file(body).rows())
    with pytest.raises(TooManyColumns):
        list(open_file(workbook([["a"] * (reading.MOST_COLUMNS + 1)])).rows())


def test_a_hundred_thousand_rows_are_taken_and_not_one_more() -> None:
    body = b"a;b\n" + b"1;\n" * reading.MOST_ROWS
    rows = _rows(open_file(body), 1, quiet)
    assert len(rows) == 100_000 and rows[-1] == (100_001, ("1",))
    with pytest.raises(TooManyRows):
        _rows(open_file(body + b"1;\n"), 1, quiet)
    with pytest.raises(TooManyRows):  # titles and headings count too, where there is no end of them
        list(open_file(b"a;b\n" * 12).rows(most=10))


def test_ten_megabytes_are_taken_and_not_one_byte_more() -> None:
    line = b"x" * 104_857 + b"\n"
    body = line * 99
    body += b"y" * (10 * 1024 * 1024 - len(body))
    assert [len(row[0]) for _number, row in open_file(body, choice=Choice("utf-8-sig", ";")).rows()][
        -2
    ] == 104_857
    with pytest.raises(FileTooLarge):
        open_file(body + b"y")


def test_what_looks_like_a_formula_in_a_text_stays_the_text() -> None:
    cells = ["=1+1", '=HYPERLINK("http://example.invalid";"натисніть")', "@SUM(A1)", "+380671234567", "-1"]
    assert read(written([cells, cells], "\t", "\n").encode()) == [cells, cells]


def test_columns_are_called_as_in_a_spreadsheet() -> None:
    assert [column_letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_the_only_sheet_of_a_file_that_nobody_named_is_called_like_the_file() -> None:
    for unnamed in ("Sheet1", "Аркуш1", "Лист 1", "Sheet"):
        assert spoken_sheet(unnamed, (unnamed,), "Реєстр.xlsx") == "Реєстр.xlsx"
    assert spoken_sheet("Реєстр ВПО", ("Реєстр ВПО",), "x.xlsx") == "Реєстр ВПО"
    assert spoken_sheet("Sheet1", ("Sheet1", "Sheet2"), "x.xlsx") == "Sheet1"
