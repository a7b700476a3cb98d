"""A register to bring in: a family of its own, a bad row, and a family like one of another site."""

from tests.support.planting import Planted

TABLE = """Прізвище;Ім'я;Стать;Населений пункт;Дата народження;Документ
{row_surname};{row_given};ж;{row_home};01.02.1980;{row_document}
{row_surname};{row_given};ж;{row_home};32.01.1980;{row_document}
{other_surname};{other_given};ж;{row_home};{other_birth};{other_document}
"""
NEW = {
    "row_surname": "Zqxrowsurname", "row_given": "Zqxrowgiven", "row_home": "Zqxrowvillage", "row_document": "ZQXROW991199",
}  # fmt: skip
COLUMNS = ("surname", "given_name", "sex", "settlement", "birth_date", "document")
OTHERS_WORDS = {"surname": "surname", "given": "given name", "birth": "birth date", "document": "document"}


def known_of(planted: Planted) -> dict[str, str]:
    """What whoever brings the table knows of another site's family."""
    return {f"other_{name}": planted.other[what] for name, what in OTHERS_WORDS.items()}
