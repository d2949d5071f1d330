from datetime import date, timedelta

from odoo import fields, models

# customer | days ago it was said | days from today to the promised day | day of payment, if any
PROMISES = (
    ("Isabel", 2, 0, None),
    ("Leonardo", 12, -5, None),
    ("Igor", 8, -3, -4),
)
# customer | reason | days ago | what was said | how it ended, if it did
DISPUTES = (
    ("Fernanda", "defect", 1, "A lente riscou em uma semana de uso. Vai trazer os óculos.", None),
    (
        "Daniela",
        "late_delivery",
        2,
        "Os óculos eram para anteontem. Só paga quando receber.",
        None,
    ),
    (
        "Luciana",
        "wrong_charge",
        20,
        "Diz que pagou R$ 60,00 no balcão e que a parcela aparece inteira.",
        "Conferimos juntos: os R$ 60,00 estão lançados e a carta já mostrava só o que falta.",
    ),
)
# What the collector did on the phone this morning
NOT_REACHED, PROMISED = "Cláudio", "Larissa"


class DemoShop(models.AbstractModel):
    """What customers of the demo shop promised, and why others do not pay."""

    _inherit = "optica.demo.shop"

    def _hear(self, collector, today: date):
        """Promises that are due today, kept and broken; reasons for not paying."""
        for first_name, said, promised, paid in PROMISES:
            self._promise(collector, first_name, said, promised, paid, today)
        for first_name, code, days_ago, words, outcome in DISPUTES:
            self._dispute(collector, first_name, code, days_ago, words, outcome)
        self._call(collector, today)

    def _promise(self, collector, first_name, said, promised, paid, today):
        customer, company = self._customer(first_name), self.env.company
        said_on = today - timedelta(days=said)
        register = self.with_user(collector).env["dunning.promise"]
        promise = register._register_promise(
            customer, company, today + timedelta(days=promised), today=said_on
        )
        promise.sudo().registered_at -= timedelta(days=said)
        if paid is not None:
            cashier = self.env["crediario.cashier"]
            counter = cashier.browse(cashier._open(customer, promise.move_line_ids)["res_id"])
            counter.date = today + timedelta(days=paid)
            counter._load(promise.move_line_ids)
            counter.action_receive()
        promise._evaluate(today)

    def _dispute(self, collector, first_name, code, days_ago, words, outcome):
        reason = self.env.ref(f"optica_cobranca.dispute_reason_{code}")
        register = self.with_user(collector).env["dunning.dispute"]
        customer = self._customer(first_name)
        late = customer._open_installments().filtered(
            lambda line: line.installment_state == "overdue"
        )
        dispute = register._register_dispute(
            customer, self.env.company, reason, words, lines=late.with_env(register.env)
        )
        dispute.sudo().opened_at -= timedelta(days=days_ago)
        if outcome:
            dispute._close("rejected", outcome)

    def _call(self, collector, today):
        """Two customers of the work list, called by the collector."""
        work = self.with_user(collector).env["dunning.work"]
        now = fields.Datetime.now()
        started = fields.Datetime.to_string(now - timedelta(minutes=3))
        company = self.env.company
        work.record(
            self._customer(NOT_REACHED).id,
            company.id,
            "no_answer",
            {
                "opened_at": started,
                "call_again_at": fields.Datetime.to_string(now + timedelta(hours=3)),
            },
        )
        work.record(
            self._customer(PROMISED).id,
            company.id,
            "promise",
            {
                "opened_at": started,
                "date": fields.Date.to_string(today + timedelta(days=5)),
                "note": "Recebe na sexta. Prefere ligação, não quer mensagens.",
            },
        )
