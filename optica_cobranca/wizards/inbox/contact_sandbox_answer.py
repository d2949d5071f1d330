from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.inbox.contact_thread import WRITTEN_CHANNELS

SAMPLES = [
    ("pago sexta", "Pago sexta-feira sem falta"),
    ("boleto", "Pode me mandar a segunda via do boleto?"),
    ("acordo", "Dá para fazer um acordo e parcelar?"),
    ("paguei", "Já paguei, segue o comprovante"),
    ("defeito", "Meus óculos vieram com defeito"),
    ("engano", "Número errado, não conheço essa pessoa"),
    ("sair", "SAIR"),
]


class ContactSandboxAnswer(models.TransientModel):
    """Play what a customer might answer: a sandbox takes it by the same way as a webhook."""

    _name = "contact.sandbox.answer"
    _description = "Play an Answer"

    message_id = fields.Many2one("contact.message", readonly=True, ondelete="cascade")
    thread_id = fields.Many2one("contact.thread", readonly=True, ondelete="cascade")
    sample = fields.Selection(SAMPLES, default=SAMPLES[0][0], string="For Example")
    text = fields.Text(
        compute="_compute_text", store=True, readonly=False, precompute=True, required=True
    )
    with_proof = fields.Boolean("With a Payment Proof", help="A picture comes with the words.")

    @api.depends("sample")
    def _compute_text(self):
        texts = dict(SAMPLES)
        for wizard in self:
            wizard.text = texts.get(wizard.sample) or wizard.text or ""

    # ------------------------------------------------------------- actions

    def action_play(self):
        """The answer arrives; the inbox opens on the conversation."""
        self.ensure_one()
        gateway, sender, context_id = self._way()
        if gateway.sudo().provider != "sandbox" or gateway.channel not in WRITTEN_CHANNELS:
            raise UserError(self.env._("Only customers of a sandbox can be played."))
        # Nobody may write events; a sandbox is made for trying this out.
        event = (
            self.env["contact.event"]
            .sudo()
            ._play_answer(gateway.sudo(), sender, self.text, self.with_proof, context_id)
        )
        action = self.env["ir.actions.actions"]._for_xml_id("optica_cobranca.action_contact_inbox")
        return {**action, "params": {"thread_id": event.thread_id.id}}

    # ------------------------------------------------------------- helpers

    def _way(self):
        """Gateway, sender and answered message; readable by whoever may read the source."""
        source = self.message_id or self.thread_id
        source.check_access("read")
        if self.message_id:
            return source.gateway_id, source.wa_id or source.address, source.provider_id
        event = source.sudo().event_ids.sorted("occurred_at")[-1:]
        return source.gateway_id, event.wa_id, None
