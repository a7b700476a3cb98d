"""Passwords: Argon2id, and generated ones that can be read out over the phone.

Hashing is slow on purpose, and SQLite has one writer: it is done before a unit of work begins. So services
take a `NewPassword`, made by their caller, and never a password to hash.
"""

import secrets
from dataclasses import field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aidtrack.accounts.errors import PasswordTooWeak, WrongPassword
from aidtrack.kernel.late import dataclass

LEAST_LENGTH = 10
LONGEST = 200  # hashing a megabyte would be a way to keep the server busy
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0, 1

# Above the least that OWASP names (19 MiB, 2 passes). More memory would let eight people who sign in at
# once on a small machine push its database out of the cache.
_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_nobody: str | None = None


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password with its hash. The text is for showing once; only the hash is kept."""

    text: str = field(repr=False)
    hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangedPassword:
    """A person's own choice, after the old one was found right: good while the stored hash is `old_hash`."""

    old_hash: str = field(repr=False)
    new_hash: str = field(repr=False)


def use_cheap_hashing() -> None:
    """For tests only: the same algorithm at a cost that does not matter."""
    global _hasher, _nobody
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _nobody = None


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one hashed.

    `None` stands for a login nobody has: the same work is done, so that the answer's time does not tell
    which logins exist.
    """
    global _nobody
    if password_hash is None and _nobody is None:
        _nobody = hash_password(secrets.token_urlsafe())
    try:
        _hasher.verify(password_hash or _nobody or "", password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made at a lower cost than today's."""
    return _hasher.check_needs_rehash(password_hash)


def new_password() -> NewPassword:
    """A generated password. Takes a tenth of a second: call it before the unit of work."""
    text = generate_password()
    return NewPassword(text, hash_password(text))


def changed_password(old: str, new: str, *, stored_hash: str, login: str) -> ChangedPassword:
    """Judge somebody's own new password, before the unit of work as well.

    Raises:
        WrongPassword: the old one is not theirs.
        PasswordTooWeak
    """
    if not matches(old, stored_hash):
        raise WrongPassword()
    check_strength(new, login)
    return ChangedPassword(stored_hash, hash_password(new))


def generate_password() -> str:
    """Sixteen characters (about 79 bits) in groups of four: «k7mq-x2pv-9hta-4wzn»."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))


def check_strength(password: str, login: str) -> None:
    """Refuse what is guessed first.

    Raises:
        PasswordTooWeak: short, contains the login, or hardly more than one character repeated.
    """
    weak = (
        not LEAST_LENGTH <= len(password) <= LONGEST
        or login.lower() in password.lower()
        or len(set(password)) < 5
    )
    if weak:
        raise PasswordTooWeak(length=LEAST_LENGTH)
