"""Fifty thousand spoilt and foreign codes: none is accepted unsigned, and a phone says what the server says.

The texts are made here from a seed, judged by Python, and judged by the phone's own modules under node.
"""

import base64
import json
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from aidtrack.distribution import signing
from aidtrack.distribution.errors import VoidVoucher
from aidtrack.distribution.handouts import presented
from aidtrack.distribution.phones.encoding import b64
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import new_code, spaced_code

SEED = 20_261_122
TEXTS = 50_000
TAG, OTHER_TAG = 169_672_705, 3_735_928_559
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
US, UK = "QWERTYUIOPASDFGHJKLZXCVBNM:S", "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬЖЫ"
SPACES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2069\ufeff\u00ad\x00\x08\x7f"
VERDICTS = Path(__file__).parents[1] / "js" / "support" / "verdicts.mjs"


def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(10**40 + number, ec.SECP256R1())


LIVE, WITHDRAWN, RETIRED, FOREIGN = (_key(number) for number in range(4))
KEYS = {1: LIVE.public_key(), 2: WITHDRAWN.public_key()}  # the retired key 3 is no longer on the list


@dataclass
class Maker:
    """Texts from one random source: what a camera, a scanner, a hand and a forger may bring."""

    random: Random

    def __post_init__(self) -> None:
        self.genuine = [self.code(1, LIVE) for _ in range(400)]
        self.raws = [base64.b32decode(code[5:]) for code in self.genuine]
        often: list[Callable[[], str]] = [
            self.bits, self.characters, self.swapped, self.truncated, self.longer, self.twice, self.spaced,
            self.keyboard, self.invisible, self.link, self.markup, self.second_form, self.grafted, self.lookalikes,
            self.short, self.short_noise, self.letters,
        ]  # fmt: skip
        slow = [self.other_centre, self.other_key, self.retired, self.withdrawn, self.long_text, self.noise]
        self.kinds = [*often * 4, self.bits, self.bits, *slow]

    def texts(self, count: int) -> list[str]:
        return [self.kinds[number % len(self.kinds)]() for number in range(count)]

    def claims(self, key_id: int, tag: int = TAG) -> signing.VoucherClaims:
        r = self.random
        return signing.VoucherClaims(
            key_id, tag, r.getrandbits(32), UUID(int=r.getrandbits(128)), r.getrandbits(18), r.randrange(4),
            date(2026, 11, 20), date(2026, 11, 27),
        )  # fmt: skip

    def code(self, key_id: int, key: ec.EllipticCurvePrivateKey, tag: int = TAG) -> str:
        return signing.encode(self.claims(key_id, tag), key)

    def one(self) -> str:
        return self.random.choice(self.genuine)

    def raw(self) -> bytearray:
        return bytearray(self.random.choice(self.raws))

    @staticmethod
    def written(raw: bytes | bytearray) -> str:
        return signing.PREFIX + base64.b32encode(raw).decode("ascii")

    def bits(self) -> str:
        raw = self.raw()
        for _ in range(self.random.choice((1, 1, 1, 2, 5, 40))):
            bit = self.random.randrange(800)
            raw[bit >> 3] ^= 1 << (bit & 7)
        return self.written(raw)

    def characters(self) -> str:
        code = list(self.one())
        for _ in range(self.random.choice((1, 1, 2, 4))):
            code[self.random.randrange(len(code))] = self.random.choice(BASE32 + "0189:-=ІЖйґé\u202e")
        return "".join(code)

    def swapped(self) -> str:
        code = list(self.one())
        a, b = self.random.sample(range(len(code)), 2)
        code[a], code[b] = code[b], code[a]
        return "".join(code)

    def truncated(self) -> str:
        code = self.one()
        cut = self.random.randrange(len(code))
        return self.random.choice((code[:cut], code[cut:], code[:cut] + code[cut + 1 :]))

    def longer(self) -> str:
        return self.one() + "".join(self.random.choices(BASE32 + "= ", k=self.random.choice((1, 3, 8, 600))))

    def twice(self) -> str:
        return self.one() + self.random.choice(("", "\n", "\r\n", " ")) + self.one()

    def spaced(self) -> str:
        code = list(self.one())
        for _ in range(self.random.randrange(1, 9)):
            code.insert(self.random.randrange(len(code) + 1), self.random.choice(SPACES))
        return "".join(code)

    def keyboard(self) -> str:
        code = self.one()
        ukrainian = code.translate(str.maketrans(US[:27], UK[:27]))
        return self.random.choice(
            (ukrainian, ukrainian.lower(), code.lower(), code.swapcase(), code[:9] + ukrainian[9:])
        )

    def invisible(self) -> str:
        code = list(self.one())
        for _ in range(self.random.randrange(1, 4)):
            code.insert(self.random.randrange(len(code) + 1), self.random.choice(INVISIBLE))
        return "".join(code)

    def long_text(self) -> str:
        letters = self.random.choice((BASE32, "абвгґдеєж ", "💧 x", "AID1:", "\u0301a"))
        text = "".join(self.random.choices(letters, k=3_000))
        return self.random.choice((text, self.one() + text, text + self.one(), " " * 700 + self.one()))

    def link(self) -> str:
        host = self.random.choice(
            ("https://example.org/", "http://127.0.0.1/", "WIFI:S:aid;P:", "tel:+380", "AID1://")
        )
        return host + self.random.choice(("", self.one(), "?v=" + self.one()[5:], "%00%ff"))

    def markup(self) -> str:
        mark = self.random.choice(
            ("<script>{}</script>", "<b>{}", '" onload="{}', "{{{{{}}}}}", "'; --{}", "${{{}}}", "]]>{}")
        )
        return mark.format(self.random.choice((self.one(), "1", "")))

    def noise(self) -> str:
        length = self.random.choice((0, 1, 3, 5, 36, 37, 165, 660, 661, 1_500))
        highest = self.random.choice((0x7F, 0x4FF, 0xFFFF, 0x10FFFF))
        return "".join(self.character(highest) for _ in range(length))

    def character(self, highest: int) -> str:
        """One that is a character in every version of Unicode since this Python's."""
        while unicodedata.category(found := chr(self.random.randrange(highest + 1))) == "Cn":
            pass
        return found

    def other_centre(self) -> str:
        return self.code(1, FOREIGN, OTHER_TAG)

    def other_key(self) -> str:
        return self.code(self.random.choice((1, 2, 3, 4, 65_535)), FOREIGN)

    def retired(self) -> str:
        return self.code(3, RETIRED)

    def withdrawn(self) -> str:
        return self.code(2, WITHDRAWN)

    def second_form(self) -> str:
        raw = self.raw()
        s = int.from_bytes(raw[68:], "big")
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        raw[68:] = self.random.choice(
            (order - s, 0, 1, order, order - 1, order // 2, order // 2 + 1, 2**256 - 1)
        ).to_bytes(32, "big")
        return self.written(raw)

    def grafted(self) -> str:
        return self.written(self.raw()[:36] + self.raw()[36:])

    def lookalikes(self) -> str:
        return self.one().translate(
            str.maketrans(
                "AEIOCPTXHKMB5", "АЕІОСРТХНКМВ５" if self.random.random() < 0.5 else "ＡＥΙΟСРТХНКМВS"
            )
        )

    def short(self) -> str:
        code = new_code(choose=self.random.choice)
        return self.random.choice((
            code, spaced_code(code), code.lower(), code.translate(str.maketrans("ABCEHKMTXY1038", "АВСЕНКМТХУІОЗ8")),
            code.translate(str.maketrans(US[:27], UK[:27])), f" {code} ", code.replace("-", "–"),
        ))  # fmt: skip

    def short_noise(self) -> str:
        code = list(spaced_code(new_code(choose=self.random.choice)))
        for _ in range(self.random.randrange(1, 4)):
            code[self.random.randrange(len(code))] = self.random.choice("0OIL1UАЖжйі-–_.: \u202e💧ßŉ")
        return "".join(code)

    def letters(self) -> str:
        """Anything a person may type: words, numbers, letters of other scripts."""
        pieces = (
            "привіт",
            "UUU",
            "Ёлка",
            "12345",
            "ǅ",
            "ŉß",
            "ıİ",
            "...",
            "—",
            "漢字",
            "٣٤٥",
            "½",
            "ꙮ",
            "\u0301",
        )
        return self.random.choice(("", " ", "-")).join(
            self.random.choices(pieces, k=self.random.randrange(1, 9))
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What the server says of a text before it looks for a row, and the code that it read in it."""

    said: str
    code: signing.DecodedCode | None = None


def judged(text: str) -> Judged:
    code = None
    try:
        typed = presented._typed_code(text)
        if typed is not None:
            return Judged(f"typed:{typed}")
        code = signing.DecodedCode.of(text)
        claims = code.verify(KEYS, TAG)
        if claims.key_id == 2:
            raise VoidVoucher
        return Judged(f"good:{Maker.written(code.body + code.signature)}", code)
    except DomainError as refusal:
        return Judged(refusal.code, code)


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(Random(SEED))


@pytest.fixture(scope="module")
def texts(maker: Maker) -> list[str]:
    return maker.texts(TEXTS)


@pytest.fixture(scope="module")
def judgements(texts: list[str]) -> list[Judged]:
    return [judged(text) for text in texts]


@pytest.fixture(scope="module")
def servers(judgements: list[Judged]) -> list[str]:
    return [one.said for one in judgements]


def test_nothing_unsigned_is_accepted(maker: Maker, servers: list[str]) -> None:
    """What is accepted is one of the genuine codes, to the letter, however it was typed."""
    genuine = {f"good:{code}" for code in maker.genuine}
    accepted = [said for said in servers if said.startswith("good:")]
    assert accepted
    assert set(accepted) <= genuine


def test_every_refusal_occurs(servers: list[str]) -> None:
    kinds = Counter(said.partition(":")[0] for said in servers)
    assert set(kinds) == {
        "good", "typed", "not_a_voucher", "damaged_voucher", "foreign_voucher", "unknown_key", "bad_signature",
        "void_voucher", "not_a_code", "bad_check_character",
    }  # fmt: skip
    assert min(kinds.values()) > 200, kinds


def test_a_phone_says_what_the_server_says(texts: list[str], servers: list[str], tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "the phone's modules need node to be tried"
    keys = [
        {"id": number, "key": b64(signing.public_key_to_bytes(key)), "withdrawn": number == 2}
        for number, key in KEYS.items()
    ]
    given, answered = tmp_path / "texts.json", tmp_path / "verdicts.json"
    given.write_text(json.dumps({"deployment": TAG, "keys": keys, "texts": texts}), encoding="ascii")
    subprocess.run([node, str(VERDICTS), str(given), str(answered)], check=True, timeout=1200)
    phones = json.loads(answered.read_text(encoding="utf-8"))
    assert len(phones) == len(texts)
    differing = [
        (text, server, phone)
        for text, server, phone in zip(texts, servers, phones, strict=True)
        if server != phone
    ]
    assert differing == []


def test_the_texts_reach_the_signature(maker: Maker, judgements: list[Judged]) -> None:
    """Whoever read the claims and forgot the signature would accept thousands of these."""
    genuine = set(maker.raws)
    read = [one.code for one in judgements if one.code is not None]
    ours = [one for one in read if one.claims.deployment_tag == TAG and one.claims.key_id in KEYS]
    assert sum(one.body + one.signature not in genuine for one in ours) > 10_000
