"""The server's life: the last command to leave stops it."""

import pytest

from devtools import postgres


@pytest.fixture
def events(tmp_path, monkeypatch) -> list[str]:
    """What would be done to the server, in order."""
    done: list[str] = []
    monkeypatch.setattr(postgres, "DEV", tmp_path)
    monkeypatch.setattr(postgres, "LEASE", tmp_path / "lease")
    monkeypatch.setattr(postgres, "KEEP", tmp_path / "keep")
    monkeypatch.setattr(postgres, "start", lambda: done.append("start"))
    monkeypatch.setattr(postgres, "stop", lambda: done.append("stop"))
    return done


def test_one_command_starts_and_stops_it(events):
    with postgres.running():
        assert events == ["start"]

    assert events == ["start", "stop"]


def test_the_last_of_two_commands_stops_it(events):
    first, second = postgres.running(), postgres.running()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert "stop" not in events

    second.__exit__(None, None, None)
    assert events[-1] == "stop"


def test_it_stops_when_the_command_fails(events):
    with pytest.raises(ValueError), postgres.running():
        raise ValueError

    assert events[-1] == "stop"


def test_it_stays_when_it_was_asked_to(events):
    postgres.KEEP.touch()
    with postgres.running():
        pass

    assert "stop" not in events


def test_a_long_path_gets_a_short_socket(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "home", lambda: tmp_path / ("x" * 120))

    assert len(str(postgres.socket_dir() / f".s.PGSQL.{postgres.PORT}")) < 107


def test_a_folder_closed_to_others_is_not_reachable(tmp_path):
    closed = tmp_path / "closed"
    (closed / "below").mkdir(parents=True)
    closed.chmod(0o700)

    assert not postgres._reachable(closed / "below")
