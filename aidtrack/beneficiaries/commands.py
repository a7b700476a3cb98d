"""What may be asked of this room: frozen inputs, already parsed, not yet judged."""

from dataclasses import field
from datetime import date
from uuid import UUID

from aidtrack.beneficiaries.happenings import LeftWhy
from aidtrack.beneficiaries.household import Sex
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A category with the paper that proves it. Without a paper it is kept and shown as unproven."""

    kind: str
    valid_from: date
    valid_until: date | None = None
    evidence: str | None = None
    proven: bool = False
    evidence_kind: str | None = None  # which paper it is; `evidence` then is its number
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person joining a household.

    `tax_id` is kept only as a keyed hash. `tax_id_confirmed` answers the question about a wrong check
    digit: the paper says so.
    """

    surname: str
    given_name: str
    sex: Sex
    patronymic: str | None = None
    birth_date: date | None = None
    document: str | None = None
    tax_id: str | None = None
    tax_id_confirmed: bool = False
    is_head: bool = False
    categories: tuple[NewCategory, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterHousehold:
    """A family enters the registry. `registered_on` defaults to today at the site.

    `go_on_reason` answers a warning of a possible duplicate.
    """

    command_id: UUID
    site_id: int
    settlement: str
    members: tuple[NewMember, ...]
    katottg: str | None = None
    address: str | None = None
    phone: str | None = None
    proxy_name: str | None = None
    displaced_on: date | None = None
    registered_on: date | None = None
    categories: tuple[NewCategory, ...] = ()
    go_on_reason: str | None = None
    # told by `secret_body` where it is said: what was entered before this field existed keeps its body
    arrived_on: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChangeHousehold:
    """Where the family lives and how it is reached. `version` is the one the person saw.

    `moved_on` says that the family lives there since a day; without it what was written is corrected.
    """

    household_id: int
    version: int
    settlement: str
    katottg: str | None = None
    address: str | None = None
    phone: str | None = None
    displaced_on: date | None = None
    moved_on: date | None = None
    arrived_on: date | None = None


@dataclass(frozen=True, slots=True)
class AddMember:
    """`born`: a child of the family, who belongs to it from the day of birth."""

    command_id: UUID
    household_id: int
    version: int
    member: NewMember
    joined_on: date | None = None
    born: bool = False
    go_on_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeMember:
    """A member's own data. `tax_id` None leaves the stored hash as it is; `forget_tax_id` removes it."""

    household_id: int
    version: int
    person_id: int
    surname: str
    given_name: str
    sex: Sex
    patronymic: str | None = None
    birth_date: date | None = None
    document: str | None = None
    tax_id: str | None = None
    tax_id_confirmed: bool = False
    forget_tax_id: bool = False
    is_head: bool = False
    young_head: bool = False
    go_on_reason: str | None = None


@dataclass(frozen=True, slots=True)
class MemberLeaves:
    """`left_on` is the last day on which the person still counts as a member.

    A head leaves only if `new_head_id` says who follows.
    """

    household_id: int
    version: int
    person_id: int
    left_on: date
    why: LeftWhy = LeftWhy.MOVED
    new_head_id: int | None = None
    young_head: bool = False  # yes, somebody under 18 heads the family


@dataclass(frozen=True, slots=True)
class NameHead:
    household_id: int
    version: int
    person_id: int
    since: date
    young_head: bool = False


@dataclass(frozen=True, slots=True)
class AddCollector:
    """Somebody besides the head may collect from one day to another."""

    command_id: UUID
    household_id: int
    version: int
    name: str
    valid_from: date
    valid_until: date | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class EndCollector:
    household_id: int
    version: int
    collector_id: int
    valid_until: date


@dataclass(frozen=True, slots=True)
class SplitHousehold:
    """Some members found a family of their own. Their categories go with them.

    `keep_papers`: assessments and decisions in force hold for the new family too.
    """

    command_id: UUID
    household_id: int
    version: int
    person_ids: tuple[int, ...]
    head_id: int
    on: date
    settlement: str
    katottg: str | None = None
    address: str | None = None
    phone: str | None = None
    keep_papers: bool = False
    new_head_id: int | None = None  # of those who stay, when their head goes
    young_head: bool = False  # yes, somebody under 18 heads one of the two families


@dataclass(frozen=True, slots=True)
class JoinHouseholds:
    """People of one family come to live with another: some of them, or all, and then theirs is no more."""

    household_id: int  # the family they come to
    version: int
    from_id: int
    from_version: int
    person_ids: tuple[int, ...]
    on: date
    new_head_id: int | None = None  # of those who stay behind, when their head goes
    young_head: bool = False


@dataclass(frozen=True, slots=True)
class AddCategory:
    """`person_id` None: of the whole household."""

    command_id: UUID
    household_id: int
    category: NewCategory
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class EndCategory:
    """The category counts through `valid_until` and no longer."""

    household_id: int
    category_id: int
    valid_until: date
    protected: bool = False


@dataclass(frozen=True, slots=True)
class GrantProtection:
    """Let a caseworker see protected categories for a while."""

    user_id: int
    reason: str
    days: int


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Two rows of one person. `taken` names the columns whose value goes on from the ending registration."""

    ending_id: int
    staying_id: int
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProposeMerge:
    """Two registrations are one family. `household_id` goes on, `ending_id` becomes a name for it.

    Persons of the ending registration that are in no pair come along as members of their own.
    """

    command_id: UUID
    household_id: int
    version: int
    ending_id: int
    ending_version: int
    reason: str
    taken: frozenset[str] = frozenset()  # the family's own columns
    people: tuple[SamePerson, ...] = ()


@dataclass(frozen=True, slots=True)
class SayNotSame:
    one_id: int
    other_id: int
    reason: str
