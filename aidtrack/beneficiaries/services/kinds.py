"""The categories a Ukrainian centre knows (FIELD §2 and §10)."""

from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import CategoryKind
from aidtrack.beneficiaries.proofs.seed import seed_papers


class _Kind(NamedTuple):
    code: str
    name_uk: str
    name_en: str
    of_household: bool = False
    protected: bool = False


# Disability stands among the ordinary ones: it is a status proven by a certificate, programmes name it, and
# donors ask for its figure. Illness, violence, prison and a newborn at risk have a drawer of their own.
KINDS = (
    _Kind(
        "szho", "Сім’я у складних життєвих обставинах (СЖО)", "Family in difficult life circumstances", True
    ),
    _Kind("idp", "Внутрішньо переміщена особа (ВПО)", "Internally displaced person (IDP)"),
    _Kind(
        "conflict_affected", "Особа, постраждала від збройного конфлікту", "Person affected by armed conflict"
    ),
    _Kind("foster_family", "Прийомна сім’я", "Foster family", True),
    _Kind("family_type_home", "Дитячий будинок сімейного типу", "Family-type children's home", True),
    _Kind("guardian_family", "Сім’я опікуна або піклувальника", "Guardian's or trustee's family", True),
    _Kind("patronage_family", "Патронатна сім’я", "Emergency foster (patronage) family", True),
    _Kind(
        "orphan_or_deprived_child",
        "Дитина-сирота або дитина, позбавлена батьківського піклування",
        "Orphan or child deprived of parental care",
    ),
    _Kind(
        "birth_grant", "Сім’я, яка отримує допомогу при народженні дитини", "Family with a birth grant", True
    ),
    _Kind("large_family", "Багатодітна сім’я", "Large family (three or more children)", True),
    _Kind(
        "young_orphan",
        "Особа з числа дітей-сиріт і дітей, позбавлених батьківського піклування",
        "Young person from among orphans",
    ),
    _Kind("low_income", "Малозабезпечена особа", "Low-income person"),
    _Kind("single_parent", "Одинока мати / одинокий батько", "Single mother or father"),
    _Kind("disability", "Особа з інвалідністю", "Person with disability"),
    _Kind(
        "family_with_disabled_child",
        "Сім’я, яка виховує дитину з інвалідністю",
        "Family of a child with disability",
        True,
    ),
    _Kind("older_person", "Особа похилого віку", "Older person (60+)"),
    _Kind("homeless", "Бездомна особа", "Homeless person"),
    _Kind(
        "veteran_family",
        "Сім’я ветерана, загиблого, зниклого безвісти або полоненого захисника",
        "Family of a veteran, fallen, missing or captured defender",
        True,
    ),
    _Kind("veteran", "Ветеран війни, учасник бойових дій", "Veteran, combatant"),
    _Kind(
        "war_affected_child",
        "Дитина, яка постраждала внаслідок воєнних дій",
        "Child injured by hostilities (status)",
    ),
    _Kind("child_at_risk", "Дитина групи ризику", "Child at risk"),
    _Kind(
        "local_category",
        "Пільгова категорія громади (чорнобильці, воїни-інтернаціоналісти, сім’ї загиблих шахтарів)",
        "Locally defined privileged group",
    ),
    _Kind(
        "gbv_survivor",
        "Особа, яка постраждала від домашнього або гендерно зумовленого насильства",
        "Survivor of domestic or gender-based violence",
        False,
        True,
    ),
    _Kind("ex_prisoner", "Особа, яка відбула покарання", "Former prisoner", False, True),
    _Kind(
        "maternal_risk",
        "Вагітна жінка або мати, яка мала намір відмовитися від новонародженої дитини",
        "Mother at risk of relinquishing a newborn",
        False,
        True,
    ),
    _Kind(
        "conflict_with_law",
        "Особа, яка вступила у конфлікт із законом",
        "Person in conflict with the law",
        False,
        True,
    ),
    _Kind("serious_illness", "Особа з тяжким захворюванням", "Seriously ill person", False, True),
)


def seed_category_kinds(session: Session) -> int:
    """Add the kinds that are missing, and the papers that prove them; what a centre renamed stays. Gives how many were added."""
    known = set(session.scalars(select(CategoryKind.code)))
    missing = [kind._asdict() for kind in KINDS if kind.code not in known]
    if missing:
        session.execute(insert(CategoryKind), missing)
    seed_papers(session)
    return len(missing)
