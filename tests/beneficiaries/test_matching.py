"""One name, many spellings: they meet in one key, and different persons do not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.beneficiaries.matching import (
    name_key,
    name_tokens,
    romanise,
    search_tokens,
)

UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
words = st.text(alphabet=UKRAINIAN, min_size=1, max_size=14).map(str.capitalize)
names = st.lists(words, min_size=1, max_size=3).map(" ".join).filter(name_key)


@pytest.mark.parametrize(
    "other",
    [
        "шевченко  олена ПЕТРІВНА",
        "Шевчeнкo Oлeнa Пeтpівнa",  # Latin c, e, o, p, a inside
        "Олена Петрівна Шевченко",
        "Shevchenko Olena Petrivna",
        "SHEVCHENKO, Olena Petrivna",
        "Шевченко\u00a0Олена\tПетрівна ",
    ],
)
def test_spellings_of_one_name_have_one_key(other: str) -> None:
    assert name_key(other) == name_key("Шевченко Олена Петрівна")


def test_every_apostrophe_and_none_is_the_same() -> None:
    spelled = [f"Лук{mark}яненко Дар{mark}я" for mark in ["'", "’", "ʼ", "`", "´", "‘", "′", '"', ""]]
    assert len({name_key(name) for name in spelled}) == 1
    assert name_key(spelled[0]) == "daria lukianenko"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert name_key(unicodedata.normalize("NFD", "Її Йосиф")) == name_key("Її Йосиф")


def test_a_hyphen_and_a_space_are_the_same() -> None:
    assert name_key("Нечуй-Левицький") == name_key("Нечуй Левицький") == "levytskyi nechui"


def test_a_latin_word_beside_cyrillic_ones_keeps_its_own_letters() -> None:
    assert name_key("Шевченко Petryk") == "petryk shevchenko"


def test_a_word_typed_wholly_in_look_alikes_is_read_with_its_neighbours() -> None:
    assert name_key("BIKTOP Шевченко") == name_key("ВІКТОР Шевченко")


@pytest.mark.parametrize(
    ("word", "latin"),
    [
        ("Алушта", "alushta"), ("Згурський", "zghurskyi"), ("Розгон", "rozghon"), ("Єнакієве", "yenakiieve"),
        ("Їжакевич", "yizhakevych"), ("Кадиївка", "kadyivka"), ("Йосипівка", "yosypivka"), ("Стрий", "stryi"),
        ("Щербухи", "shcherbukhy"), ("Гоща", "hoshcha"), ("Юрій", "yurii"), ("Крюківка", "kriukivka"),
        ("Яготин", "yahotyn"), ("Костянтин", "kostiantyn"), ("Знам’янка", "znamianka"), ("Ґалаґан", "galagan"),
        ("Русь", "rus"), ("Феодосія", "feodosiia"), ("Біла", "bila"), ("Цезарій", "tsezarii"),
    ],
)  # fmt: skip
def test_letters_follow_the_rule_of_2010(word: str, latin: str) -> None:
    assert romanise(word) == latin


@given(names)
def test_case_order_and_script_never_change_a_key(name: str) -> None:
    key = name_key(name)
    assert name_key(name.upper()) == name_key(name.lower()) == key
    assert name_key(" ".join(reversed(name.split()))) == key
    assert name_key(key) == key
    assert key.isascii()


@given(st.text(max_size=60))
def test_any_text_has_a_key_and_tokens(text: str) -> None:
    assert name_key(text) == name_key(f"  {text} ")
    assert name_tokens(text) >= search_tokens(text) - {""}


@given(words.filter(lambda word: len(word) >= 4), st.integers(3, 14))
def test_a_word_is_found_by_any_beginning_of_three_letters_or_more(word: str, typed: int) -> None:
    beginning = search_tokens(word[:typed])
    found = {token for token in beginning if len(token) >= 3}
    assert found <= name_tokens(f"Марія {word}")


def test_a_search_by_two_beginnings_finds_who_has_both() -> None:
    tokens = name_tokens("Шевченко Олена Петрівна")
    assert search_tokens("оле шев") <= tokens
    assert search_tokens("Olena Shev") <= tokens
    assert not search_tokens("олег шев") <= tokens


def test_tokens_are_beginnings_from_three_letters_up_to_ten() -> None:
    assert name_tokens("Лі Коваль") == {"li", "kov", "kova", "koval"}
    assert max(map(len, name_tokens("Перебийнісовська"))) == 10
