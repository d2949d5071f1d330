from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..models.account_move_line_quote import quote_rows, quote_totals
from .customer_access import customer_page

# Sets that are worked out here, so that their addresses stay short whatever is in them.
LATE, EVERYTHING, CONTRACT = "late", "all", "contract"


class PayPages(http.Controller):
    """Choose what to pay, see what it costs today, pay it."""

    @customer_page("/choose")
    def customer_choose(self, access, **_params):
        """Everything that is open, with a box each."""
        lines = access.open_lines()
        return access.render(
            "optica_cobranca.customer_choose",
            {
                "rows": access.rows(lines),
                "quote": {
                    row["line"].id: row
                    for row in quote_rows(lines.sudo()._payment_quote(access.today))
                },
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

    @customer_page("/pay/pix")
    def customer_pay_pix(self, access, what=None, contract=None, **_params):
        """The Pix code of what was chosen, one for each shop that is owed."""
        lines = _chosen(access, what, contract)
        values = _pay_values(access, lines)
        return access.render(
            "optica_cobranca.customer_pay_pix",
            {
                **values,
                "charges": [
                    _pix(of_company, access.today)
                    for of_company in lines.grouped("company_id").values()
                ],
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
        late = {row["line"].id for row in access.rows() if row["status"] in ("late", "due")}
        return access.open_lines().sudo().filtered(lambda line: line.id in late)
    if what == EVERYTHING:
        return access.open_lines().sudo()
    if what == CONTRACT:
        if not (contract or "").isdecimal():
            raise NotFound()
        move = access.contract(int(contract))
        return access.open_lines().sudo().filtered(lambda line: line.move_id == move)
    return access.chosen()


def _as_chosen(what, contract, lines):
    """The choice as parameters of the next page's address."""
    if what in (LATE, EVERYTHING):
        return [("what", what)]
    if what == CONTRACT:
        return [("what", what), ("contract", contract)]
    return [("installment", line.id) for line in lines]


def _pay_values(access, lines):
    quote = lines._payment_quote(access.today)
    return {
        "quote": quote_rows(quote),
        "totals": quote_totals(quote),
        "creditors": lines.company_id or access.companies,
    }


def _pix(lines, on):
    """The code that pays these installments of one company.

    ``code`` is None where the shop takes no Pix; ``is_confirmed`` tells whether the bank reports
    the payment by itself.
    """
    quote = quote_totals(lines._payment_quote(on))
    code = lines._pix_code_of(quote["to_pay"])
    return {
        "company": lines.company_id,
        "amount": quote["to_pay"],
        "code": code,
        "image": code and request.env["crediario.paper"].sudo()._qr_image(code),
        "is_confirmed": False,
    }
