"""When the threads of a gateway may send: evenly, and never more in a second than it takes."""

import pytest

from odoo.addons.optica_cobranca.clients.gateway_sender import Pace


class Clock:
    """Stands still until a test moves it; sleeping notes when the sleeper would wake."""

    def __init__(self):
        self.now = 0.0
        self.turn = 0.0

    def read(self):
        self.turn = self.now
        return self.now

    def sleep(self, seconds):
        self.turn = self.now + seconds


def turns(pace, clock, count):
    """The next moments at which somebody may send."""
    found = []
    for _number in range(count):
        pace.wait()
        found.append(clock.turn)
    return found


@pytest.fixture
def clock():
    return Clock()


def pace_of(rate, clock):
    return Pace(rate, clock=clock.read, sleep=clock.sleep)


def test_evenly(clock):
    assert turns(pace_of(10, clock), clock, 4) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_slower_than_one_a_second(clock):
    assert turns(pace_of(0.5, clock), clock, 3) == pytest.approx([0, 2, 4])


def test_a_delay_is_made_up_for(clock):
    pace = pace_of(10, clock)
    turns(pace, clock, 2)
    clock.now = 0.5  # the turns of 0.2, 0.3 and 0.4 have gone by
    # A little faster, 0.06 apart, until the twelfth comes when it would have come anyway.
    assert turns(pace, clock, 10) == pytest.approx(
        [0.5, 0.56, 0.62, 0.68, 0.74, 0.8, 0.86, 0.92, 1.0, 1.1]
    )


def test_never_more_in_a_second_than_the_provider_takes(clock):
    pace = pace_of(10, clock)
    found = turns(pace, clock, 15)
    clock.now = 60.0
    found += turns(pace, clock, 40)
    clock.now = 63.0
    found += turns(pace, clock, 40)
    assert all(later - first > 0.999 for first, later in zip(found, found[10:], strict=False))
    # The delay of a minute is no reason to hurry: three tenths of a second are.
    assert found[15] == 60.0 and found[16] == pytest.approx(60.06)
    assert found[54] > 63.0


def test_another_share_of_the_rate(clock):
    pace = pace_of(10, clock)
    turns(pace, clock, 2)
    pace.set_rate(5)
    assert turns(pace, clock, 3) == pytest.approx([0.22, 0.4, 0.6])
