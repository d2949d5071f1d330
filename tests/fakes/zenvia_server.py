"""A stand-in for Zenvia v2. Shapes: zenvia/zenvia-openapi-spec."""

from typing import Any

from tests.fakes.cloud_api_behaviour import Behaviour, answer
from tests.fakes.provider_server import ProviderServer, Request


class ZenviaServer(ProviderServer):
    channels = ("sms", "whatsapp", "voice")
    secret = "zenvia-token-0123456789"

    def settings(self, channel: str) -> dict[str, Any]:
        return {
            "base_url": f"{self.url}/v2",
            "sender": "otica",
            "access_token": self.secret,
            "channel": channel,
        }

    def lets_in(self, request: Request) -> bool:
        return request.headers.get("X-API-TOKEN") == self.secret

    def regular(self, request: Request) -> Behaviour:
        if request.path == "/v2/subscriptions":
            return answer(200, [] if request.method == "GET" else {"id": "subscription-1"})
        if request.path not in {f"/v2/channels/{channel}/messages" for channel in self.channels}:
            return refuse("NOT_FOUND", 404)
        missing = {"from", "to", "contents"} - set(request.body)
        if missing:
            return refuse("VALIDATION_ERROR", 400, *sorted(missing))
        number = len(self.sent())
        return answer(200, {**request.body, "id": f"zenvia-{number}", "direction": "OUT"})

    def refusal(self) -> Behaviour:
        return refuse("AUTHENTICATION_ERROR", 401)


def refuse(code: str, status: int, *missing: str) -> Behaviour:
    """An error of Zenvia's."""
    details = [{"code": "MISSING", "path": path, "message": "is missing"} for path in missing]
    body = {"code": code, "message": f"It is {code.lower()}", "details": details}
    return answer(status, body)


def status_event(provider_id: str, code: str, *, reference: str = "", **more: Any) -> dict:
    """What Zenvia posts about a message."""
    return {
        "id": f"event-{provider_id}-{code}",
        "timestamp": "2026-02-11T15:01:02.5Z",
        "type": "MESSAGE_STATUS",
        "subscriptionId": "subscription-1",
        "channel": more.pop("channel", "sms"),
        "message": {"id": provider_id, "externalId": reference, "to": "5511960000001"},
        "messageStatus": {
            "timestamp": "2026-02-11T15:01:02Z",
            "code": code,
            "description": "As it went",
            "causes": more.pop("causes", []),
        },
        **more,
    }


def inbound_event(text: str, sender: str = "5511960000001") -> dict:
    """What Zenvia posts when a customer writes."""
    return {
        "id": "event-in",
        "timestamp": "2026-02-11T15:05:00Z",
        "type": "MESSAGE",
        "channel": "sms",
        "message": {
            "id": "zenvia-in",
            "from": sender,
            "to": "otica",
            "direction": "IN",
            "contents": [{"type": "text", "text": text}],
            "visitor": {"name": "Maria"},
        },
    }
