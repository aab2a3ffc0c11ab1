"""Make ids that look like Stripe's: a prefix, a part common to the account, a part of their own.

In: the seed of an account, a prefix, a serial number. Out: a string; the same input gives the same id in every process.
"""

from __future__ import annotations

from zlib import crc32

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_MASK = (1 << 47) - 1  # 62**8 is a little more than 2**47: eight letters hold every value
_SQUARE, _CUBE = 3844**2, 3844**3
_ODD = 0x5851F42D4C95


class Ids:
    """Number the objects of one account.

    >>> Ids(7).make("ch_3", 1) == Ids(7).make("ch_3", 1) != Ids(8).make("ch_3", 1)
    True
    """

    __slots__ = ("_common", "_salts", "_seed")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        mixed = _mix(seed * 2 + 1, 0x1234567)
        self._common = "".join(_PAIRS[(mixed >> shift) % 3844] for shift in (0, 9, 18, 27, 36))
        self._salts: dict[str, int] = {}

    def make(self, prefix: str, serial: int) -> str:
        """Return the id of number ``serial`` under ``prefix``; different serials never meet (below 2**47)."""
        salt = self._salts.get(prefix)
        if salt is None:
            salt = self._salts[prefix] = (crc32(prefix.encode()) << 15 ^ self._seed * 0x9E3779B1) & _MASK
        h = ((serial ^ salt) * _ODD) & _MASK
        h ^= h >> 23
        h = (h * _ODD) & _MASK
        # The hot spot of generation: % and // on small ints are faster than divmod.
        return f"{prefix}{self._common}{_PAIRS[h // _CUBE]}{_PAIRS[h // _SQUARE % 3844]}{_PAIRS[h // 3844 % 3844]}{_PAIRS[h % 3844]}"

    def short(self, prefix: str, serial: int, length: int = 14) -> str:
        """Return an id of ``length`` letters behind the prefix: customers, products and invoice prefixes look like that."""
        return prefix + self.make("", serial ^ crc32(prefix.encode()))[-length:]


def _mix(value: int, salt: int) -> int:
    h = ((value ^ salt) * _ODD) & _MASK
    h ^= h >> 21
    return (h * _ODD) & _MASK
