"""A small centre written straight into the tables: two sites, two donors, families with vouchers.

Services of other rooms are left out on purpose: what a statement says is compared with rows whose every
figure the test chose itself.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

import aidtrack.tables  # noqa: F401
from aidtrack.db import Base
from aidtrack.inventory.kinds import UNHELD_PLACE_IDS, VIRTUAL_PLACE_IDS, PlaceKind
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role, system_actor

NOW = datetime(2022, 12, 20, 10, 0, tzinfo=UTC)
TODAY = date(2022, 12, 20)
SUPPLIER, IN_TRANSIT, HANDED_OUT, LOSS, SUSPENSE, AWAY = (
    VIRTUAL_PLACE_IDS[kind]
    for kind in (
        PlaceKind.SUPPLIER,
        PlaceKind.IN_TRANSIT,
        PlaceKind.HANDED_OUT,
        PlaceKind.LOSS,
        PlaceKind.SUSPENSE,
        PlaceKind.TRANSFERRED_AWAY,
    )
)
STORE, POINT, OTHER_STORE = 11, 12, 21  # the first two belong to site 1, the third to site 2
WFP, CITY = 1, 2
RICE, OIL, KIT = 1, 2, 3


def reviewer(*sites: int) -> Actor:
    return Actor(
        "r.reviewer", Role.REVIEWER, frozenset(sites or (1, 2)), permissions=PERMISSIONS[Role.REVIEWER]
    )


def liaison(*donors: int, sites: tuple[int, ...] = (1, 2)) -> Actor:
    return Actor(
        "l.liaison",
        Role.DONOR_LIAISON,
        frozenset(sites),
        donor_ids=frozenset(donors),
        permissions=PERMISSIONS[Role.DONOR_LIAISON],
    )


OPERATOR = system_actor("test")


@dataclass
class Entry:
    """What the test remembers of a ledger entry."""

    id: int
    kind: str
    on: date
    site_id: int
    moves: list[tuple[int, int, int, int]]  # lot, source, target, units
    cause: str | None = None
    reverses: "Entry | None" = None
    household: int | None = None
    place: int | None = None
    reversed: bool = False


@dataclass
class Books:
    """Remembers rows, and writes them when somebody reads: all of a table at once, which costs a tenth."""

    _session: Session
    households: int = 12
    _unwritten: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    lots: dict[int, tuple[int, int | None, int]] = field(default_factory=dict)  # donor, agreement, item
    members: dict[int, list[int]] = field(default_factory=dict)
    served: int = 0

    @property
    def session(self) -> Session:
        """The session, in which everything stands that was entered so far."""
        self.write()
        return self._session

    def write(self) -> None:
        for table in Base.metadata.sorted_tables:
            if rows := self._unwritten.pop(table.name, None):
                self._session.execute(insert(table), rows)

    def put(self, table: str, *rows: dict[str, Any]) -> None:
        self._unwritten.setdefault(table, []).extend(rows)

    def found(self) -> "Books":
        """Everything that must exist before goods can move."""
        names = {"name_uk": "Назва", "name_en": "Name"}
        self.put(
            "site",
            {"id": 1, "code": "DN", "name_uk": "Дніпровський центр", "name_en": "Dnipro centre"},
            {"id": 2, "code": "KR", "name_uk": "Філія", "name_en": "Branch"},
        )
        self.put(
            "donor",
            {"id": WFP, "code": "WFP", "name_uk": "ВПП ООН", "name_en": "WFP"},
            {"id": CITY, "code": "CITY", "name_uk": "Місто", "name_en": "City"},
        )
        self.put(
            "agreement",
            *(
                {
                    "id": number,
                    "donor_id": donor,
                    "number": code,
                    "signed_on": date(2022, 1, 10),
                    "title_uk": "Угода",
                    "title_en": "Agreement",
                }
                for number, donor, code in ((1, WFP, "WFP-22-1"), (2, WFP, "WFP-22-2"), (3, CITY, "C-1"))
            ),
        )
        self.put(
            "item",
            {"id": RICE, "code": "rice", "name_uk": "Рис", "name_en": "Rice", "base_unit": "g"},
            {"id": OIL, "code": "oil", "name_uk": "Олія", "name_en": "Oil", "base_unit": "g"},
            {"id": KIT, "code": "kit", "name_uk": "Набір", "name_en": "Kit", "base_unit": "piece"},
        )
        self.put(
            "place",
            {"id": STORE, "code": "DN-W", "kind": "warehouse", "site_id": 1, "name_uk": "Склад", "name_en": "Store"},
            {"id": POINT, "code": "DN-P", "kind": "point", "site_id": 1, "name_uk": "Пункт", "name_en": "Point"},
            {"id": OTHER_STORE, "code": "KR-W", "kind": "warehouse", "site_id": 2, "name_uk": "Склад 2",
             "name_en": "Store 2"},
        )  # fmt: skip
        self.put("programme", {"id": 1, "code": "FOOD", **names})
        at = {"created_at": NOW, "created_by": "t"}
        self.put(
            "programme_rule",
            {"id": 1, "programme_id": 1, "version": 1, "valid_from": date(2022, 1, 1), "rule": {}, **at},
        )
        self.put(
            "signing_key",
            {"id": 1, "public_key": b"k", "private_key": b"k", "created_at": NOW},
        )
        for donor in (WFP, CITY):
            self.put(
            "donation",
                {"id": donor, "number": f"D-{donor}", "state": "received", "site_id": 1, "place_id": STORE,
                 "donor_id": donor, "arrived_on": date(2022, 1, 11), "recorded_at": NOW, "recorded_by": "t"},
            )  # fmt: skip
        self._people()
        return self

    def _people(self) -> None:
        person = 0
        for household in range(1, self.households + 1):
            self.put(
            "household",
                {"id": household, "registration_no": f"DN-22-{household:06}", "site_id": 1, "settlement": "Дніпро",
                 "registered_on": date(2022, 1, 1), "changed_at": NOW, "changed_by": "t"},
            )  # fmt: skip
            size = 1 + household % 4
            self.members[household] = list(range(person + 1, person + size + 1))
            self.put(
            "person",
                *(
                    {"id": number, "household_id": household, "surname": "Тест", "given_name": "Тест", "sex": "female",
                     "joined_on": date(2022, 1, 1)}
                    for number in self.members[household]
                ),
            )  # fmt: skip
            person += size
            self.put(
            "eligibility",
                {"id": household, "household_id": household, "programme_id": 1, "status": "eligible", "rule_id": 1,
                 "facts": "{}", "ground": "application", "valid_from": date(2022, 1, 1), "marked_at": NOW},
            )  # fmt: skip

    def lot(self, donor: int, item: int, agreement: int | None = None) -> int:
        lot = len(self.lots) + 1
        self.put(
            "stock_lot",
            {"id": lot, "code": f"L-{lot:04}", "item_id": item, "donation_id": donor, "donor_id": donor,
             "agreement_id": agreement, "received_on": date(2022, 1, 11)},
        )  # fmt: skip
        self.lots[lot] = (donor, agreement, item)
        return lot

    def entry(
        self,
        kind: str,
        on: date,
        *moves: tuple[int, int, int, int],
        site: int = 1,
        cause: str | None = None,
        reverses: Entry | None = None,
        household: int | None = None,
        place: int | None = None,
    ) -> Entry:
        made = Entry(len(self.entries) + 1, kind, on, site, list(moves), cause, reverses, household, place)
        self.entries.append(made)
        self.put(
            "stock_entry",
            {"id": made.id, "kind": kind, "document": f"N-{made.id}", "effective_on": on, "recorded_at": NOW,
             "actor_label": "t", "site_id": site, "reverses_id": reverses and reverses.id,
             "reason": "тест" if reverses else None, "cause": cause},
        )  # fmt: skip
        self.put(
            "stock_move",
            *(
                {"entry_id": made.id, "lot_id": lot, "source_id": source, "target_id": target, "units": units}
                for lot, source, target, units in moves
            ),
        )
        if household is not None and place is not None:
            self._handout(made, household, place)
        return made

    def _handout(self, entry: Entry, household: int, place: int) -> None:
        self.served += 1
        number = self.served
        day = entry.on
        row = {
            "id": number, "client_id": f"client-{number}", "body_hash": bytes(32), "kind": "regular",
            "entitlement_id": number, "turn": 1, "voucher_id": number, "round_id": number,
            "household_id": household, "place_id": place, "site_id": entry.site_id, "entry_id": entry.id,
            "collector": "head", "given_on": day, "at": NOW, "actor_label": "t",
        }  # fmt: skip
        at = {"created_at": NOW, "created_by": "t"}
        self.put("cycle", {"id": number, "programme_id": 1, "code": f"C{number}", "name_uk": "Ц",
                                    "name_en": "C", "starts_on": day, "ends_on": day})  # fmt: skip
        self.put("round", {"id": number, "cycle_id": number, "place_id": place, "code": f"R{number}",
                                    "token_id": number, "first_day": day, "last_day": day, **at})  # fmt: skip
        self.put("profile", {"id": number, "round_id": number, "number": 1})
        self.put("entitlement", {"id": number, "cycle_id": number, "round_id": number,
                                          "household_id": household, "profile_id": number,
                                          "eligibility_id": household, "persons": len(self.members[household])})  # fmt: skip
        self.put("entitlement_person", *({"entitlement_id": number, "person_id": person}
                                                  for person in self.members[household]))  # fmt: skip
        self.put("voucher", {"id": number, "entitlement_id": number, "round_id": number,
                                      "public_id": number.to_bytes(16, "big"), "typed_code": f"T{number:09}",
                                      "serial": f"S-{number}", "status_index": number, "key_id": 1, "first_day": day,
                                      "last_day": day, "signature": bytes(64), "state": "redeemed",
                                      "issued_at": NOW})  # fmt: skip
        self.put("handout", row)
        given: dict[int, int] = defaultdict(int)
        for lot, _source, _target, units in entry.moves:
            given[self.lots[lot][2]] += units
        self.put("handout_line", *({"handout_id": number, "item_id": item, "due_units": units, "units": units}
                                            for item, units in given.items()))  # fmt: skip

    def reverse(self, entry: Entry, on: date) -> Entry:
        entry.reversed = True
        return self.entry(
            entry.kind,
            on,
            *((lot, target, source, units) for lot, source, target, units in entry.moves),
            site=entry.site_id,
            reverses=entry,
        )

    def balances(self) -> dict[tuple[int, int], int]:
        """By lot and held place, added up from what the test remembers."""
        held: dict[tuple[int, int], int] = defaultdict(int)
        for entry in self.entries:
            for lot, source, target, units in entry.moves:
                held[lot, source] -= units
                held[lot, target] += units
        return {key: units for key, units in held.items() if key[1] not in UNHELD_PLACE_IDS}

    def keep_balances(self) -> None:
        """Write the stock's own balances; once, at the end."""
        rows: list[dict[str, Any]] = [
            {"lot_id": lot, "place_id": place, "units": units}
            for (lot, place), units in self.balances().items()
            if units
        ]
        self.put("stock_balance", *rows)
        self.write()
