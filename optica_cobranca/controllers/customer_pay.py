import re

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.crediario.account_move_line import quote_rows, quote_totals
from .customer_access import OPEN, ROWS_PER_PAGE, customer_page, ids_in, page_number

# Sets that are worked out here, so that their addresses stay short whatever is in them.
CHARGE = re.compile(r"[0-9A-Za-z-]{1,64}")
LATE, EVERYTHING, CONTRACT = "late", "all", "contract"


class PayPages(http.Controller):
    """Choose what to pay, see what it costs today, pay it."""

    @customer_page("/choose", "/choose/page/<int:page>")
    def customer_choose(self, access, page=1, **_params):
        """A page of what is open, with a box each; what was ticked on other pages is one box more.

        What is late or due is ticked until the customer sends a choice of his own.
        """
        lines = access.open_lines().sudo()
        is_sent = "installment" in request.httprequest.args
        ticked = access.chosen() if is_sent else access.due_lines(lines)
        pager = portal_pager(
            access.url("/choose"), len(lines), page_number(page), step=ROWS_PER_PAGE
        )
        offset = pager["offset"]
        shown = lines[offset : offset + ROWS_PER_PAGE].with_prefetch()
        elsewhere = ticked - shown
        amounts = (shown + elsewhere)._amounts_today(access.today)
        return access.render(
            "optica_cobranca.customer_choose",
            {
                "quote": quote_rows(shown._payment_quote(access.today, amounts, alone=True)),
                "late": {line.id for line in shown if amounts[line.id].days_charged},
                "ticked": set(ticked.ids),
                "pager": pager,
                "elsewhere": elsewhere,
                "elsewhere_totals": quote_totals(elsewhere._payment_quote(access.today, amounts)),
            },
        )

    @customer_page("/pay")
    def customer_pay(self, access, what=None, contract=None, **_params):
        """What was chosen, itemised: the last look before the code."""
        lines = _chosen(access, what, contract)
        return access.render(
            "optica_cobranca.customer_pay",
            {**_pay_values(access, lines), "chosen": _as_chosen(what, contract, lines)},
        )

    @customer_page("/pay/pix", methods=["POST"])
    def customer_pay_pix(self, access, what=None, contract=None, **_params):
        """Have the codes of what was chosen made, one for each shop that is owed.

        The bank's own where the shop has an account at one that works, else a static one. What
        was made already for the same choice is shown again.
        """
        lines = _chosen(access, what, contract)
        charges = access.env["pix.charge"]
        for of_company in lines.grouped("company_id").values():
            charges |= charges._charge_for(of_company, access.today)
        if lines and not charges:
            return access.render(
                "optica_cobranca.customer_pay_pix", {"charges": [], "takes_no_pix": True}
            )
        return access.redirect("/pay/code", charge=charges.mapped("uuid"))

    @customer_page("/pay/code")
    def customer_pay_code(self, access, **_params):
        """The Pix codes that were made; they are the customer's own, or do not exist."""
        charges = _charges(access)
        lines = charges.line_ids
        pages = [{"company": charge.company_id, **charge._page_values()} for charge in charges]
        waiting = [page["is_automatic"] for page in pages if page["state"] == "waiting"]
        return access.render(
            "optica_cobranca.customer_pay_pix",
            {
                "charges": pages,
                "is_waiting": bool(waiting),
                # A static code is confirmed by a person, later: nobody should wait for it.
                "is_watched": any(waiting),
                "creditors": charges.company_id or access.companies,
                "again_url": access.url("/pay", installment=lines.ids),
                "state_url": access.url("/pay/state", installment=lines.ids),
                "thanks_url": access.url("/thanks", installment=lines.ids),
            },
        )

    @customer_page("/pay/state")
    def customer_pay_state(self, access, **_params):
        """Whether what is on the screen was paid meanwhile, by whatever way."""
        left = access.chosen()
        return request.make_json_response({"state": "waiting" if left else "paid"})

    @customer_page("/thanks")
    def customer_thanks(self, access, **_params):
        """What was paid and its receipts."""
        lines = access.named()
        receipts = lines.receipt_line_ids.receipt_id.filtered(lambda r: r.state == "posted")
        return access.render(
            "optica_cobranca.customer_thanks",
            {
                "is_paid": not lines.filtered(lambda line: line.amount_residual > 0),
                "rows": lines._portal_values(access.today),
                "receipts": receipts.sorted("id", reverse=True),
                "left": access.count(("amount_residual", ">", 0)),
            },
        )


def _chosen(access, what, contract):
    """The open installments that the address names: a set, one contract's, or one by one.

    :raise NotFound: they are not the customer's own
    """
    if what == LATE:
        return access.due_lines(access.open_lines())
    if what == EVERYTHING:
        return access.open_lines().sudo()
    if what == CONTRACT:
        move = access.contract(next(iter(ids_in([contract])), 0))
        return access.find(*OPEN, ("move_id", "=", move.id)).sudo()
    return access.chosen()


def _as_chosen(what, contract, lines):
    """The choice as parameters of the next page's address."""
    if what in (LATE, EVERYTHING):
        return [("what", what)]
    if what == CONTRACT:
        return [("what", what), ("contract", contract)]
    return [("installment", "-".join(map(str, lines.ids)))]


def _pay_values(access, lines):
    quote = lines._payment_quote(access.today)
    return {
        **quote_values(quote),
        "lines": lines,
        "creditors": lines.company_id or access.companies,
    }


def quote_values(quote):
    """A page's values of what is paid: the first rows, the rest in one sum, and all together."""
    return {
        "quote": quote_rows(quote[:ROWS_PER_PAGE]),
        "not_shown": quote_totals(quote[ROWS_PER_PAGE:]),
        "totals": quote_totals(quote),
    }


def _charges(access):
    """The charges named in the address.

    :raise NotFound: one of them is not the customer's own
    """
    wanted = set(request.httprequest.args.getlist("charge"))
    if not all(CHARGE.fullmatch(uuid) for uuid in wanted):
        raise NotFound()
    charges = access.env["pix.charge"].search(
        [
            ("uuid", "in", list(wanted)),
            ("partner_id", "=", access.partner.id),
            ("company_id", "in", access.companies.ids),
        ]
    )
    if set(charges.mapped("uuid")) != wanted:
        raise NotFound()
    return charges
