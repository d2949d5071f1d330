"""What goes wrong is told in one sentence, with a non-zero exit and no traceback."""

import errno
import os
import shutil
import socket
import subprocess

import pytest

from devtools import cli, console, odoo_source, postgres, processes, system_packages
from devtools.errors import DevError
from tests.devtools.conftest import ROOT


def test_an_unknown_command_names_the_known_ones(refused):
    assert "no command “rnu”; the commands are: run, test, collect" in refused("rnu")


def test_a_taken_port_is_said_before_anything_is_set_up(refused):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        sentence = refused("run", "--port", str(port))

    assert sentence.startswith(f"Port {port} is taken")
    assert "--port" in sentence


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_number_that_is_no_port(refused, port):
    assert f"{port} is no port" in refused("run", "--port", port)


def test_a_checkout_of_another_version_is_refused(refused, tmp_path):
    release = tmp_path / "odoo" / "release.py"
    release.parent.mkdir()
    release.write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")

    sentence = refused("collect", ODOO_HOME=str(tmp_path))

    assert "is 18.0, this addon needs 19.0" in sentence


def test_a_development_version_is_not_taken_for_the_release(tmp_path):
    release = tmp_path / "odoo" / "release.py"
    release.parent.mkdir()
    release.write_text("version_info = ('saas~19', 1, 0, FINAL, 0, '')\n")

    with pytest.raises(DevError, match="saas~19.1"):
        odoo_source.check_version(tmp_path)


def test_a_folder_without_odoo_is_refused(refused, tmp_path):
    assert "holds no Odoo" in refused("collect", ODOO_HOME=str(tmp_path))


def test_a_date_that_is_none(refused):
    assert "“31/02/2026” is no date" in refused("collect", "--date", "31/02/2026")


def test_a_test_path_that_does_not_exist(refused):
    assert "no test file or folder “tests/nowhere”" in refused("test", "tests/nowhere")


def test_a_benchmark_that_does_not_exist(refused):
    assert "no benchmark “speed”" in refused("bench", "speed")


def test_without_rights_the_administrators_command_is_told(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "sudo" else "/usr/bin/found")

    with pytest.raises(DevError, match="apt-get install postgresql wkhtmltopdf"):
        system_packages.apt_get(["install"], ["postgresql", "wkhtmltopdf"])


def test_without_network_the_download_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "LOGS", tmp_path)
    command = ["sh", "-c", "echo Temporary failure resolving the mirror; exit 100"]

    with pytest.raises(DevError, match="^No network: Odoo 19 could not be downloaded"):
        console.run_logged(command, "download", "Odoo 19")


def test_a_failed_command_names_its_log(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(console, "LOGS", tmp_path)

    with pytest.raises(DevError, match=f"Packing failed.*{tmp_path}/pack.log"):
        console.run_logged(["sh", "-c", "echo the cause; exit 2"], "pack", "Packing")

    assert "the cause" in capsys.readouterr().err


def test_a_full_disk_is_no_traceback(monkeypatch, capsys):
    def full(name, arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cli, "run", full)
    monkeypatch.setattr(processes, "interrupt_on_signals", lambda: None)

    assert cli.main(["setup"]) == 1
    assert capsys.readouterr().err.startswith("dev: The disk is full")


def test_postgresql_that_does_not_start_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(postgres, "home", lambda: tmp_path / "nowhere")

    with pytest.raises(DevError, match="PostgreSQL does not start .*nowhere"):
        postgres.start()


def test_a_missing_python_is_said_by_the_launcher(tmp_path):
    for name in ("bash", "dirname", "readlink", "env"):
        (tmp_path / name).symlink_to(shutil.which(name))
    launcher = (ROOT / "dev").read_text().replace("/usr/bin/python3", "/nowhere/python3")
    (tmp_path / "dev").write_text(launcher)

    answer = subprocess.run(
        ["bash", tmp_path / "dev", "help"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1
    assert "Python 3.10 or newer is needed" in answer.stderr
