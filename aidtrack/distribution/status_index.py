"""Places in a round's revocation bit list: in random order, each once, however many vouchers follow.

A voucher's place must not tell how many were issued before it. A keyed permutation of the ordinals 0, 1,
2 … gives distinct places without looking at those already taken, so late-comers and reprints fit in.
"""

from collections.abc import Callable
from hashlib import blake2b

HALF_BITS = 9
BLOCK = 1 << (2 * HALF_BITS)  # 262 144 places, a bit list of 32 kB (DESIGN §5 asks for 16 kB or more)
LARGEST = 1 << 24  # the place has three bytes in the voucher code
_MASK = (1 << HALF_BITS) - 1
_ROUNDS = 6


def status_places(key: bytes) -> Callable[[int], int]:
    """A permutation for one round: ordinal of the voucher within the round → place in the bit list.

    Args:
        key: secret, 16 to 64 bytes, the same for every voucher of the round.
    """

    def place(ordinal: int) -> int:
        if not 0 <= ordinal < LARGEST:
            raise ValueError(f"a round has no voucher number {ordinal}")
        block, within = divmod(ordinal, BLOCK)
        left, right = within >> HALF_BITS, within & _MASK
        for turn in range(_ROUNDS):  # a Feistel network permutes whatever its round function is
            mixed = blake2b(bytes((turn, right >> 8, right & 255)), key=key, digest_size=2).digest()
            left, right = right, left ^ (int.from_bytes(mixed, "big") & _MASK)
        return block * BLOCK + (left << HALF_BITS | right)

    return place
