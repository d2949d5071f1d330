"""A stand-in for Twilio. Shapes: Twilio's published twilio_api_v2010."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from tests.fakes.cloud_api_behaviour import Behaviour, answer
from tests.fakes.provider_server import ProviderServer, Request

ACCOUNT = "AC" + "0123456789abcdef" * 2
NUMBER = "+551150000000"


class TwilioServer(ProviderServer):
    channels = ("voice", "sms")
    secret = "twilio-token-0123456789"

    def settings(self, channel: str) -> dict[str, Any]:
        return {
            "base_url": self.url,
            "account_id": ACCOUNT,
            "access_token": self.secret,
            "sender": NUMBER,
            "channel": channel,
            "webhook_url": "https://loja.example/optica_cobranca/webhook/abc",
        }

    def lets_in(self, request: Request) -> bool:
        pair = base64.b64encode(f"{ACCOUNT}:{self.secret}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {pair}"

    def regular(self, request: Request) -> Behaviour:
        top = f"/2010-04-01/Accounts/{ACCOUNT}"
        if request.method == "GET" and request.path == f"{top}.json":
            return answer(200, {"sid": ACCOUNT, "status": "active", "friendly_name": "Otica Teste"})
        needed = {f"{top}/Calls.json": "Twiml", f"{top}/Messages.json": "Body"}.get(request.path)
        if needed is None:
            return refuse(20404, 404)
        if "To" not in request.body or needed not in request.body:
            return refuse(21604, 400)
        kind = "CA" if needed == "Twiml" else "SM"
        sid = f"{kind}{len(self.sent()):032x}"
        return answer(201, {"sid": sid, "status": "queued", "to": request.body["To"][0]})

    def refusal(self) -> Behaviour:
        return refuse(20003, 401)


def refuse(code: int, status: int = 400) -> Behaviour:
    """An error of Twilio's."""
    return answer(
        status,
        {
            "code": code,
            "message": f"Error {code}",
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        },
    )


def sign(url: str, form: Mapping[str, str], token: str = TwilioServer.secret) -> str:
    """The header ``X-Twilio-Signature``, worked out apart from the addon's own code."""
    text = url
    for name in sorted(form):
        text += name + form[name]
    mac = hmac.new(token.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def call_status(sid: str, status: str, **more: str) -> dict[str, str]:
    """The form Twilio posts about a call."""
    return {
        "CallSid": sid,
        "CallStatus": status,
        "AccountSid": ACCOUNT,
        "From": NUMBER,
        "To": "+5511960000001",
        "Direction": "outbound-api",
        "Timestamp": "Wed, 11 Feb 2026 15:01:02 +0000",
        **more,
    }
