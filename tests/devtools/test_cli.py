"""The commands as a person finds them."""

import pytest

from devtools import cli


def test_help_names_every_command(dev):
    answer = dev("help")

    assert answer.returncode == 0
    assert all(f"\n  {name}" in answer.stdout for name in cli.COMMANDS)


def test_no_command_is_help(dev):
    assert dev().stdout == dev("help").stdout


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_leads_somewhere(name):
    import importlib

    module, function, _, _ = cli.COMMANDS[name]

    assert callable(getattr(importlib.import_module(f"devtools.{module}"), function))


def test_ctrl_c_is_no_traceback(monkeypatch, capsys):
    def interrupted(name, arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupted)
    monkeypatch.setattr(cli.processes, "interrupt_on_signals", lambda: None)

    assert cli.main(["setup"]) == 130
    assert capsys.readouterr().err == ""
