from odoo import models


class IrCron(models.Model):
    """Odoo runs its jobs in no language, which is English: ours speak the shop's."""

    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        model = self.env.registry.get(self.model_name)
        ours = model is not None and model._original_module == "optica_cobranca"
        job = self.with_context(lang=self.env.company._language()) if ours else self
        return super(IrCron, job)._callback(cron_name, server_action_id)
