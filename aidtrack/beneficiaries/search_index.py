"""Keyed tokens under which a person is found: name beginnings, and the whole name with the birth date."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aidtrack.beneficiaries import likeness, matching, sounds
from aidtrack.beneficiaries.household import Sex
from aidtrack.db.vault import Vault, current_vault

TOKEN_BYTES = 16
_LATIN = re.compile("[A-Za-z]")


def full_name(columns: Mapping[str, Any]) -> str:
    """Surname, given name and patronymic in one line."""
    parts = (columns["surname"], columns["given_name"], columns["patronymic"])
    return " ".join(part for part in parts if part)


@lru_cache(maxsize=60_000)
def _tokens(vault: Vault, text: str) -> frozenset[bytes]:
    return frozenset(vault.digest(token, "name.token")[:TOKEN_BYTES] for token in matching.name_tokens(text))


def tokens_of(columns: Mapping[str, Any], whole: bytes | None = None) -> frozenset[bytes]:
    """Every token of a person's row; `whole` is that of name and birth date where it is at hand."""
    vault, name = current_vault(), full_name(columns)
    if _LATIN.search(name):  # a look-alike letter is judged by its neighbours: the name as one
        tokens = _tokens(vault, name)
    else:  # word by word: given names repeat, and their hashes with them
        tokens = frozenset().union(*(_tokens(vault, word) for word in name.split()))
    whole = whole or name_and_birth_token(columns)
    tokens |= sound_tokens(profile_of(0, 0, columns))
    return tokens if whole is None else tokens | {whole}


def profile_of(person_id: int, household_id: int, columns: Mapping[str, Any]) -> likeness.Profile:
    """A person's row as doubles are compared."""
    return likeness.profile(
        person_id, household_id, columns["surname"], columns["given_name"], columns["patronymic"],
        columns["birth_date"], columns["sex"] == Sex.FEMALE,
        (columns.get("document_hash"), columns.get("tax_id_hash")),
    )  # fmt: skip


def sound_tokens(person: likeness.Profile) -> frozenset[bytes]:
    """Names by sound with the year, and with day and month: what a misspelt double is found by while typing."""
    vault = current_vault()
    return frozenset(
        vault.digest(key, "name.sound")[:TOKEN_BYTES] for key in likeness.names_with_dates(person)
    )


def _key(name: str) -> str:
    if _LATIN.search(name):
        return matching.name_key(name)
    return " ".join(sorted(one for word in name.split() for one in sounds.words(word)))


def name_and_birth_token(columns: Mapping[str, Any]) -> bytes | None:
    """Equal for two rows with the same name, however written, and the same birth date."""
    born = columns["birth_date"]
    if born is None:
        return None
    vault = current_vault()
    return vault.digest(f"{_key(full_name(columns))}|{born.isoformat()}", "name.birth")[:TOKEN_BYTES]


def tokens_to_find(text: str) -> list[bytes]:
    """All of these belong to a person whom the typed beginnings describe."""
    vault = current_vault()
    return [vault.digest(token, "name.token")[:TOKEN_BYTES] for token in sorted(matching.search_tokens(text))]
