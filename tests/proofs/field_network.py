"""The network in the villages: it loses, repeats, delays, and cuts at any byte."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.proofs.field_parts import Broken, Crash, Phone, Server
from tests.support.field import as_moment, id_of

LAST_TRY = 60  # rounds of syncing until every phone must be empty


@dataclass
class Network:
    """What is on its way between the phones and the server."""

    rng: random.Random
    server: Server
    late_mail: list[tuple[Phone, bytes]] = field(default_factory=list)
    cuts: list[tuple[str, float]] = field(default_factory=list)  # what was cut, and where: 0 … 1

    def sync(self, phone: Phone, now: datetime) -> None:
        if self.late_mail and self.rng.random() < 0.5:
            sender, request = self.late_mail.pop(self.rng.randrange(len(self.late_mail)))
            self.deliver(sender, request, now, answer=False)
        if phone.outbox:
            self.send(phone, now)

    def send(self, phone: Phone, now: datetime) -> None:
        request = phone.request(self.rng)
        luck = self.rng.random()
        if luck < 0.1:
            return  # lost on the way
        if luck < 0.2:
            self.late_mail.append((phone, request))  # held up somewhere, and comes later
            return
        if luck < 0.3:
            request = self.cut("request", request)
        if luck < 0.4:
            self.answer(phone, self.rng.choice([400, 401, 403, 413, 429, 500, 503]), b"<html>no</html>", now)
            return
        if not phone.clock.would_be_believed(now):  # it corrects its offset, and sends it again
            said = {"code": "clock", "server_time": as_moment(now)}
            self.answer(phone, 401, json.dumps(said).encode(), now)
        if luck < 0.5:
            self.deliver(phone, request, now, answer=False)  # the reply is lost, and it is sent again
        self.deliver(phone, request, now, answer=True)

    def deliver(self, phone: Phone, request: bytes, now: datetime, *, answer: bool) -> None:
        try:
            status, reply = self.server.post(phone.writes.device, request, now)
        except Crash:
            return
        if answer:
            if self.rng.random() < 0.2:
                reply = self.cut("reply", reply)
            self.answer(phone, status, reply, now)

    def cut(self, what: str, whole: bytes) -> bytes:
        """At any byte."""
        length = self.rng.randrange(len(whole))
        self.cuts.append((what, length / len(whole)))
        return whole[:length]

    def answer(self, phone: Phone, status: int, reply: bytes, now: datetime) -> None:
        for sent in phone.answered(status, reply, now):
            if not self.server.holds(sent):
                raise Broken(f"event {id_of(sent)} is neither on the phone nor on the server")

    def everybody_comes_home(self, phones: Sequence[Phone], now: datetime) -> None:
        for phone in phones:
            for _ in range(LAST_TRY):
                if phone.outbox:
                    self.send(phone, now)
        self.server.crashing = 0.0
        for sender, request in self.late_mail:
            self.deliver(sender, request, now, answer=False)
        for phone in phones:
            while phone.outbox:
                request = phone.request(self.rng)
                status, reply = self.server.post(phone.writes.device, request, now)
                before = len(phone.outbox)
                self.answer(phone, status, reply, now)
                if len(phone.outbox) == before:
                    raise Broken("a phone cannot get rid of what the server has")
