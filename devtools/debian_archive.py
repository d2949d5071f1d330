"""Debian packages fetched and unpacked into private folders, the system's own apt untouched."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import system_packages
from .console import run_logged
from .errors import DevError
from .paths import DEV

KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
# Beside a release's own suite there are those of its changes.
SIDE_SUITES = ("-security", "-updates", "-backports", "-proposed-updates")


def mirror(otherwise: str) -> tuple[str, str]:
    """Address of the Debian mirror that this machine already uses, and its release's suite there.

    :param otherwise: what can be done on a machine without one, for the sentence
    :raise DevError: when there is none
    """
    if not shutil.which("apt-get"):
        raise DevError(f"This is not a Debian system: {otherwise}")
    found = _read_mirror()
    if found is None:
        system_packages.apt_get(["update"], ["(package lists)"])
        found = _read_mirror()
    if found is None:
        raise DevError(f"No Debian mirror is configured on this machine: {otherwise}")
    return found


def _read_mirror() -> tuple[str, str] | None:
    words = "$(SITE) $(RELEASE) $(ORIGIN)"
    query = ["apt-get", "indextargets", "--format", words, "Created-By: Packages"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    for line in answer.splitlines():
        site, suite, origin = (line.split(" ", 2) + ["", ""])[:3]
        if origin.strip() == "Debian" and not suite.endswith(SIDE_SUITES):
            return site, suite
    return None


class Archive:
    """An apt of our own, with lists and cache below a folder of its own.

    :param purpose: names the folder below ``.dev/`` and the logs
    :param site: the mirror's address
    :param suites: the suites to look into
    :param what: what is fetched, for sentences
    """

    def __init__(self, purpose: str, site: str, suites: Sequence[str], what: str) -> None:
        self._purpose, self._what = purpose, what
        self._folder = DEV / f"apt-{purpose}"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._options = self._prepare(site, suites)
        run_logged([*self._apt_get(), "update"], f"{purpose}-update", f"{what}: the package list")

    def _prepare(self, site: str, suites: Sequence[str]) -> list[str]:
        """Options that keep apt away from the system's own lists, cache, sources and packages."""
        folder = self._folder
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        (folder / "debs").mkdir()
        (folder / "status").touch()  # nothing is installed here
        keyring = next((path for path in KEYRINGS if os.path.exists(path)), None)
        signed = f" [signed-by={keyring}]" if keyring else ""
        sources = folder / "sources.list"
        sources.write_text("".join(f"deb{signed} {site} {suite} main\n" for suite in suites))
        options = {
            "Dir::Etc::sourcelist": sources,
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::Lists": folder / "lists",
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder / "cache",
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
            "Acquire::Retries": 3,
            "APT::Update::Error-Mode": "any",  # no network is an error, not a warning
            # Signatures are checked, and what is wanted is no news: an old list is as good.
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
        }
        return [
            word for key, value in options.items() if value for word in ("-o", f"{key}={value}")
        ]

    def _apt_get(self) -> list[str]:
        return ["apt-get", "-q", *self._options]

    def needs(self, name: str) -> list[str]:
        """A package and all that it depends on, by name."""
        command = [*self._apt_get(), "--simulate", "--no-install-recommends", "install", name]
        return installed_names(run_logged(command, f"{self._purpose}-needs", self._what))

    def download(self, names: Sequence[str]) -> list[Path]:
        """Fetch packages, each as apt names it (``name``, ``name=version``, ``name/suite``)."""
        debs = self._folder / "debs"
        command = [*self._apt_get(), "download", *names]
        run_logged(command, f"{self._purpose}-download", self._what, cwd=debs)
        return sorted(debs.glob("*.deb"))

    def unpack(self, debs: Sequence[Path], fresh: Path) -> None:
        """Unpack packages into a folder that is emptied first."""
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for deb in debs:
            command = ["dpkg", "-x", str(deb), str(fresh)]
            run_logged(command, f"{self._purpose}-unpack", f"Unpacking {self._what}")

    def remove(self) -> None:
        """Free the disk of lists and packages."""
        shutil.rmtree(self._folder, ignore_errors=True)


def installed_names(simulation: str) -> list[str]:
    """The names that ``apt-get --simulate install`` says it would install."""
    lines = (line.split() for line in simulation.splitlines())
    return sorted({words[1] for words in lines if words[:1] == ["Inst"]})
