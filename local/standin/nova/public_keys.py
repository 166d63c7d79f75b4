"""Public keys as Nova reads, fingerprints and makes them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_public_key,
)
from cryptography.x509.oid import NameOID

from local.standin.message import Fault


def fingerprint(key_type: str, public_key: str) -> str:
    """The fingerprint of a key. Raises Fault 400 for what is none."""
    try:
        if key_type == "x509":
            digest = x509.load_pem_x509_certificate(public_key.encode()).fingerprint(SHA1())
        else:
            load_ssh_public_key(public_key.encode())
            decoded = base64.b64decode(public_key.split(" ")[1])
            digest = hashlib.md5(decoded, usedforsecurity=False).digest()
    except Exception as error:
        reason = "failed to generate fingerprint"
        if key_type == "x509":
            reason = f"failed to generate X509 fingerprint. Error message: {error}"
        raise Fault(400, f"Keypair data is invalid: {reason}") from error
    return ":".join(f"{byte:02x}" for byte in digest)


def fresh_key(key_type: str, user_id: str) -> tuple[str, str]:
    """A new key: its public and its private half. Nova makes RSA keys, which takes longer."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    if key_type == "x509":
        return _certificate(key, user_id), private
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{line} Generated-by-Nova", private


def _certificate(key: Ed25519PrivateKey, user_id: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user_id)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, None)
    )
    return made.public_bytes(Encoding.PEM).decode()
