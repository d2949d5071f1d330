from odoo import fields, models

PHONE_CHANNELS = ("whatsapp", "sms", "voice")


class ResPartner(models.Model):
    """A number that proved not to be the customer's: kept to be known, and not used any more."""

    _inherit = "res.partner"

    wrong_phone = fields.Char(
        string="Wrong Number",
        readonly=True,
        copy=False,
        help="Somebody else answered at this number. It is not called or written to any more.",
    )
    dunning_call_ids = fields.One2many(
        "dunning.call", "partner_id", groups="optica_cobranca.group_collector"
    )
    dunning_call_count = fields.Integer(
        string="Contacts",
        compute="_compute_figures",
        groups="optica_cobranca.group_collector",
    )

    # ------------------------------------------------------------- actions

    def action_view_dunning_calls(self):
        """Open what people said to this customer, and what came of it."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_call"
        )
        return {
            **action,
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
            "context": {},
        }

    # ------------------------------------------------------------ business

    def _dossier_sources(self):
        return {**super()._dossier_sources(), "dunning.call": self._call_events}

    def _call_events(self, calls):
        kind = self.env._("Call")
        return [
            self._event(
                call.started_at or call.create_date,
                kind,
                call.user_id.name,
                self._label(call, "result") if call._fields["result"].type == "selection" else "",
                call.note,
            )
            for call in calls
        ]

    # ------------------------------------------------------------ business

    def _phone_is_wrong(self):
        """Take the number out of use: of calls, of what waits in the outbox, of its consent."""
        self.ensure_one()
        self._note_wrong_phone(self.phone, False)
        purposes = ("collection", "service", "relationship", "marketing")
        self.env["contact.message"].sudo()._cancel_queued(self, purposes, "invalid_number")
        self._record_consent("opt_in", "opt_out", self._proof_of_wrong_number())

    def _phone_is_right(self, number):
        """Undo :meth:`_phone_is_wrong`, unless somebody has entered another number meanwhile."""
        self.ensure_one()
        if self.wrong_phone != number:
            return
        proof = self.env._("The number %s is the customer's after all.", number)
        self._record_consent("opt_out", "opt_in", proof, only=self._withdrawn_consents())
        self._note_wrong_phone(False, self.phone or number)

    def _note_wrong_phone(self, wrong, number):
        """With sudo: what proved to be wrong follows from a contact, and is nobody's to type."""
        self.write({"phone": number})
        self.sudo().wrong_phone = wrong

    def _record_consent(self, held, decision, proof, only=None):
        """Rows for each purpose and channel of the number whose latest decision is ``held``.

        What the customer allowed was allowed for a number; the rows are only ever added.
        """
        latest = self.env["contact.consent"]._latest_decisions(self.ids)
        purposes = ("marketing", "relationship", "service", "collection")
        self.env["contact.consent"].create(
            [
                {
                    "partner_id": self.id,
                    "purpose": purpose,
                    "channel": channel,
                    "decision": decision,
                    "proof": proof,
                }
                for purpose in purposes
                for channel in PHONE_CHANNELS
                if latest(self.id, purpose, channel) == held
                and (only is None or (purpose, channel) in only)
            ]
        )

    def _proof_of_wrong_number(self):
        return self.env._("The number %s is not the customer's.", self.wrong_phone)

    def _withdrawn_consents(self):
        """(purpose, channel) of what the current user withdrew today because of the number."""
        rows = self.env["contact.consent"].search(
            [
                ("partner_id", "=", self.id),
                ("decision", "=", "opt_out"),
                ("user_id", "=", self.env.uid),
                ("proof", "=", self._proof_of_wrong_number()),
            ]
        )
        return {(row.purpose, row.channel) for row in rows}
