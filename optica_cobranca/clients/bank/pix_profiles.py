"""The banks, as data: where each serves Banco Central's API Pix and how it differs.

Addresses and habits as published by the banks for their customers (developer portals, 2025-2026);
an account may name others, for banks move. ``other`` is any bank that serves the standard.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FORM, JSON = "form", "json"
ALL_SCOPES = (
    "cob.write cob.read cobv.write cobv.read lotecobv.write lotecobv.read "
    "pix.write pix.read webhook.write webhook.read"
)


@dataclass(frozen=True)
class BankProfile:
    """One bank.

    :param base_url: of the paths ``/cob``, ``/pix`` …; ``test_`` ones are its homologation
    :param token_style: how the client credentials are asked for: a form or JSON; id and secret go
        as HTTP basic authentication, or with ``secret_in_body`` among the fields
    :param app_key: name of the query parameter for a developer's application key, or empty
    :param has_lots: serves ``/lotecobv``
    :param needs_certificate: nobody gets in without mTLS
    :param webhook_suffix: what the bank adds to the registered address (the standard: ``/pix``)
    """

    code: str
    name: str
    base_url: str = ""
    token_url: str = ""
    test_base_url: str = ""
    test_token_url: str = ""
    scopes: str = ALL_SCOPES
    token_style: str = FORM
    secret_in_body: bool = False
    app_key: str = ""
    has_lots: bool = True
    needs_certificate: bool = True
    webhook_suffix: str = "/pix"


_PROFILES = (
    BankProfile(
        "bb",
        "Banco do Brasil",
        base_url="https://api-pix.bb.com.br/pix/v2",
        token_url="https://oauth.bb.com.br/oauth/token",
        test_base_url="https://api-pix.hm.bb.com.br/pix/v2",
        test_token_url="https://oauth.hm.bb.com.br/oauth/token",
        app_key="gw-dev-app-key",
    ),
    BankProfile(
        "inter",
        "Inter",
        base_url="https://cdpj.partners.bancointer.com.br/pix/v2",
        token_url="https://cdpj.partners.bancointer.com.br/oauth/v2/token",
        scopes="cob.write cob.read cobv.write cobv.read pix.write pix.read "
        "webhook.write webhook.read",
        secret_in_body=True,
        has_lots=False,
    ),
    BankProfile(
        "sicoob",
        "Sicoob",
        base_url="https://api.sicoob.com.br/pix/api/v2",
        token_url="https://auth.sicoob.com.br/auth/realms/cooperado/protocol/openid-connect/token",
        test_base_url="https://sandbox.sicoob.com.br/sicoob/sandbox/pix/api/v2",
        secret_in_body=True,
    ),
    BankProfile(
        "sicredi",
        "Sicredi",
        base_url="https://api-pix.sicredi.com.br/api/v2",
        token_url="https://api-pix.sicredi.com.br/oauth/token",
        test_base_url="https://api-pix-h.sicredi.com.br/api/v2",
        test_token_url="https://api-pix-h.sicredi.com.br/oauth/token",
    ),
    BankProfile(
        "efi",
        "Efí",
        base_url="https://pix.api.efipay.com.br/v2",
        token_url="https://pix.api.efipay.com.br/oauth/token",
        test_base_url="https://pix-h.api.efipay.com.br/v2",
        test_token_url="https://pix-h.api.efipay.com.br/oauth/token",
        token_style=JSON,
    ),
    BankProfile("other", "Another bank", needs_certificate=False),
    BankProfile("sandbox", "Sandbox (no bank)", needs_certificate=False),
)
PROFILES: Mapping[str, BankProfile] = {profile.code: profile for profile in _PROFILES}
