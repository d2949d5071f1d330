from odoo import fields, models

EMPTY = (False, "", None)


class ResPartner(models.Model):
    """What happened with a customer's debt, one event a row, for dossier and index."""

    _inherit = "res.partner"

    # ------------------------------------------------------------ business

    def _dossier_events(self, company):
        """Everything in date order: ``date``, ``kind``, ``text``, ``amount`` (or None)."""
        events = [
            event
            for model, gather in self._dossier_sources().items()
            if model in self.env
            for event in gather(self._dossier_records(model, company))
        ]
        return sorted(events, key=lambda event: event["date"])

    # ------------------------------------------------------------- helpers

    def _dossier_sources(self):
        """By model: the function that turns its records into events."""
        return {
            "account.move": self._contract_events,
            "crediario.receipt": self._receipt_events,
            "crediario.extension": self._extension_events,
            "crediario.agreement": self._agreement_events,
            "dunning.notice": self._notice_events,
            "contact.message": self._message_events,
            "dunning.letter": self._letter_events,
            "dunning.promise": self._promise_events,
            "dunning.dispute": self._dispute_events,
            "dunning.call": self._call_events,
            "dunning.bureau.case": self._bureau_events,
            "dunning.handover": self._handover_events,
        }

    def _dossier_records(self, model, company):
        """With sudo: see ``_make_dossier``."""
        if model == "account.move":
            return self._dossier_contracts(company)
        domain = [
            ("partner_id.commercial_partner_id", "=", self.id),
            ("company_id", "=", company.id),
        ]
        return self.env[model].sudo().search(domain)

    def _event(self, date, kind, *text, amount=None):
        if hasattr(date, "hour"):
            date = fields.Datetime.context_timestamp(self, date).date()
        return {
            "date": date,
            "kind": kind,
            "text": ", ".join(str(part) for part in text if part not in EMPTY),
            "amount": amount,
        }

    def _label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    def _contract_events(self, moves):
        kind = self.env._("Contract")
        return [
            self._event(
                move.invoice_date or move.date,
                kind,
                move.contract_reference or move.name,
                self.env._("%s installments", len(move.installment_ids)),
                amount=sum(move.installment_ids.mapped("balance")),
            )
            for move in moves
        ]

    def _receipt_events(self, receipts):
        kind = self.env._("Payment")
        return [
            self._event(
                receipt.date,
                kind,
                receipt.name,
                self._label(receipt, "state"),
                amount=receipt.amount_received,
            )
            for receipt in receipts
        ]

    def _extension_events(self, extensions):
        kind = self.env._("Due date moved")
        return [
            self._event(
                extension.date or extension.create_date,
                kind,
                extension.display_name,
                self.env._(
                    "%(old)s to %(new)s",
                    old=fields.Date.to_string(extension.old_due_date),
                    new=fields.Date.to_string(extension.new_due_date),
                ),
                extension.reason,
                self._label(extension, "state"),
            )
            for extension in extensions
        ]

    def _agreement_events(self, agreements):
        kind = self.env._("Agreement")
        return [
            self._event(
                agreement.accepted_on or agreement.date,
                kind,
                agreement.name,
                self._label(agreement, "state"),
            )
            for agreement in agreements
        ]

    def _notice_events(self, notices):
        kind = self.env._("Notice")
        return [
            self._event(
                notice.date,
                kind,
                notice.level_id.name,
                self._label(notice, "state"),
                amount=notice.amount_total,
            )
            for notice in notices
        ]

    def _message_events(self, messages):
        return [
            self._event(
                message.sent_at or message.create_date,
                self.env._("Message by %s", self._label(message, "channel")),
                self._label(message, "state"),
                message.body,
            )
            for message in messages
            if message.purpose == "collection"
        ]

    def _letter_events(self, letters):
        kind = self.env._("Letter")
        return [
            self._event(
                letter.posted_on or letter.printed_at or letter.create_date,
                kind,
                self._label(letter, "kind"),
                self._label(letter, "state"),
                letter.tracking_code,
                (letter.address or "").replace("\n", ", "),
                amount=letter.amount or None,
            )
            for letter in letters
        ]

    def _promise_events(self, promises):
        kind = self.env._("Promise to pay")
        return [
            self._event(
                promise.registered_at or promise.create_date,
                kind,
                self.env._("for %s", fields.Date.to_string(promise.date)),
                self._label(promise, "state"),
                promise.note,
                amount=promise.amount,
            )
            for promise in promises
        ]

    def _dispute_events(self, disputes):
        kind = self.env._("Dispute")
        return [
            self._event(
                dispute.opened_at or dispute.create_date,
                kind,
                *self._dispute_words(dispute),
                self._label(dispute, "state"),
            )
            for dispute in disputes
        ]

    def _dispute_words(self, dispute):
        """What was said, unless it is about health: that stays in the record itself (LGPD 11)."""
        if dispute.is_health:
            return ()
        return (dispute.reason_id.name, dispute.description)

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

    def _bureau_events(self, cases):
        steps = {
            "approved_at": self.env._("Credit bureau: approved"),
            "notice_on": self.env._("Credit bureau: notice sent"),
            "proof_on": self.env._("Credit bureau: notice received"),
            "registered_on": self.env._("Credit bureau: registered"),
            "removed_on": self.env._("Credit bureau: removed"),
        }
        return [
            self._event(case[name], kind, case.reference(), amount=case.amount)
            for case in cases
            for name, kind in steps.items()
            if case[name]
        ]

    def _handover_events(self, handovers):
        steps = {
            "handed_over_on": self.env._("Agency: handed over"),
            "returned_on": self.env._("Agency: taken back"),
        }
        return [
            self._event(handover[name], kind, handover.agency_id.name, amount=handover.amount)
            for handover in handovers
            for name, kind in steps.items()
            if handover[name]
        ]
