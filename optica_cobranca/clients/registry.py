"""Which providers there are, and how to get the client of a gateway.

Every module below this folder that has a ``PROVIDER`` is one. Settings are the gateway's own fields
by name (``base_url``, ``account_id``, ``access_token``, ``read_timeout`` ...); what is empty takes
the provider's default, what a provider does not know is ignored.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from .base import ClientError
from .provider import Client, Provider, Settings

__all__ = ["PROVIDERS", "Client", "Provider", "Settings", "client_for", "find"]

_PACKAGE = __name__.rpartition(".")[0]


def _providers() -> Iterator[Provider]:
    package = importlib.import_module(_PACKAGE)
    found = pkgutil.walk_packages(package.__path__, f"{_PACKAGE}.")
    for name in sorted((module.name for module in found), key=lambda name: name.split(".")[-1]):
        if name != __name__:
            module = importlib.import_module(name)
            if isinstance(getattr(module, "PROVIDER", None), Provider):
                yield module.PROVIDER


PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _providers()}


def find(name: str) -> Provider:
    """The provider of that name.

    :raise ClientError: ``unknown_provider``
    """
    if name not in PROVIDERS:
        raise ClientError("unknown_provider", name)
    return PROVIDERS[name]


def client_for(name: str, settings: Settings) -> Client:
    """The client of a gateway.

    :param name: the provider's name
    :raise ClientError: ``unknown_provider``; ``incomplete`` with the missing settings as detail;
        ``not_automatic`` when messages leave through Odoo; whatever the client finds wrong with
        its configuration
    """
    provider = find(name)
    missing = [setting for setting in provider.required if not settings.get(setting)]
    if missing:
        raise ClientError("incomplete", ", ".join(missing))
    if provider.make is None:
        raise ClientError("not_automatic", "Odoo itself sends these messages")
    return provider.make(settings)
