"""What appears in the corner of the screen after a button: actions of the web client."""

RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}
CLOSE = {"type": "ir.actions.act_window_close"}


def notification(message, kind="success", title="", *, stays=False, then=RELOAD):
    """A message of a ``kind`` (success, warning, danger), and what happens next, if anything."""
    params = {"type": kind, "message": message, "sticky": stays}
    if title:
        params["title"] = title
    if then:
        params["next"] = then
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}


def outcome(ok, title, message):
    """Green and passing, or red and staying."""
    return notification(message, "success" if ok else "danger", title, stays=not ok)


def done_with_undo(message, records, method):
    """A message with a button that takes back what was done to ``records``: calls ``method``."""
    params = {"message": message, "model": records._name, "method": method, "ids": records.ids}
    return {"type": "ir.actions.client", "tag": "optica_cobranca.done_with_undo", "params": params}


def download(url):
    """A file for the user; the screen that asked for it is read again."""
    return {
        "type": "ir.actions.client",
        "tag": "optica_cobranca.download",
        "params": {"url": url},
    }
