"""Passwords: Argon2id, generated ones, and what is refused as too weak."""

import re

import pytest

from aidtrack.accounts import passwords
from aidtrack.accounts.errors import PasswordTooWeak


def test_a_hash_is_argon2id_and_fits_only_its_password() -> None:
    hashed = passwords.hash_password("сорок мішків рису")
    assert hashed.startswith("$argon2id$")
    assert passwords.matches("сорок мішків рису", hashed)
    assert not passwords.matches("сорок мішків рис", hashed)


def test_a_login_nobody_has_costs_a_hash_and_fits_nothing() -> None:
    assert not passwords.matches("anything", None)


def test_a_stored_hash_that_is_none_is_refused_and_not_raised() -> None:
    assert not passwords.matches("anything", "not a hash")


def test_generated_passwords_are_readable_different_and_strong_enough() -> None:
    made = {passwords.generate_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert re.fullmatch(r"([a-hj-km-np-z2-9]{4}-){3}[a-hj-km-np-z2-9]{4}", password)
        passwords.check_strength(password, "olena")


@pytest.mark.parametrize(
    "password",
    ["", "short", "aaaaaaaaaaaa", "abababababab", "my olena.k is here", "OLENA.K-123456", "x1y2" * 60],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        passwords.check_strength(password, "olena.k")
