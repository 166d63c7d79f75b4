"""Public keys: read and fingerprinted with the library that Nova uses, so that both take the same keys."""

from __future__ import annotations

import base64
import hashlib

from chalicelib.model.errors import InvalidField
from chalicelib.model.keypair import X509


def fingerprint_of(key_type: str, public_key: str) -> str:
    """Nova's fingerprint of a key: MD5 for SSH, SHA-1 for X.509. Raises InvalidField, in Nova's words."""
    digest = _of_certificate(public_key) if key_type == X509 else _of_ssh_key(public_key)
    return ":".join(f"{byte:02x}" for byte in digest)


def _of_ssh_key(public_key: str) -> bytes:
    # Loaded late: few requests bring a key, and the library is large.
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    try:
        load_ssh_public_key(public_key.encode())
        return hashlib.md5(base64.b64decode(public_key.split(" ")[1]), usedforsecurity=False).digest()
    except Exception as error:  # Nova also takes each failure of the library for a bad key
        raise _invalid("failed to generate fingerprint") from error


def _of_certificate(public_key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(public_key.encode()).fingerprint(SHA1())  # noqa: S303
    except (ValueError, TypeError) as error:
        raise _invalid(f"failed to generate X509 fingerprint. Error message: {error}") from error


def _invalid(reason: str) -> InvalidField:
    return InvalidField("public_key", f"Keypair data is invalid: {reason}")
