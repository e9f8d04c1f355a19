"""Text and the bytes that RouterOS keeps: UTF-8 where it is, surrogates where it is not, so that nothing is lost."""

from __future__ import annotations


def as_bytes(value: str | bytes | float) -> bytes:
    """A value as RouterOS would be sent it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"yes" if value else b"no"
    return str(value).encode("utf-8", "surrogateescape")


def decode(value: bytes) -> str:
    """Bytes as text, without loss: what is no UTF-8 becomes surrogates."""
    return value.decode("utf-8", "surrogateescape")
