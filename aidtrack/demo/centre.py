"""The centre itself: its sites, its people, its places."""

from dataclasses import replace
from datetime import datetime

from aidtrack.accounts import passwords, services
from aidtrack.accounts.commands import AddPerson, AddSite, SetUpCentre
from aidtrack.beneficiaries.commands import GrantProtection
from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.beneficiaries.services.protection import extra_permissions, grant_protection
from aidtrack.db import read_session, unit_of_work
from aidtrack.demo.days import OPENED
from aidtrack.demo.stage import LABEL, SignIn, Stage, at, command_id
from aidtrack.inventory.commands import SavePlace
from aidtrack.inventory.kinds import PlaceKind
from aidtrack.inventory.services import save_place
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role, system_actor

DNIPRO = "UA12020010010037010"

SITES = (
    AddSite(
        "DN",
        "Дніпровський міський центр соціальних служб",
        "Dnipro City Centre of Social Services",
        katottg=DNIPRO,
    ),
    AddSite("NK", "Відділ у Новокодацькому районі", "Novokodatskyi district office", katottg=DNIPRO),
)
WAREHOUSE, NK_POINT = "DN-W", "NK-P1"
POINTS = ("DN-P1", "DN-P2", "DN-P3")
PLACES = (
    (WAREHOUSE, PlaceKind.WAREHOUSE, "DN", "Склад Центру", "Centre's warehouse", "вул. Складська (умовна), 1"),
    ("DN-P1", PlaceKind.POINT, "DN", "Пункт видачі, Соборний район", "Distribution point, Sobornyi district",
     "вул. Умовна, 10"),
    ("DN-P2", PlaceKind.POINT, "DN", "Пункт видачі, Індустріальний район",
     "Distribution point, Industrialnyi district", "вул. Умовна, 20"),
    ("DN-P3", PlaceKind.POINT, "DN", "Пункт видачі, Чечелівський район",
     "Distribution point, Chechelivskyi district", "вул. Умовна, 30"),
    (NK_POINT, PlaceKind.POINT, "NK", "Пункт видачі, Новокодацький район",
     "Distribution point, Novokodatskyi district", "вул. Умовна, 40"),
)  # fmt: skip
# the first of each role is the one a newcomer is told about
PEOPLE = (
    ("caseworker", "Ірина Демченко", Role.CASEWORKER, ("DN",)),
    ("warehouse", "Олег Бондаренко", Role.WAREHOUSE, ("DN",)),
    ("liaison", "Софія Яременко", Role.DONOR_LIAISON, ("DN", "NK")),
    ("reviewer", "Павло Гриценко", Role.REVIEWER, ("DN", "NK")),
    ("admin", "Тетяна Корнієнко", Role.ADMINISTRATOR, ("DN", "NK")),
    ("caseworker2", "Наталія Федорчук", Role.CASEWORKER, ("DN",)),
    ("warehouse2", "Максим Руденко", Role.WAREHOUSE, ("DN",)),
    ("admin2", "Юрій Савченко", Role.ADMINISTRATOR, ("DN", "NK")),
    ("nk-caseworker", "Оксана Левченко", Role.CASEWORKER, ("NK",)),
    ("nk-warehouse", "Андрій Поліщук", Role.WAREHOUSE, ("NK",)),
)
LIAISON_SERVES = ("WFP", "NADIIA", "AUD")


def open_centre(stage: Stage) -> None:
    """Set up the centre with its sites, places and kinds of categories."""
    now = at(OPENED, 9)
    operator = system_actor(LABEL)
    with unit_of_work() as session:
        services.set_up_centre(
            session,
            SetUpCentre(
                "Дніпровський міський центр соціальних служб", "Dnipro City Centre of Social Services"
            ),
            actor=operator,
            now=now,
        )
        for site in SITES:
            stage.sites[site.code] = services.add_site(session, site, actor=operator, now=now).id
        operator = system_actor(LABEL, site_ids=frozenset(stage.sites.values()))
        for code, kind, site_code, name_uk, name_en, address in PLACES:
            place = SavePlace(code, kind, stage.sites[site_code], name_uk, name_en, address, DNIPRO)
            stage.places[code] = save_place(session, place, actor=operator, now=now)
        seed_category_kinds(session)
    stage.actors[LABEL] = operator


def invite_people(stage: Stage) -> None:
    """Everybody who signs in. Passwords are made now, and nobody is asked to change them."""
    now = at(OPENED, 10)
    made = [passwords.new_password() for _ in PEOPLE]
    with unit_of_work() as session:
        for (login, display_name, role, site_codes), password in zip(PEOPLE, made, strict=True):
            site_ids = frozenset(stage.sites[code] for code in site_codes)
            donors = LIAISON_SERVES if role is Role.DONOR_LIAISON else ()
            donor_ids = frozenset(stage.donors[code] for code in donors)
            person = services.create_user(
                session,
                AddPerson(
                    login, display_name, role, site_ids, donor_ids, must_change_password=False,
                    command_id=str(command_id(f"person {login}")),
                ),
                password=password,
                actor=stage.actors[LABEL],
                now=now,
            )  # fmt: skip
            assert person.password is not None
            stage.sign_ins.append(SignIn(login, display_name, role.value, site_codes, person.password))
            stage.actors[login] = Actor(
                label=login,
                role=role,
                site_ids=site_ids,
                user_id=person.user_id,
                donor_ids=donor_ids if role is Role.DONOR_LIAISON else None,
                permissions=PERMISSIONS[role],
            )


def grant(stage: Stage, login: str, days: int, now: datetime) -> None:
    """The administrator lets a caseworker see protected categories for some days."""
    user_id = stage.actors[login].user_id
    assert user_id is not None
    command = GrantProtection(user_id, "Веде справи мобільної бригади та пробації", days)
    with unit_of_work() as session:
        grant_protection(session, command, actor=stage.actors["admin"], now=now)


def acting(stage: Stage, login: str, now: datetime) -> Actor:
    """The person with what a live grant adds, as a request of theirs would be judged."""
    actor = stage.actors[login]
    if actor.user_id is None:
        return actor
    extra = extra_permissions(read_session(), actor.user_id, now)
    return replace(actor, permissions=actor.permissions | extra)
