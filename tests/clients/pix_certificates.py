"""Certificates of a day for the tests of mTLS, made on the spot."""

import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Authority:
    """Signs certificates: `issue` gives (certificate PEM, key PEM).

    :param old: an authority from before identifiers of keys and their use were customary; some
        of the public roots are
    """

    def __init__(self, *, old: bool = False):
        self._old = old
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        self._certificate = self._build(self._name, self._key, DAY, is_authority=True)
        self.pem = self._certificate.public_bytes(Encoding.PEM)

    def issue(self, name: str, *, good_for: timedelta = DAY) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._build(subject, key, good_for)
        return (
            certificate.public_bytes(Encoding.PEM),
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )

    def _build(self, subject, key, good_for, *, is_authority=False):
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 10 * DAY)
            .not_valid_after(now + good_for)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        )
        if not self._old:
            for extension, critical in self._customary(key, is_authority):
                builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())

    def _customary(self, key, is_authority):
        """What real authorities put into a certificate (RFC 5280 §4.2.1), and if it is critical."""
        uses = dict.fromkeys(USES, False)
        uses |= dict.fromkeys(["key_cert_sign", "crl_sign"] if is_authority else USES[:1], True)
        yield x509.KeyUsage(**uses), True
        yield x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False


def bank_side(authority: Authority, folder: Path) -> ssl.SSLContext:
    """The bank's TLS: its own certificate, and it lets nobody in without one of the authority."""
    pem, key = authority.issue("localhost")
    both = folder / "bank.pem"
    both.write_bytes(pem + key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(both)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(cadata=authority.pem.decode())
    return tls


# Once, now, with the real clock: cryptography keeps the type of instants that it meets first, and
# with that of a frozen clock it would refuse real ones afterwards.
Authority()
