"""A stand-in for a server of the Evolution API. Shapes: EvolutionAPI/evolution-api."""

from typing import Any

from tests.fakes.cloud_api_behaviour import Behaviour, answer
from tests.fakes.provider_server import ProviderServer, Request

INSTANCE = "otica"


class EvolutionServer(ProviderServer):
    channels = ("whatsapp",)
    secret = "evolution-key-0123456789"

    def __init__(self):
        super().__init__()
        self.state = "open"

    def settings(self, channel: str) -> dict[str, Any]:
        return {
            "base_url": self.url,
            "account_id": INSTANCE,
            "access_token": self.secret,
            "channel": channel,
        }

    def lets_in(self, request: Request) -> bool:
        return request.headers.get("apikey") == self.secret

    def regular(self, request: Request) -> Behaviour:
        if request.path == f"/instance/connectionState/{INSTANCE}":
            return answer(200, {"instance": {"instanceName": INSTANCE, "state": self.state}})
        if request.path == f"/webhook/set/{INSTANCE}":
            return answer(201, {"webhook": request.body["webhook"]})
        if request.path != f"/message/sendText/{INSTANCE}":
            return refuse(404, "The instance does not exist")
        number = len(self.sent())
        key = {
            "remoteJid": f"{request.body['number']}@s.whatsapp.net",
            "fromMe": True,
            "id": f"3EB0{number:08X}",
        }
        return answer(201, {"key": key, "status": "PENDING", "messageType": "conversation"})

    def refusal(self) -> Behaviour:
        return refuse(401, "Unauthorized")


def refuse(status: int, *messages: Any) -> Behaviour:
    """An error of the server's."""
    body = {"status": status, "error": "Error", "response": {"message": list(messages)}}
    return answer(status, body)


def event(name: str, **data: Any) -> dict[str, Any]:
    """What the server posts; it repeats its key in clear."""
    return {
        "event": name,
        "instance": INSTANCE,
        "data": data,
        "date_time": "2026-02-11T15:01:02.000Z",
        "sender": "551150000000@s.whatsapp.net",
        "server_url": "http://localhost:8080",
        "apikey": EvolutionServer.secret,
    }


def status_event(key_id: str, status: str) -> dict[str, Any]:
    """How far a message got."""
    return event(
        "messages.update",
        keyId=key_id,
        remoteJid="5511960000001@s.whatsapp.net",
        fromMe=True,
        status=status,
    )


def inbound_event(text: str, sender: str = "5511960000001", key_id: str = "IN1") -> dict[str, Any]:
    """What a customer wrote."""
    return event(
        "messages.upsert",
        key={"remoteJid": f"{sender}@s.whatsapp.net", "fromMe": False, "id": key_id},
        pushName="Maria",
        message={"conversation": text},
        messageType="conversation",
        messageTimestamp=1770822300,
    )
