from datetime import timedelta

from odoo import fields, models

from ..clients.base import IMAGE, TEXT, InboundMessage, Media, WebhookBatch
from ..clients.sandbox.sandbox import PROOF
from ..domain.shop import clock

# First name (or number and name of a stranger), hours ago, words, with a payment proof.
WORDS = (
    ("Tereza", 50, "Recebi o carnê, muito obrigada!", False),
    ("Felipe", 74, "Boa tarde. Dá para parcelar esse valor em mais vezes?", False),
    ("Fernanda", 5, "A lente do meu óculos riscou em uma semana de uso", False),
    ("Caio", 3, "Já paguei hoje cedo, segue o comprovante", True),
    ("Beatriz", 2, "Oi! Perdi o carnê. Pode me mandar a segunda via?", False),
    ("Antônio", 1, "Bom dia, recebi o aviso.", False),
    ("Antônio", 0.9, "Pago na sexta-feira sem falta", False),
    (("5511955551234", "Rita"), 0.5, "Oi, aqui é a Rita. Meus óculos já ficaram prontos?", False),
)
ANSWERED = ("Fernanda", "Que chato, Fernanda! A garantia cobre. Pode trazer hoje até as 18h?")
CLOSED = "Tereza"


class DemoShop(models.AbstractModel):
    """What customers wrote to the demo shop: one conversation of each kind waits in the inbox."""

    _inherit = "optica.demo.shop"

    def _converse(self, collector):
        """Let customers write by the way a webhook goes, and answer some of them."""
        gateway = self.env["contact.gateway"].search(
            [("company_id", "=", self.env.company.id), ("provider", "=", "sandbox")], limit=1
        )
        events = self.env["contact.event"].sudo()
        events._take_in(gateway, WebhookBatch(inbound=tuple(self._words())))
        self._fetch_proofs(gateway)
        threads = self.env["contact.thread"].with_user(collector)
        by_name = {
            thread.name.split()[0]: thread
            for thread in threads.search([("gateway_id", "=", gateway.id)])
            if thread.partner_id
        }
        first_name, answer = ANSWERED
        by_name[first_name].inbox_reply(answer)
        by_name[CLOSED].action_close()
        by_name["Caio"].action_assign(collector.id)

    def _words(self):
        now = clock.aware(fields.Datetime.now())
        for index, (who, hours, text, with_proof) in enumerate(WORDS):
            number, name = who if isinstance(who, tuple) else (self._number_of(who), "")
            yield InboundMessage(
                provider_id=f"sandbox.demo.{index}",
                sender=number,
                sender_id=None,
                profile_name=name,
                kind=IMAGE if with_proof else TEXT,
                text=text,
                received_at=now - timedelta(hours=hours),
                media=Media(PROOF, "image/png") if with_proof else None,
            )

    def _number_of(self, first_name):
        return self._customer(first_name)._contact_number().lstrip("+")

    def _fetch_proofs(self, gateway):
        """What the job does, but for its commits: the installation is one transaction."""
        waiting = self.env["contact.event"].sudo()
        for event in waiting.search(
            [("gateway_id", "=", gateway.id), ("media_state", "=", "waiting")]
        ):
            event._take_file(event._download())
