"""Phones as they are typed, kept and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.beneficiaries import identifiers
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


@given(
    st.tuples(
        st.sampled_from(
            ["+380", "380", "0", "80", "8", "", "+", "00380", "+38 (0", "38(0", "(0", "0-", "+3800"]
        ),
        st.sampled_from(["67", "50", "63", "99", "39", "44", "73", "56", "91", "79", "00"]),
        st.lists(st.sampled_from([*"0123456789"]), min_size=6, max_size=8),
        st.sampled_from(["", " ", "-", ") ", "."]),
    ).map(lambda parts: parts[0] + parts[1] + parts[3].join(parts[2]))
)
def test_a_number_at_home_is_read_as_the_library_reads_it(typed: str) -> None:
    def said() -> str | None:
        try:
            return identifiers.clean_phone(typed)
        except NotAPhone:
            return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identifiers, "_ukrainian_mobile", lambda *_typed: None)
        by_the_library = said()
    assert said() == by_the_library
