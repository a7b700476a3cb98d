"""Phones as they are typed, kept and shown."""

import pytest

from aidtrack.beneficiaries.errors import NotAPhone
from aidtrack.beneficiaries.identifiers import clean_phone, shown_phone


@pytest.mark.parametrize("typed", ["067 123 45 67", "+38 (067) 123-45-67", "80671234567", "0671234567"])
def test_every_habit_of_writing_a_phone_is_one_number(typed: str) -> None:
    assert clean_phone(typed) == "+380671234567"


@pytest.mark.parametrize("typed", ["12", "<script>alert(1)</script>", "+380", "телефону немає"])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(NotAPhone):
        clean_phone(typed)


def test_a_phone_is_shown_as_people_write_it() -> None:
    assert shown_phone("+380671234567") == "067 123 4567"
    assert shown_phone("+48221234567") == "+48 22 123 45 67"
    assert shown_phone(None) is None


def test_a_row_that_another_program_spoilt_is_shown_as_it_stands() -> None:
    assert shown_phone("<b>нема</b>") == "<b>нема</b>"
