from datetime import timedelta

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.claims.dunning_dispute_customer import PHOTO_BYTES, PHOTOS, PHOTOS_AN_HOUR
from .customer_access import ROWS_PER_PAGE, customer_page, day_of, ids_in
from .customer_agreement import proof, refusals_of

# One photo too many and one too large are told so by a sentence; more is no form of ours.
MOST_BYTES_OF_PHOTOS = (PHOTOS + 2) * PHOTO_BYTES
SAID = ("promise", "extension", "request", "dispute")


class SayPages(http.Controller):
    """What the customer says: I pay on that day, I need another day, this is why I do not pay."""

    @customer_page("/promise")
    def customer_promise(self, access, **_params):
        """Choose the day."""
        return _promise_page(access)

    @customer_page("/promise", methods=["POST"])
    def customer_promise_save(self, access, day="", note="", **_params):
        """Register the promise; reminders rest until then."""
        with refusals_of() as refusals:
            late = _late(access)
            # With nothing left to promise the register says what was promised already.
            lines = _one_shop(access.to_promise(late) or late)
            access.env["dunning.promise"]._promise_by_customer(
                access.partner, lines, _day(day), note, proof(access)
            )
        if refusals:
            return _promise_page(access, day=day, note=note, problem=refusals[0])
        return access.redirect("/said", what="promise")

    @customer_page("/extend")
    def customer_extend(self, access, **_params):
        """Choose installments and their new day."""
        return _extend_page(access)

    @customer_page("/extend", methods=["POST"])
    def customer_extend_save(self, access, day="", reason="", **_params):
        """Granted at once within the plan's limits, else asked of the shop."""
        extensions = None
        chosen = access.chosen()
        with refusals_of() as refusals:
            extensions = access.env["crediario.extension"]._ask_by_customer(
                _one_shop(chosen), _day(day), reason, proof(access)
            )
        if refusals:
            return _extend_page(access, day=day, reason=reason, problem=refusals[0])
        is_asked = any(extension.state == "to_approve" for extension in extensions)
        return access.redirect("/said", what="request" if is_asked else "extension")

    @customer_page("/dispute")
    def customer_dispute(self, access, **_params):
        """Say why it is not paid."""
        return _dispute_page(access)

    @customer_page("/dispute", methods=["POST"], max_content_length=MOST_BYTES_OF_PHOTOS)
    def customer_dispute_save(self, access, reason="", note="", **_params):
        """Register the reason with its photos."""
        lines = access.chosen() or _late(access)
        photos = _photos()
        # Before what a refusal undoes: refused photos are counted, too.
        sent = access.env["crediario.link.miss"]._count_photos(access.partner, len(photos))
        with refusals_of() as refusals:
            if photos and sent > PHOTOS_AN_HOUR:
                raise UserError(
                    request.env._(
                        "You sent %(count)s photos in this hour. Send more in an hour, or call "
                        "the shop.",
                        count=PHOTOS_AN_HOUR,
                    )
                )
            access.env["dunning.dispute"]._dispute_by_customer(
                access.partner,
                _one_shop(lines),
                _reason(access, reason),
                note,
                photos,
                proof(access),
            )
        if refusals:
            return _dispute_page(access, note=note, problem=refusals[0])
        return access.redirect("/said", what="dispute")

    @customer_page("/said")
    def customer_said(self, access, what="", **_params):
        """Thanks, and what happens next."""
        if what not in SAID:
            raise NotFound()
        return access.render("optica_cobranca.customer_said", {"what": what})


def _promise_page(access, **values):
    Promise = access.env["dunning.promise"]
    lines = access.to_promise(_late(access))
    company = lines.company_id[:1]
    lines = lines.filtered(lambda line: line.company_id == company)
    with refusals_of() as refusals:
        Promise._check_promises_kept(access.partner, company)
    return access.render(
        "optica_cobranca.customer_promise",
        {
            "rows": access.rows(lines),
            "latest": lines and Promise._latest_by_customer(lines),
            "may_promise": bool(lines) and not refusals,
            "problem": refusals[0] if lines and refusals else None,
            "day": "",
            "note": "",
            **values,
        },
    )


def _extend_page(access, **values):
    return access.render(
        "optica_cobranca.customer_extend",
        {
            **_rows_to_tick(access, access.told["extensions"]._asked_about()),
            "earliest": access.today + timedelta(days=1),
            "day": "",
            "reason": "",
            **values,
        },
    )


def _dispute_page(access, **values):
    reasons = access.env["dunning.dispute.reason"].search([])
    return access.render(
        "optica_cobranca.customer_dispute",
        {
            **_rows_to_tick(access),
            "reasons": reasons,
            "most_photos": PHOTOS,
            "most_bytes": PHOTO_BYTES,
            "note": "",
            **values,
        },
    )


def _late(access):
    """What is to pay now, else everything that is open, with sudo."""
    lines = access.open_lines()
    return access.due_lines(lines) or lines.sudo()


def _one_shop(lines):
    if len(lines.company_id) > 1:
        raise UserError(request.env._("Choose the installments of one shop."))
    if not lines:
        raise UserError(request.env._("Choose at least one installment."))
    return lines


def _day(text):
    day = day_of(text)
    if not day:
        raise UserError(request.env._("Choose a day."))
    return day


def _reason(access, text):
    reasons = access.env["dunning.dispute.reason"].search([])
    found = reasons.filtered(lambda reason: str(reason.id) == text)
    if not found:
        raise UserError(request.env._("Choose a reason."))
    return found


def _photos():
    """Contents of the pictures sent; of each only so much is read as tells that it is too large."""
    files = request.httprequest.files.getlist("photo")
    return [
        content
        for content in (file.read(PHOTO_BYTES + 1) for file in files[: PHOTOS + 1])
        if content
    ]


def _rows_to_tick(access, without=()):
    """The oldest of the open installments and those that were asked for.

    :param without: what is not offered, pairs (contract's id, number)
    """
    asked = ids_in(request.httprequest.values.getlist("installment"))
    lines = access.open_lines()
    if without:
        lines = lines.filtered(
            lambda line: (line.move_id.id, line.installment_number) not in without
        )
    shown = lines[:ROWS_PER_PAGE] | lines.filtered(lambda line: line.id in asked)
    return {
        "rows": access.rows(shown.with_prefetch()),
        "chosen": asked,
        "not_shown": len(lines - shown),
    }
