"""Files to and from WhatsApp: upload before a message, download after one."""

import hashlib
import re
import threading

from ...domain.messaging.message_states import FailureClass
from ..base import FAILED, ClientError, Media, OutgoingFile, SendResult
from ..http.remote import FetchedMedia
from ..http.transport import Answer, HttpDoor, NoAnswer, NotSent
from ..http.untrusted import text_of
from ..media_kinds import MAX_ANY, MAX_BYTES, is_taken, real_type
from .whatsapp_answers import why_not

# Where Meta keeps the files of people; the token goes nowhere else.
META_HOSTS = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "cdninstagram.com")
_MEDIA_ID = re.compile(r"[0-9A-Za-z_-]{1,200}", re.ASCII)


class MediaShelf:
    """Uploads each file once for as long as the client lives, from any number of threads."""

    def __init__(self, door: HttpDoor, path: str):
        self._door = door
        self._path = path
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._ids: dict[str, str] = {}

    def id_of(self, file: OutgoingFile) -> str | SendResult:
        """The provider's id of a file, or why there is none.

        An upload reaches nobody: whatever went wrong with it, the message has not left.
        """
        key = _digest(file)
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            known = self._ids.get(key)
            if known:
                return known
            found = self._upload(file)
            if isinstance(found, str):
                self._ids[key] = found
            return found

    def forget(self, file: OutgoingFile) -> None:
        """The provider has lost the file: it is uploaded again."""
        self._ids.pop(_digest(file), None)

    def _upload(self, file: OutgoingFile) -> str | SendResult:
        kind = real_type(file.content) or "application/octet-stream"
        form = {
            "messaging_product": (None, "whatsapp"),
            "type": (None, kind),
            "file": (file.filename or "file", file.content, kind),
        }
        try:
            answer = self._door.request("POST", f"{self._path}/media", form=form)
        except (NotSent, NoAnswer) as trouble:
            return SendResult(FAILED, failure=FailureClass.RETRY, code=f"media_{trouble.code}")
        given = text_of(answer.json(), "id")
        if answer.is_success and _MEDIA_ID.fullmatch(given):
            return given
        return why_not(answer, self._door.redacted)


def fetch_media(door: HttpDoor, version_path: str, media: Media) -> FetchedMedia:
    """Download a file that a person sent: ask for its address, then for its bytes.

    :param version_path: ``/v25.0``
    """
    if media.mime_type and not is_taken(media.mime_type):
        return _refused("kind_not_taken")
    url, told_digest = media.url, ""
    try:
        if not url:
            if not _MEDIA_ID.fullmatch(media.id):
                return _refused("bad_id")
            answer = door.request("GET", f"{version_path}/{media.id}")
            data = answer.json()
            url, told_digest = text_of(data, "url"), text_of(data, "sha256")
            if not answer.is_success or not url:
                return _failed(why_not(answer, door.redacted))
        answer = door.fetch(url, hosts=META_HOSTS, max_bytes=MAX_ANY)
    except ClientError as error:
        return _refused(error.code)
    except (NotSent, NoAnswer) as trouble:
        return FetchedMedia(False, failure=FailureClass.RETRY, code=trouble.code)
    return _checked(answer, told_digest, door)


def _checked(answer: Answer, told_digest: str, door: HttpDoor) -> FetchedMedia:
    if answer.problem == "answer_too_long":
        return _refused("too_large")
    if not answer.is_success or answer.body is None:
        failure = why_not(answer, door.redacted)
        # A file that broke off half way is worth another try.
        return _failed(failure, FailureClass.RETRY if answer.problem else None)
    kind = real_type(answer.body)
    if kind is None:
        return _refused("kind_not_taken")
    if len(answer.body) > MAX_BYTES[kind]:
        return _refused("too_large")
    digest = hashlib.sha256(answer.body).hexdigest()
    if len(told_digest) == len(digest) and told_digest.lower() != digest:
        return FetchedMedia(False, failure=FailureClass.RETRY, code="digest")
    return FetchedMedia(True, answer.body, kind)


def _refused(code: str) -> FetchedMedia:
    return FetchedMedia(False, failure=FailureClass.FIX_REQUEST, code=code)


def _failed(result: SendResult, failure: FailureClass | None = None) -> FetchedMedia:
    return FetchedMedia(
        False, failure=failure or result.failure, code=result.code, detail=result.detail
    )


def _digest(file: OutgoingFile) -> str:
    return hashlib.sha256(file.filename.encode() + b"\0" + file.content).hexdigest()
