"""Debian 12 and 13, and machines that are neither: suites, the PDF printer, what to do elsewhere.

The programs of apt are stand-ins on the PATH that say what the real ones say there.
"""

import os
import shutil
import subprocess

import pytest

from devtools import (
    console,
    debian_archive,
    environment,
    odoo_source,
    pdf_printer,
    system_packages,
)
from devtools.errors import DevError

TARGETS = {
    "bookworm": (
        "https://mirror.example/debian-security/ bookworm-security Debian",
        "https://mirror.example/debian/ bookworm-updates Debian",
        "https://mirror.example/debian/ bookworm Debian",
    ),
    "trixie": (
        "https://packages.example/ stable Somebody else",
        "https://mirror.example/debian/ trixie Debian",
        "https://mirror.example/debian/ trixie-updates Debian",
    ),
    "ubuntu": ("https://mirror.example/ubuntu/ noble Ubuntu",),
}
APT_GET = """#!/bin/sh
echo "$@" >> {calls}
case " $* " in
    *" indextargets "*) printf '%s\\n' {targets} ;;
    *" --simulate "*) printf 'Reading...\\nInst {needs} (1 amd64)\\nConf libc6 (1)\\n' ;;
    *" install "*wkhtmltopdf*) : > {programs}/wkhtmltopdf; chmod +x {programs}/wkhtmltopdf ;;
esac
"""
POLICY = """#!/bin/sh
printf '{package}:\\n  Installed: (none)\\n  Candidate: {candidate}\\n'
"""
NEEDS = ("libc6", "libqt5webkit5", "libllvm15", "fontconfig-config", "wkhtmltopdf", "dpkg")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The only folder on the PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("sh", "env", "chmod", "true"):
        (folder / name).symlink_to(shutil.which(name))
    (folder / "dpkg").symlink_to(shutil.which("true"))
    monkeypatch.setenv("PATH", str(folder))
    for module in (console, system_packages):
        monkeypatch.setattr(module, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(debian_archive, "DEV", tmp_path)
    for module in (environment, pdf_printer, system_packages):
        monkeypatch.setattr(module, "PRINTER", tmp_path / "printer")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


@pytest.fixture
def machine(programs, tmp_path):
    """Make the machine one of ``TARGETS``; call with the version of wkhtmltopdf that it offers."""

    def become(release, printer="(none)"):
        scripts = {
            "apt-get": APT_GET.format(
                calls=tmp_path / "calls",
                targets=" ".join(f"'{line}'" for line in TARGETS[release]),
                needs=" (1)\\nInst ".join(NEEDS),
                programs=programs,
            ),
            "apt-cache": POLICY.format(package="wkhtmltopdf", candidate=printer),
        }
        for name, script in scripts.items():
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)

    return become


@pytest.fixture
def calls(tmp_path):
    """What apt-get was asked for that begins with a word."""

    def read(word):
        lines = (tmp_path / "calls").read_text().splitlines()
        return [line for line in lines if f" {word} " in f" {line} "]

    return read


# -------------------------------------------------------------------- suites


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_the_suite_is_that_of_the_machine(machine, release):
    machine(release)
    assert debian_archive.mirror("…") == ("https://mirror.example/debian/", release)


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_odoo_comes_from_its_suite_and_what_it_links_to_from_the_machines(
    machine, calls, tmp_path, release
):
    machine(release)
    site, suite = debian_archive.mirror("…")
    archive = debian_archive.Archive("odoo", site, [suite, "unstable"], "Odoo 19")
    odoo_source._download(archive, suite)

    sources = (tmp_path / "apt-odoo" / "sources.list").read_text().splitlines()
    assert [line.split()[-3:] for line in sources] == [
        [site, release, "main"],
        [site, "unstable", "main"],
    ]
    [download] = calls("download")
    assert f"fonts-font-awesome/{release} libjs-jquery/{release}" in download
    assert download.endswith(" fonts-montserrat/unstable")


def test_elsewhere_a_checkout_is_asked_for(machine, calls):
    machine("ubuntu")
    with pytest.raises(DevError, match="^No Debian mirror .*: check out odoo/odoo.*ODOO_HOME="):
        debian_archive.mirror(odoo_source.ELSEWHERE)
    assert calls("update")  # a fresh machine may not know its lists yet


def test_without_apt_a_checkout_is_asked_for(programs):
    with pytest.raises(DevError, match="^This is not a Debian system: check out odoo/odoo"):
        debian_archive.mirror(odoo_source.ELSEWHERE)


# ------------------------------------------------------------------- printer


def test_where_debian_has_the_printer_it_is_installed(machine, calls):
    machine("bookworm", printer="0.12.6-2+b1")
    system_packages.ensure(browser=False)
    assert calls("install")[0].endswith(" wkhtmltopdf")
    assert system_packages.missing(browser=False) == []


def test_where_debian_has_none_it_is_not_asked_for(machine, calls):
    machine("trixie")
    system_packages.ensure(browser=False)
    assert "wkhtmltopdf" not in calls("install")[0]


def test_an_older_debians_printer_comes_with_its_libraries(machine, calls, tmp_path):
    machine("trixie")
    archive = debian_archive.Archive("printer", "https://mirror.example/debian/", ["bookworm"], "…")
    names = [name for name in archive.needs("wkhtmltopdf") if pdf_printer.WANTED.match(name)]

    assert names == ["libqt5webkit5", "wkhtmltopdf"]
    # Not what this machine lacks: all, since its own libraries are of another release.
    assert f"Dir::State::status={tmp_path}/apt-printer/status" in calls("--simulate")[0]
    assert (tmp_path / "apt-printer" / "status").read_text() == ""


def test_the_printer_is_started_with_its_own_libraries(tmp_path):
    home = tmp_path / "a folder"
    libraries = home / "usr" / "lib" / "x86_64-linux-gnu"
    (libraries / "qt5" / "plugins").mkdir(parents=True)
    program = home / "usr" / "bin" / "wkhtmltopdf"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH|$QT_PLUGIN_PATH|$1|$2"\nexit 7\n')
    program.chmod(0o755)

    pdf_printer.write_launcher(home)

    command = [home / "bin" / "wkhtmltopdf", "a b", "c"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    paths = f"{libraries}:{home}/usr/lib|{libraries}/qt5/plugins"
    assert (answer.stdout, answer.returncode) == (f"{paths}|a b|c\n", 7)


def test_programs_find_the_private_printer_first(programs, tmp_path):
    (tmp_path / "printer").mkdir()
    _venv, printer, rest = environment.variables()["PATH"].split(os.pathsep)
    assert (printer, rest) == (str(tmp_path / "printer" / "bin"), str(programs))
