"""Where installments change: their Pix codes must not ask any more for what is no longer owed."""

from odoo import api, models


class PixCharge(models.Model):
    """Charges that hear of their installments."""

    _inherit = "pix.charge"

    @api.model
    def _note_settled(self, lines):
        """Something was paid or credited: codes over more than is left are withdrawn.

        With sudo: whoever books a payment need not see charges.
        """
        charges = self.sudo().search(
            [("line_ids", "in", lines.ids), ("state", "in", ("new", "active"))]
        )
        for charge in charges:
            lines = charge.line_ids
            if charge.kind == "static":
                # Static codes follow the debt whenever somebody asks for one.
                if all(line.amount_residual <= 0 for line in lines):
                    charge.state = "paid"
            else:
                charge._close()

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
