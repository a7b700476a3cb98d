"""Words of a register: sex, head of the family, a name in one cell. Plain rules, nothing guessed."""

from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.imports.errors import NameNotInParts, SexUnknown
from aidtrack.importing.cells import read_yes_no
from aidtrack.importing.errors import NotYesOrNo
from aidtrack.importing.layouts import Context
from aidtrack.kernel.likeness import folded

_FEMALE = frozenset(
    [
        "ж",
        "жін",
        "жіноча",
        "жінка",
        "жіночий",
        "дівчинка",
        "дочка",
        "мати",
        "f",
        "female",
        "w",
        "woman",
        "girl",
        "жен",
        "женский",
    ]
)
_MALE = frozenset(
    [
        "ч",
        "чол",
        "чоловіча",
        "чоловік",
        "чоловічий",
        "хлопчик",
        "син",
        "батько",
        "m",
        "male",
        "man",
        "boy",
        "м",
        "муж",
        "мужской",
    ]
)
_HEADS = frozenset(
    folded(word)
    for word in (
        "голова", "голова сім'ї", "голова домогосподарства", "заявник", "заявниця", "отримувач", "отримувачка",
        "head", "head of household", "head of family", "hoh", "applicant",
    )
)  # fmt: skip
# endings of patronymics leave no doubt about the sex; they are used only where the person asks for it
_DAUGHTER, _SON = ("івна", "ївна", "овна", "евна", "ічна", "инічна"), ("ович", "йович", "евич", "ич", "іч")


def read_sex(text: str, _context: Context) -> Sex:
    word = folded(text)
    if word in _FEMALE:
        return Sex.FEMALE
    if word in _MALE:
        return Sex.MALE
    raise SexUnknown


def sex_of_patronymic(patronymic: str | None) -> Sex | None:
    word = folded(patronymic or "")
    if word.endswith(_DAUGHTER):
        return Sex.FEMALE
    return Sex.MALE if word.endswith(_SON) else None


def read_head(text: str, _context: Context) -> bool:
    """Yes, or a word for the head of a family; any other kinship is a no."""
    if folded(text) in _HEADS:
        return True
    try:
        return read_yes_no(text)
    except NotYesOrNo:
        return False


def read_full_name(text: str, _context: Context) -> tuple[str, str, str | None]:
    """Surname, given name, patronymic, in the order Ukrainian papers have them."""
    words = text.replace(",", " ").split()
    if len(words) == 3:
        return words[0], words[1], words[2]
    if len(words) == 2:
        return words[0], words[1], None
    raise NameNotInParts
