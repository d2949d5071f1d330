"""What clients of Meta's Graph API share: one node of it, in one version, by one token."""

import re

from ..base import ClientError
from ..http.http_client import HttpClient
from ..http.transport import HttpDoor

_VERSION = re.compile(r"v[0-9]+\.[0-9]+", re.ASCII)
# Meta's id of an account, a number or a person.
NODE = re.compile(r"[0-9]{1,32}", re.ASCII)


class GraphClient(HttpClient):
    """Client of one account or number.

    :param config: the address, version, token and network settings
    :param node: Meta's id of it
    :param what: what the id is called, for the refusal
    :raise ClientError: the configuration cannot work (``bad_sender``, ``bad_version``,
        ``bad_token``, ``bad_url``, ``insecure_url``)
    """

    def __init__(self, config, node: str, what: str):
        node, version = node.strip(), config.version.strip()
        if not NODE.fullmatch(node):
            raise ClientError("bad_sender", f"{what} has digits only")
        if not _VERSION.fullmatch(version):
            raise ClientError("bad_version", version)
        self._version_path = f"/{version}"
        self._path = f"/{version}/{node}"
        super().__init__(
            HttpDoor(
                config.base_url,
                config.access_token,
                connect_timeout=config.connect_timeout,
                read_timeout=config.read_timeout,
                pool_size=config.pool_size,
            )
        )
