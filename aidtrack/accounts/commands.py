"""What people ask of the accounts room, as frozen inputs."""

from dataclasses import field
from typing import Any

from aidtrack.kernel.actor import Role
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class AddPerson:
    """A new person who signs in. The password is generated and shown once."""

    login: str
    display_name: str
    role: Role
    site_ids: frozenset[int]
    donor_ids: frozenset[int] = frozenset()
    language: str = "uk"
    must_change_password: bool = True
    command_id: str | None = None

    def body(self) -> dict[str, Any]:
        return {
            "login": self.login,
            "display_name": self.display_name,
            "role": self.role.value,
            "site_ids": sorted(self.site_ids),
            "donor_ids": sorted(self.donor_ids),
            "language": self.language,
        }


@dataclass(frozen=True, slots=True)
class ChangePerson:
    """Another name, role, sites or donors for somebody who is there."""

    user_id: int
    display_name: str
    role: Role
    site_ids: frozenset[int]
    donor_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ChangePassword:
    old_password: str = field(repr=False)
    new_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AddToken:
    """A program's bearer token. The token itself is shown once."""

    label: str
    role: Role
    site_ids: frozenset[int]
    donor_ids: frozenset[int] = frozenset()
    command_id: str | None = None

    def body(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "role": self.role.value,
            "site_ids": sorted(self.site_ids),
            "donor_ids": sorted(self.donor_ids),
        }


@dataclass(frozen=True, slots=True)
class AddSite:
    code: str
    name_uk: str
    name_en: str
    time_zone: str = "Europe/Kyiv"
    katottg: str | None = None


@dataclass(frozen=True, slots=True)
class SetUpCentre:
    """Whose installation this is."""

    name_uk: str
    name_en: str
    edrpou: str | None = None
