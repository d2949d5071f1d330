"""The one exception a person sees, and the words for what usually goes wrong."""

import re


class DevError(Exception):
    """A bad situation, told in one sentence that says what can be done."""


NETWORK = re.compile(
    r"Temporary failure (in name resolution|resolving)|Could not resolve|Could not connect"
    r"|Failed to establish a new connection|Network is unreachable|Connection timed out"
    r"|Name or service not known|No route to host|Unable to connect|ConnectTimeoutError",
    re.IGNORECASE,
)
DISK_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|enough free space", re.IGNORECASE
)
RIGHTS = re.compile(
    r"are you root|Permission denied|a password is required|not in the sudoers"
    r"|a terminal is required",
    re.IGNORECASE,
)

NO_DISK = "The disk is full: free about 3 GB and run the same command again."
NO_NETWORK = (
    "No network: {what} could not be downloaded; check the connection (or the proxy)"
    " and run the same command again."
)
NO_RIGHTS = (
    "No rights to install system packages: become root, or ask an administrator to run"
    " `apt-get install {packages}`, then run the same command again."
)


def explain(output: str, what: str) -> str | None:
    """One sentence for a failed command's output, or None when the cause is not a known one."""
    if DISK_FULL.search(output):
        return NO_DISK
    if NETWORK.search(output):
        return NO_NETWORK.format(what=what)
    return None
