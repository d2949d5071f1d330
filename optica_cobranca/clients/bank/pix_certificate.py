"""The certificate by which a bank knows the shop (mTLS): read, judged, put into a TLS context.

Contents come as PEM, as banks hand them out; keys stay in memory but for the instant in which
OpenSSL reads them, from a file that nobody else may open.
"""

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timezone

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from .pix_errors import PixTrouble, Trouble


@dataclass(frozen=True)
class Certificate:
    """Certificate (with its chain) and key, PEM.

    :param authority: PEM of who signed the bank's own certificate, when that is not a public one
    """

    pem: bytes = field(repr=False)
    key: bytes = field(repr=False)
    authority: bytes = field(default=b"", repr=False)


def expires_at(pem: bytes) -> datetime:
    """Until when the certificate is good, aware UTC.

    :raise PixTrouble: ``BAD_CERTIFICATE``
    """
    try:
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc
    except ValueError:
        raise PixTrouble(Trouble.BAD_CERTIFICATE, "the certificate is no PEM") from None


def check(certificate: Certificate, now: datetime) -> None:
    """Do certificate and key belong together, and are they good at ``now``?

    :raise PixTrouble: ``BAD_CERTIFICATE``, ``EXPIRED_CERTIFICATE``
    """
    good_until = expires_at(certificate.pem)
    try:
        key = load_pem_private_key(certificate.key, password=None)
    except (ValueError, TypeError):
        raise PixTrouble(Trouble.BAD_CERTIFICATE, "the key is no PEM, or has a password") from None
    ours = x509.load_pem_x509_certificate(certificate.pem).public_key()
    if key.public_key() != ours:
        raise PixTrouble(Trouble.BAD_CERTIFICATE, "the key is not that of the certificate")
    if now.astimezone(timezone.utc) > good_until:
        raise PixTrouble(Trouble.EXPIRED_CERTIFICATE, f"{good_until:%Y-%m-%d}")


def context(certificate: Certificate | None) -> ssl.SSLContext | None:
    """A TLS context that shows the certificate; None when there is none to show.

    :raise PixTrouble: ``BAD_CERTIFICATE``
    """
    if certificate is None:
        return None
    tls = ssl.create_default_context()
    # From Python 3.13 on the default refuses chains that lack identifiers of keys, which public
    # roots and banks' own authorities do. Who signed, for whom and until when is checked as before.
    tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if certificate.authority:
            tls.load_verify_locations(cadata=certificate.authority.decode("ascii"))
        with tempfile.TemporaryDirectory(prefix="pix") as folder:
            path = os.path.join(folder, "both.pem")
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(certificate.pem.rstrip() + b"\n" + certificate.key)
            tls.load_cert_chain(path)
    except (ssl.SSLError, ValueError):
        raise PixTrouble(Trouble.BAD_CERTIFICATE, "OpenSSL does not read it") from None
    return tls
