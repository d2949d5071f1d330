"""Where installments change: their Pix codes must not ask any more for what is no longer owed."""

from odoo import api, models

from .pix_charge import LIVE


class PixCharge(models.Model):
    """Charges that hear of their installments."""

    _inherit = "pix.charge"

    @api.model
    def _note_settled(self, lines):
        """Something was paid or credited: codes over more than is left are withdrawn.

        With sudo: whoever books a payment need not see charges.
        """
        charges = self.sudo().search([("line_ids", "in", lines.ids), ("state", "in", LIVE)])
        static = charges.filtered(lambda charge: charge.kind == "static")
        static.filtered(lambda charge: charge._is_settled()).state = "paid"
        # Static codes follow the debt whenever somebody asks for one.
        follow = static.filtered(lambda charge: not charge.line_ids.closing_agreement_id)
        (charges - follow)._close()

    @api.model
    def _note_withdrawn(self, lines):
        """Their contract or agreement is not in force any more.

        With sudo: whoever cancels an entry need not see charges.
        """
        self.sudo().search([("line_ids", "in", lines.ids), ("state", "in", LIVE)])._close()

    @api.model
    def _note_moved(self, lines):
        """Due dates were moved: the bank gets the new ones.

        With sudo: whoever grants an extension need not see charges.
        """
        charges = self.sudo().search(
            [("line_ids", "in", lines.ids), ("state", "=", "active"), ("kind", "!=", "static")]
        )
        dated = charges.filtered(lambda charge: charge.kind == "cobv")
        (charges - dated)._close()
        if dated:
            dated.write({"todo": "revise", "tries": 0, "next_try_at": False})
            self.env.ref("optica_cobranca.cron_pix_charges").sudo()._trigger()


class AccountMove(models.Model):
    """Contracts and agreements in draft, or cancelled."""

    _inherit = "account.move"

    def button_draft(self):
        """Codes of what is not owed are withdrawn."""
        result = super().button_draft()
        installments = self.line_ids.filtered("crediario_plan_id")
        if installments:
            self.env["pix.charge"]._note_withdrawn(installments)
        return result


class AccountPartialReconcile(models.Model):
    """Money reached installments, by whatever way."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Codes of what was paid are withdrawn."""
        partials = super().create(vals_list)
        lines = partials.debit_move_id.filtered("crediario_plan_id")
        if lines:
            self.env["pix.charge"]._note_settled(lines)
        return partials


class CrediarioExtension(models.Model):
    """A moved due date reaches the bank."""

    _inherit = "crediario.extension"

    def _move_due_date(self, line, due):
        moved = super()._move_due_date(line, due)
        self.env["pix.charge"]._note_moved(line)
        return moved
