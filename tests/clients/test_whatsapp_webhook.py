"""What the provider tells: sorted, keyed, and never a reason to fall over."""

import copy
import json
from datetime import datetime, timezone

import pytest

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_webhooks import (
    envelope,
    inbound_text,
    messages_value,
    status,
    status_payload,
)


def at(seconds):
    return datetime(2025, 12, 1, 12, 0, seconds, tzinfo=timezone.utc)


@pytest.mark.parametrize("name", ["webhook_statuses", "webhook_inbound", "webhook_changed_number"])
def test_samples_have_the_published_shape(sample, validate, name):
    validate(sample(name), "WebhookPayload")


def test_builders_have_the_published_shape(validate):
    validate(status_payload("wamid.1", "failed", reference="r", error=131026), "WebhookPayload")
    validate(status_payload("wamid.1", "read", reference="r"), "WebhookPayload")
    validate(inbound_text("wamid.1", "SAIR", answers="wamid.0"), "WebhookPayload")
    validate(inbound_text("wamid.1", "SAIR", sender=None, user_id="BR.1"), "WebhookPayload")


def test_statuses_of_several_entries_changes_and_numbers(sample):
    batch = parse_webhook(sample("webhook_statuses"))
    assert (batch.inbound, batch.notices, batch.unknown) == ((), (), ())
    assert [(event.key, event.reference, event.occurred_at) for event in batch.events] == [
        ("wamid.READ0001:read", "6f1c7a52-0001", at(10)),
        ("wamid.READ0001:delivered", "6f1c7a52-0001", at(5)),
        ("wamid.FAIL0002:failed", "6f1c7a52-0002", at(0)),
        ("wamid.HIDDEN0003:sent", "6f1c7a52-0003", at(1)),
    ]
    read, delivered, failed, hidden = batch.events
    assert (read.provider_id, read.state) == ("wamid.READ0001", "read")
    assert (read.category, read.wa_id, read.failure) == ("utility", "555199990001", None)
    assert (read.sender_id, hidden.sender_id) == ("106540352242922", "106540352242923")
    assert delivered.category is None
    assert (failed.state, failed.failure) == ("failed", FailureClass.STOP_RECIPIENT)
    assert (failed.code, failed.detail) == (
        "131026",
        "Message undeliverable | Receiver is incapable of receiving this message",
    )
    assert (hidden.wa_id, hidden.user_id) == (None, "BR.1A2B3C4D5E6F")
    assert read.raw["conversation"]["id"] == "c0ffee"


def test_raw_body_does_as_well(sample):
    payload = sample("webhook_statuses")
    assert parse_webhook(json.dumps(payload).encode()) == parse_webhook(payload)


def test_inbound(sample):
    batch = parse_webhook(sample("webhook_inbound"))
    assert (batch.events, batch.notices, batch.unknown) == ((), (), ())
    assert [(item.provider_id, item.kind, item.text) for item in batch.inbound] == [
        ("wamid.TEXT", "text", "Já paguei ontem"),
        ("wamid.BUTTON", "button", "SAIR"),
        ("wamid.CHOICE", "interactive", "Quero negociar"),
        ("wamid.RECEIPT", "document", "Segue o comprovante"),
        ("wamid.THUMB", "reaction", "👍"),
        ("wamid.HIDDEN", "text", "PARAR"),
        ("wamid.ODD", "unsupported", ""),
    ]
    text, button, choice, receipt, thumb, hidden, odd = batch.inbound
    assert (text.sender, text.sender_id, text.profile_name) == (
        "555199990001",
        "BR.MARIA1",
        "Maria",
    )
    assert (text.context_id, text.received_at) == ("wamid.NOTICE", at(0))
    assert text.addressee_id == "106540352242922"
    assert (button.payload, choice.payload) == ("stop", "agree")
    assert (button.profile_name, button.sender_id) == ("João", None)
    assert (receipt.media.id, receipt.media.mime_type) == ("1908647269898587", "application/pdf")
    assert receipt.media.filename == "comprovante.pdf"
    assert thumb.context_id == "wamid.NOTICE2"
    assert (hidden.sender, hidden.sender_id) == (None, "BR.HIDDEN1")
    assert hidden.profile_name == "Sem Número"
    # A thumb and what cannot be read say nothing to the shop.
    assert [item.kind for item in batch.inbound if not item.is_reply] == ["reaction", "unsupported"]
    assert odd.raw["errors"][0]["code"] == 131051


def test_changed_number_is_no_reply(sample):
    (item,) = parse_webhook(sample("webhook_changed_number")).inbound
    assert (item.kind, item.is_reply) == ("system", False)
    assert (item.sender, item.new_sender) == ("555199990001", "555199990009")


def test_single_contact_written_differently_is_the_sender():
    """With and without the ninth digit."""
    payload = inbound_text("wamid.1", "oi", sender="5551999990001", name="Maria")
    value = payload["entry"][0]["changes"][0]["value"]
    value["messages"][0]["from"] = "555199990001"
    (item,) = parse_webhook(payload).inbound
    assert (item.sender, item.profile_name) == ("555199990001", "Maria")


def test_hidden_number_in_place_of_the_sender():
    payload = inbound_text("wamid.1", "SAIR", sender="BR.1A2B3C")
    (item,) = parse_webhook(payload).inbound
    assert (item.sender, item.sender_id) == (None, "BR.1A2B3C")


def test_sender_known_from_one_place_only():
    payload = inbound_text("wamid.1", "SAIR")
    value = payload["entry"][0]["changes"][0]["value"]
    del value["messages"][0]["from"]
    (by_contact,) = parse_webhook(payload).inbound
    assert (by_contact.sender, by_contact.sender_id) == ("5551999990001", None)
    value["messages"][0]["from_user_id"] = "BR.1A2B3C"
    del value["contacts"]
    (by_message,) = parse_webhook(payload).inbound
    assert (by_message.sender, by_message.sender_id) == (None, "BR.1A2B3C")


def test_account_news(sample):
    batch = parse_webhook(sample("webhook_account"))
    assert [notice.kind for notice in batch.notices] == [
        "error",
        "template_category_update",
        "account_update",
    ]
    error, template, account = batch.notices
    assert (error.code, error.failure) == ("131042", FailureClass.PAUSE_SENDER)
    assert error.occurred_at == at(0)
    assert template.raw["new_category"] == "MARKETING"
    assert account.detail == "DISABLED_UPDATE"
    assert [(item.where, item.why) for item in batch.unknown] == [
        ("field:something_of_next_year", "unknown_value")
    ]
    assert batch.unknown[0].raw["value"] == {"answer": 42}


@pytest.mark.parametrize("name", ["webhook_statuses", "webhook_inbound", "webhook_account"])
def test_keys_are_unique_and_repeat_with_the_call(sample, name):
    def keys(batch):
        items = (*batch.events, *batch.inbound, *batch.notices, *batch.unknown)
        return [item.key for item in items]

    first, again = (keys(parse_webhook(sample(name))) for _ in range(2))
    assert first == again
    assert len(set(first)) == len(first)


def test_notices_of_two_moments_are_two(sample):
    earlier, later = sample("webhook_account"), sample("webhook_account")
    later["entry"][0]["time"] += 60
    keys = [{notice.key for notice in parse_webhook(it).notices} for it in (earlier, later)]
    assert not keys[0] & keys[1]


def test_played_means_read():
    (event,) = parse_webhook(status_payload("wamid.1", "played")).events
    assert (event.state, event.key) == ("read", "wamid.1:played")


def test_failed_without_a_reason():
    item = {**status("wamid.1", "failed"), "errors": []}
    (event,) = parse_webhook(envelope(messages_value(statuses=[item]))).events
    assert (event.state, event.failure, event.code) == ("failed", FailureClass.FIX_REQUEST, None)


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1764590400", at(0)),
        (1764590400, at(0)),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("²", None),
        ("9" * 30, None),
        (True, None),
        (1.5, None),
        ([], None),
    ],
)
def test_unreadable_instant_does_not_lose_the_news(timestamp, expected):
    item = {**status("wamid.1", "read"), "timestamp": timestamp}
    (event,) = parse_webhook(envelope(messages_value(statuses=[item]))).events
    assert (event.state, event.occurred_at) == ("read", expected)


@pytest.mark.parametrize(
    ("lists", "where", "why"),
    [
        ({"statuses": [{"status": "read"}]}, "status", "missing"),
        ({"statuses": [{"id": "wamid.1"}]}, "status", "missing"),
        ({"statuses": [{"id": "wamid.1", "status": "teleported"}]}, "status", "unknown_value"),
        ({"statuses": [{"id": 1, "status": ["read"]}]}, "status", "missing"),
        ({"statuses": ["read"]}, "statuses", "wrong_type"),
        ({"statuses": {"id": "wamid.1"}}, "statuses", "wrong_type"),
        ({"messages": [{"id": "wamid.1", "type": "text"}]}, "message", "missing"),
        ({"messages": [{"from": "5551999990001"}]}, "message", "missing"),
        ({"messages": "SAIR"}, "messages", "wrong_type"),
        ({"contacts": 5}, "contacts", "wrong_type"),
        ({"errors": [None]}, "errors", "wrong_type"),
        ({"message_echoes": [{}]}, "value", "unknown_value"),
    ],
)
def test_odd_parts_are_kept_and_the_rest_is_read(lists, where, why):
    payload = envelope(messages_value(**lists), messages_value(statuses=[status("w", "read")]))
    batch = parse_webhook(payload)
    assert [(item.where, item.why) for item in batch.unknown] == [(where, why)]
    assert [event.key for event in batch.events] == ["w:read"]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        5,
        "text",
        [],
        {},
        b"",
        b"\xff",
        b"{",
        b'{"object": "page", "entry": []}',
        b"[" * 100_000,
        b"9" * 10_000,
        {"object": "whatsapp_business_account"},
        {"object": "whatsapp_business_account", "entry": {}},
        {"object": "whatsapp_business_account", "entry": [5]},
        {"object": "whatsapp_business_account", "entry": [{"id": "1"}]},
        {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": 5}]}]},
        {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": 5}]}]},
    ],
)
def test_odd_payloads_are_kept(payload):
    batch = parse_webhook(payload)
    assert len(batch.unknown) == 1
    assert (batch.events, batch.inbound, batch.notices) == ((), (), ())


@pytest.mark.parametrize("odd", [None, 5, True, "x", [], {}, [None], {"id": {}}, 1e400])
@pytest.mark.parametrize("name", ["webhook_statuses", "webhook_inbound", "webhook_account"])
def test_no_wrong_type_anywhere_raises(sample, name, odd):
    """Every value of every sample, one at a time, replaced by something else."""
    original = sample(name)

    def spots(data, path=()):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for step, value in items:
            yield (*path, step)
            if isinstance(value, dict | list):
                yield from spots(value, (*path, step))

    for path in list(spots(original)):
        changed = copy.deepcopy(original)
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = odd
        batch = parse_webhook(changed)
        for event in batch.events:
            assert isinstance(event.provider_id, str)
            assert event.state in ("sent", "delivered", "read", "failed")
        for item in batch.inbound:
            assert isinstance(item.text, str)
            assert item.sender or item.sender_id


def test_bottomless_nesting_is_cut():
    deep = []
    for _ in range(5000):
        deep = [deep]
    (item,) = parse_webhook(envelope(messages_value(oddity=deep))).unknown
    assert len(json.dumps(item.raw)) < 200


def test_what_is_kept_can_be_stored():
    """PostgreSQL takes neither NUL nor lone surrogates in text, nor NaN in JSON."""
    body = json.dumps(inbound_text("wamid.1", "a\x00b\ud800c", name="M\x00"))
    body = body.replace('"1764590400"', '"1764590400", "odd": NaN, "deep": ' + "[" * 60 + "]" * 60)
    (item,) = parse_webhook(body.encode()).inbound
    assert (item.text, item.profile_name) == ("ab?c", "M")
    stored = json.dumps(dict(item.raw), allow_nan=False)
    assert "\\u0000" not in stored
    assert "\\ud800" not in stored
    assert item.raw["odd"] is None


def inbound_of(**message):
    message = {"from": "555199990001", "id": "wamid.IN", "timestamp": "1764590400", **message}
    (item,) = parse_webhook(envelope(messages_value(messages=[message]))).inbound
    return item


def test_changed_and_taken_back():
    inner = {"type": "text", "text": {"body": "SAIR"}}
    item = inbound_of(type="edit", edit={"original_message_id": "wamid.OLD", "message": inner})
    assert (item.kind, item.text, item.context_id, item.is_reply) == (
        "edit",
        "SAIR",
        "wamid.OLD",
        False,
    )
    item = inbound_of(type="revoke", revoke={"original_message_id": "wamid.OLD"})
    assert (item.kind, item.text, item.context_id, item.is_reply) == (
        "revoke",
        "",
        "wamid.OLD",
        False,
    )
    item = inbound_of(type="reaction", reaction={"message_id": "wamid.OLD"})
    assert (item.kind, item.text, item.context_id) == ("reaction", "", "wamid.OLD")
    item = inbound_of(type="unsupported", errors=[{"code": 131051}], unsupported={"type": "poll"})
    assert (item.kind, item.is_reply) == ("unsupported", False)


def test_what_is_no_text_is_put_into_words():
    form = {"flow_token": "secret", "day": "2026-02-13", "parts": ["1", "2"], "note": ""}
    reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(form)}
    item = inbound_of(type="interactive", interactive={"type": "nfm_reply", "nfm_reply": reply})
    assert (item.text, item.is_reply) == ("day: 2026-02-13\nparts: 1, 2", True)
    place = {"latitude": -23.55, "longitude": -46.63, "name": "Casa", "address": "Rua A, 1"}
    item = inbound_of(type="location", location=place)
    assert item.text == "Casa, Rua A, 1 (-23.55, -46.63)"
    cards = [{"name": {"formatted_name": "Rita"}, "phones": [{"phone": "+55 11 96000-0002"}]}]
    item = inbound_of(type="contacts", contacts=cards)
    assert item.text == "Rita: +55 11 96000-0002"


def preferences(*items, contacts=()):
    value = messages_value(contacts=list(contacts), user_preferences=list(items))
    return envelope(value, field="user_preferences")


def test_offers_refused_in_whatsapp_itself():
    stop = {
        "wa_id": "555199990001",
        "detail": "User requested to stop marketing messages",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": 1764590400,
    }
    resume = {"user_id": "BR.1", "category": "marketing_messages", "value": "resume"}
    batch = parse_webhook(preferences(stop, resume))
    assert (batch.notices, batch.unknown) == ((), ())
    first, second = batch.inbound
    assert (first.kind, first.wish, first.sender) == ("preference", "stop_offers", "555199990001")
    assert (first.received_at, first.is_reply) == (at(0), False)
    assert first.addressee_id == "106540352242922"
    assert (second.wish, second.sender, second.sender_id) == ("resume_offers", None, "BR.1")
    assert first.key != second.key
    assert parse_webhook(preferences(stop)).inbound[0].key == first.key


def test_preferences_nobody_knows_are_kept():
    odd = {"wa_id": "555199990001", "category": "utility_messages", "value": "stop"}
    batch = parse_webhook(preferences(odd, {"value": "stop"}, "odd"))
    assert batch.inbound == ()
    assert len(batch.unknown) == 3


def test_changed_id_without_a_number():
    system = {
        "type": "user_changed_user_id",
        "body": "Maria changed",
        "user_id": "BR.NEW",
        "previous_user_id": "BR.OLD",
    }
    message = {"id": "wamid.IN", "timestamp": "1764590400", "type": "system", "system": system}
    (item,) = parse_webhook(envelope(messages_value(messages=[message]))).inbound
    assert (item.sender, item.sender_id, item.new_sender_id) == (None, "BR.OLD", "BR.NEW")
    assert (item.kind, item.new_sender, item.is_reply) == ("system", None, False)
