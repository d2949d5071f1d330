"""What was said at one instant stands in the order in which it was kept."""

from datetime import datetime

from odoo.addons.optica_cobranca.models.inbox.contact_thread_conversation import _place

NOON = datetime(2026, 2, 11, 15)


def test_the_ninth_stands_before_the_tenth():
    said = [{"at": NOON, "key": f"event-{number}"} for number in (10, 9, 100, 99)]
    said.append({"at": datetime(2026, 2, 11, 14), "key": "message-1000"})
    assert [entry["key"] for entry in sorted(said, key=_place)] == [
        "message-1000",
        "event-9",
        "event-10",
        "event-99",
        "event-100",
    ]


def test_an_email_of_the_same_second_follows_what_it_answers():
    asked = {"at": NOON.replace(microsecond=700), "key": "message-7"}
    answered = {"at": NOON, "key": "mail-3"}
    assert sorted([answered, asked], key=_place) == [asked, answered]
