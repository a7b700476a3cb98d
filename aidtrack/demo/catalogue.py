"""Who gives, under which papers, for which programmes, and which goods: as the centre's report names them."""

from datetime import date
from typing import Any

from aidtrack.db import unit_of_work
from aidtrack.demo.days import OPENED
from aidtrack.demo.stage import LABEL, Goods, Stage, at, command_id
from aidtrack.distribution.rights.commands import AddRule
from aidtrack.distribution.rights.services import add_rule
from aidtrack.inventory import services
from aidtrack.inventory.commands import SaveAgreement, SaveDonor, SaveItem, SavePack, SaveProgramme
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.kernel.units import Pack

DONORS = (
    ("WFP", "Всесвітня продовольча програма ООН", "UN World Food Programme"),
    ("MINRE", "Міністерство з питань реінтеграції тимчасово окупованих територій України",
     "Ministry of Reintegration of Temporarily Occupied Territories of Ukraine"),
    ("CITY", "Дніпровська міська рада", "Dnipro City Council"),
    ("UNFPA", "Фонд ООН у галузі народонаселення", "UN Population Fund"),
    ("NADIIA", "БО «Надія і житло для дітей»", "Hope and Homes for Children, Ukraine"),
    ("LOCAL", "Благодійники міста, без окремої угоди", "Charities of the city, without an agreement"),
    ("AUD", "Асоціація учасницького розвитку громад", "Association of Participatory Community Development"),
    ("GIZ", "Deutsche Gesellschaft für Internationale Zusammenarbeit (GIZ) GmbH",
     "Deutsche Gesellschaft für Internationale Zusammenarbeit (GIZ) GmbH"),
    ("BMZ", "Федеральне міністерство економічного співробітництва та розвитку Німеччини",
     "German Federal Ministry for Economic Cooperation and Development"),
    ("EU", "Європейський Союз", "European Union"),
)  # fmt: skip
# key, donor, number on paper, signed, titles
AGREEMENTS = (
    ("WFP", "WFP", "ВПП-2022/1", date(2022, 8, 15), "Угода про передання продовольства",
     "Agreement on the transfer of food"),
    ("MINRE", "MINRE", "Акт-2022/11", date(2022, 11, 1), "Акт приймання-передавання зимового одягу",
     "Act of transfer of winter clothing"),
    ("CITY", "CITY", "КП-2022-2026", date(2022, 1, 5),
     "Комплексна програма соціального захисту мешканців міста Дніпра на 2022–2026 роки",
     "Comprehensive social protection programme of the city of Dnipro, 2022–2026"),
    ("UNFPA", "UNFPA", "UNFPA-2022/4", date(2022, 4, 1), "Підтримка мобільних бригад",
     "Support of mobile teams"),
    ("NADIIA", "NADIIA", "М-2022/3", date(2022, 3, 1), "Меморандум про співпрацю", "Memorandum of cooperation"),
    ("GIZ", "GIZ", "EU4R-2022/7", date(2022, 6, 1),
     "Програма ЄС «Міцні регіони – спеціальна програма підтримки України»",
     "EU Strong Regions – Special Support Programme Ukraine"),
)  # fmt: skip
PROGRAMMES = (
    ("WFP-FOOD", "Продовольча допомога ВПП ООН", "WFP food assistance", ("WFP",)),
    ("WINTER-KIDS", "Зимовий одяг для дітей ВПО 1–3 років", "Winter clothing for displaced children of 1 to 3",
     ("MINRE",)),
    ("CITY-2226", "Комплексна програма міста: натуральна допомога", "City programme: in-kind assistance",
     ("CITY",)),
    ("CHILD-CARE", "Підгузки та дитяче харчування", "Diapers and infant food", ()),
    ("FAMILY", "Підтримка сімей громади", "Support of families of the community", ("NADIIA", "GIZ")),
)  # fmt: skip

FOSTERING = ["foster_family", "family_type_home", "guardian_family", "patronage_family"]
RULES: dict[str, dict[str, Any]] = {
    "WFP-FOOD": {
        "is": "any",
        "of": [
            {"is": "any_member", "categories": ["idp"]},
            {"is": "household_category", "categories": FOSTERING},
            {
                "is": "all",
                "of": [{"is": "household_category", "categories": ["szho"]}, {"is": "has_assessment"}],
            },
        ],
    },
    "WINTER-KIDS": {
        "is": "all",
        "of": [
            {"is": "any_member", "categories": ["idp"]},
            {"is": "any_member", "age_from": 1, "age_to": 3},
        ],
    },
    "CITY-2226": {
        "is": "any",
        "of": [
            {"is": "any_member", "categories": ["ex_prisoner"], "age_from": 18, "age_to": 35},
            {"is": "household_category", "categories": ["szho"]},
        ],
    },
    "CHILD-CARE": {
        "is": "all",
        "of": [
            {"is": "any_member", "age_to": 2},
            {
                "is": "any",
                "of": [
                    {"is": "any_member", "categories": ["idp", "low_income", "single_parent"]},
                    {"is": "household_category", "categories": ["szho", "large_family"]},
                ],
            },
        ],
    },
    "FAMILY": {
        "is": "all",
        "of": [
            {"is": "has_assessment"},
            {"is": "min_days_since_last_issue", "days": 30},
            {
                "is": "any",
                "of": [
                    {"is": "any_member", "categories": ["idp"]},
                    {"is": "household_category", "categories": ["szho", "large_family", *FOSTERING]},
                ],
            },
        ],
    },
}

ITEMS = (
    SaveItem("RICE", "Рис", "Rice", BaseUnit.G, kcal_per_100g=360),
    SaveItem("FLOUR", "Борошно пшеничне", "Wheat flour", BaseUnit.G, kcal_per_100g=350),
    SaveItem("OIL", "Олія соняшникова", "Sunflower oil", BaseUnit.G, density_g_per_l=920, kcal_per_100g=885),
    SaveItem("WINTER-1-3", "Комплект зимового дитячого одягу, 1–3 роки", "Winter clothing kit for a child of 1 to 3",
             BaseUnit.PIECE),
    SaveItem("FOOD-KIT", "Продуктовий набір", "Food kit", BaseUnit.PIECE),
    SaveItem("HYGIENE-KIT", "Гігієнічний набір", "Hygiene kit", BaseUnit.PIECE),
    SaveItem("DIAPER", "Підгузки дитячі", "Diapers", BaseUnit.PIECE),
    SaveItem("FORMULA", "Суміш молочна для немовлят", "Infant formula", BaseUnit.G, kcal_per_100g=510),
    SaveItem("PUREE", "Пюре дитяче, банка 190 г", "Baby purée, jar of 190 g", BaseUnit.PIECE),
    SaveItem("BLANKET", "Плед", "Blanket", BaseUnit.PIECE),
    SaveItem("DIGNITY-KIT", "Набір «Гідність»", "Dignity kit", BaseUnit.PIECE),
)  # fmt: skip
# item, code, names, base units
PACKS = (
    ("RICE", "BAG25", "мішок 25 кг", "bag of 25 kg", 25_000),
    ("FLOUR", "BAG25", "мішок 25 кг", "bag of 25 kg", 25_000),
    ("OIL", "BOTTLE", "пляшка 1 л", "bottle of 1 l", 920),
    ("OIL", "CARTON", "ящик 15 л", "carton of 15 l", 13_800),
    ("WINTER-1-3", "CARTON", "ящик 25 шт.", "carton of 25", 25),
    ("FOOD-KIT", "CARTON", "ящик 5 шт.", "carton of 5", 5),
    ("HYGIENE-KIT", "CARTON", "ящик 10 шт.", "carton of 10", 10),
    ("DIAPER", "PACK", "упаковка 40 шт.", "pack of 40", 40),
    ("FORMULA", "TIN", "банка 400 г", "tin of 400 g", 400),
    ("PUREE", "CARTON", "ящик 12 банок", "carton of 12 jars", 12),
)


def stock_catalogue(stage: Stage) -> None:
    """Donors, agreements, programmes with their rules, items with their packs."""
    now, actor = at(OPENED, 9, 30), stage.actors[LABEL]
    with unit_of_work() as session:
        for code, name_uk, name_en in DONORS:
            donor = SaveDonor(code, name_uk, name_en)
            stage.donors[code] = services.save_donor(session, donor, actor=actor, now=now)
        for key, donor_code, number, signed_on, title_uk, title_en in AGREEMENTS:
            paper = SaveAgreement(stage.donors[donor_code], number, signed_on, title_uk, title_en)
            stage.agreements[key] = services.save_agreement(session, paper, actor=actor, now=now)
        for code, name_uk, name_en, keys in PROGRAMMES:
            agreement_ids = tuple(stage.agreements[key] for key in keys)
            programme = SaveProgramme(code, name_uk, name_en, agreement_ids)
            stage.programmes[code] = services.save_programme(session, programme, actor=actor, now=now)
        for item in ITEMS:
            item_id = services.save_item(session, item, actor=actor, now=now)
            stage.goods[item.code] = Goods(item_id, item.base_unit, item.density_g_per_l, (), {})
        for item_code, code, name_uk, name_en, units in PACKS:
            known = stage.goods[item_code]
            pack_id = services.save_pack(
                session, SavePack(known.id, code, name_uk, name_en, units), actor=actor, now=now
            )
            stage.goods[item_code] = Goods(
                known.id, known.unit, known.density_g_per_l, (*known.packs, Pack(code, name_uk, units)),
                {**known.pack_ids, code: pack_id},
            )  # fmt: skip
        for code, rule in RULES.items():
            command = AddRule(command_id(f"rule {code}"), stage.programmes[code], OPENED, rule)
            add_rule(session, command, actor=actor, now=now)
