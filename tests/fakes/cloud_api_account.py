"""What the stand-in for the Cloud API knows about the account: number, templates, files."""

import hashlib
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class File:
    """A file as it was uploaded, or as a person sent it."""

    filename: str
    mime_type: str
    content: bytes = field(repr=False)


def answer_to(server: Any, parts: Any) -> dict[str, Any]:
    """The regular answer to a GET."""
    last = parts.path.rsplit("/", 1)[-1]
    query = parse_qs(parts.query)
    if last == "message_templates":
        return _templates(server, query)
    if last in server.media:
        return _media_url(server, last)
    if "username" in query.get("fields", [""])[0]:
        return {"id": last, "username": "loja.de.teste", "name": "Loja de teste"}
    return {
        "id": last,
        "display_phone_number": "+55 51 3333-0000",
        "verified_name": "Loja de teste",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        **server.number,
    }


def _templates(server: Any, query: dict[str, list[str]]) -> dict[str, Any]:
    start = int(query.get("after", ["0"])[0])
    size = min(server.page_size, int(query["limit"][0]))
    end = start + size
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(server.templates):
        paging["next"] = f"{server.url}/next?after={end}"
    return {"data": server.templates[start:end], "paging": paging}


def _media_url(server: Any, media_id: str) -> dict[str, Any]:
    file = server.media[media_id]
    return {
        "messaging_product": "whatsapp",
        "url": f"{server.url}/_media/{media_id}",
        "mime_type": file.mime_type,
        "sha256": hashlib.sha256(file.content).hexdigest(),
        "file_size": len(file.content),
        "id": media_id,
    }


def read_form(content_type: str, raw: bytes) -> dict[str, Any]:
    """The parts of a multipart form: texts, and the file as `File`."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    found: dict[str, Any] = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + raw).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        filename = part.get_filename()
        if filename:
            found[name] = File(filename, part.get_content_type(), content)
        else:
            found[name] = content.decode()
    return found


def as_record(form: dict[str, Any]) -> dict[str, Any]:
    """A form for the list of requests: the file by its name only."""
    return {
        name: value.filename if isinstance(value, File) else value for name, value in form.items()
    }


def a_template(
    name: str = "aviso_parcela",
    *parts: dict[str, Any],
    body: str = "Olá, {{1}}! Sua parcela {{2}} venceu. Obrigado.",
    **changes: Any,
) -> dict[str, Any]:
    """A template as Meta lists it: ``parts`` are components besides the body."""
    return {
        "id": str(abs(hash(name)) % 10**15),
        "name": name,
        "language": "pt_BR",
        "status": "APPROVED",
        "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "quality_score": {"score": "UNKNOWN"},
        "rejected_reason": "NONE",
        "components": [*parts, {"type": "BODY", "text": body}],
        **changes,
    }
