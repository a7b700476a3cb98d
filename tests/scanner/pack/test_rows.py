"""Rows that open with the paper alone, and the vectors every client tests against."""

import json

from hypothesis import given
from hypothesis import strategies as st

from aidtrack.distribution.phones import signatures, supervisors
from aidtrack.distribution.phones.encoding import from_b64
from aidtrack.distribution.signing import decode
from aidtrack.scanner.devices import files
from aidtrack.scanner.pack import rows
from aidtrack.scanner.pack.layout import is_set, take_apart
from tests.scanner.pack import vectors

SAID = json.loads(vectors.FILE.read_text(encoding="utf-8"))
letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def test_the_vectors_are_what_this_program_makes() -> None:
    made, kept = vectors.make(), json.loads(json.dumps(SAID))
    # compression may differ by a library's version: the file is read back below instead
    del made["file"]["file"], kept["file"]["file"]
    assert made == kept
    assert files.read(from_b64(SAID["file"]["file"]), vectors.FILES) == SAID["file"]["content"]


def test_a_small_pack_opens_with_its_vouchers_and_its_typed_codes() -> None:
    head, blobs = take_apart(from_b64(SAID["pack_small"]))
    assert {name: head[name] for name in SAID["head"]} == SAID["head"]
    for voucher in SAID["vouchers"]:
        claims, _, _ = decode(voucher["code"])
        secret = rows.voucher_secret(claims.voucher_id.bytes, head["round"]["tag"])
        row = rows.find(blobs["rows"], secret.name, size=rows.ROW)
        assert row is not None
        content = rows.unseal(secret, row)
        assert content is not None and json.loads(content) == voucher["row"] and len(content) == rows.PADDED
        typed = head["typed"]
        by_hand = rows.typed_secret(voucher["typed_code"], from_b64(typed["salt"]), typed["iterations"])
        found = rows.find(blobs["typed"], by_hand.name, size=rows.TYPED_ROW)
        assert found is not None and rows.unseal(by_hand, found) == vectors.token_bytes(voucher["code"])


def test_another_vouchers_secret_opens_nothing() -> None:
    _, blobs = take_apart(from_b64(SAID["pack_small"]))
    for number in range(100):
        secret = rows.voucher_secret(number.to_bytes(16), vectors.ROUND_TAG)
        assert rows.find(blobs["rows"], secret.name, size=rows.ROW) is None
        # nor does it open a row taken by its place in the list
        assert rows.unseal(secret, blobs["rows"][: rows.ROW]) is None
    # the same voucher in another round neither
    own = bytes.fromhex(SAID["vouchers"][0]["voucher_id_hex"])
    other = rows.voucher_secret(own, vectors.ROUND_TAG + 1)
    assert rows.find(blobs["rows"], other.name, size=rows.ROW) is None


def test_an_unchanged_row_is_the_same_bytes_and_a_changed_one_has_another_nonce() -> None:
    secret = rows.voucher_secret(b"v" * 16, 7)
    first, again = (rows.seal(secret, rows.family_content(rows.FamilyRow("Олена Ш.", 3))) for _ in "ab")
    other = rows.seal(secret, rows.family_content(rows.FamilyRow("Олена Ш.", 4)))
    assert first == again and len(first) == rows.ROW
    assert first[rows.NAME : rows.NAME + rows.NONCE] != other[rows.NAME : rows.NAME + rows.NONCE]


@given(letters, st.integers(0, 999), st.none() | letters)
def test_whatever_a_family_is_called_its_row_has_one_length(
    name: str, persons: int, collector: str | None
) -> None:
    content = rows.family_content(rows.FamilyRow(name, persons, collector))
    assert len(content) == rows.PADDED
    said = rows.family_of(content)
    assert said.persons == persons
    assert name.startswith(said.name) and (collector or "").startswith(said.collector or "")


def test_a_letter_is_not_parted_from_its_mark() -> None:
    assert rows.without_last_letter("ай\u0301") == "а"
    assert rows.without_last_letter("Ї") == ""


def test_the_whole_packs_bits_are_as_the_vectors_say() -> None:
    from aidtrack.scanner.pack.layout import bit_list

    void = bit_list(SAID["void"], largest=262143)
    assert len(void) == 32768
    assert [place for place in (0, 8, 9, 10, 262142, 262143) if is_set(void, place)] == SAID["void"]
    assert len(bit_list([], largest=262144)) == 65536 and not is_set(void, 10**7)


def test_a_supervisors_code_proves_itself_for_one_event() -> None:
    said = SAID["supervisor"]
    key = supervisors.key_of(said["code"], from_b64(said["in_pack"]["salt"]), said["in_pack"]["iterations"])
    assert supervisors.hash_of(key) == from_b64(said["in_pack"]["hash"])
    assert supervisors.proves(key, said["event_id"], from_b64(said["code_proof"]))
    assert not supervisors.proves(key, said["event_id"].replace("0", "1"), from_b64(said["code_proof"]))
    assert not supervisors.proves(key, said["event_id"], b"")


def test_signed_requests_and_events_verify_and_any_change_is_seen() -> None:
    point = from_b64(SAID["device_public_key"])
    for request in SAID["requests"]:
        read = signatures.Signed.of(request["authorization"])
        assert read is not None and read.device == vectors.DEVICE
        body = request["body"].encode()
        text = read.text(request["method"], request["path"], body)
        assert text.decode() == request["signed_text"]
        assert signatures.is_signed(point, read.signature, text)
        for changed in (
            read.text("PUT", request["path"], body),
            read.text(request["method"], request["path"] + "?", body),
            read.text(request["method"], request["path"], body + b" "),
        ):
            assert not signatures.is_signed(point, read.signature, changed)
    event = SAID["event"]
    assert signatures.event_is_signed(point, from_b64(event["sig"]), event["body"].encode())
    assert not signatures.event_is_signed(point, from_b64(event["sig"]), event["body"].encode() + b" ")
    # a request's signature never fits an event
    assert not signatures.event_is_signed(point, from_b64(SAID["requests"][0]["signature"]), b"")


@given(
    st.text(max_size=300)
    | st.from_regex(r"Aidtrack-Device [0-9a-f\-.]{0,80}\.[0-9]{1,20}\.\w{0,30}\.\w{0,99}")
)
def test_no_header_is_read_with_an_exception(header: str) -> None:
    signatures.Signed.of(header)


@given(st.binary(max_size=80), st.binary(max_size=70), st.binary(max_size=40))
def test_no_key_or_signature_is_judged_with_an_exception(point: bytes, signature: bytes, text: bytes) -> None:
    assert not signatures.is_signed(point, signature, text)
    assert not signatures.is_point(point)
    assert not signatures.is_signed(from_b64(SAID["device_public_key"]), signature, text)
