from odoo import models


class ResCompany(models.Model):
    """Who works in the shop."""

    _inherit = "res.company"

    def _members(self, group):
        """People of a group (its external id) who work in this company.

        With sudo: who is in a group is not everybody's to read.
        """
        self.ensure_one()
        users = (
            self.env.ref(group)
            .sudo()
            .all_user_ids.filtered(
                lambda user: user.active and not user.share and self in user.company_ids
            )
        )
        return users - self.env.ref("base.user_root")

    def _alert_managers(self, record, summary, note):
        """A to-do on ``record`` for each manager of this company.

        With sudo: trouble may be found by whoever comes along, a customer too.
        """
        for user in self._members("optica_cobranca.group_manager"):
            record.sudo().activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id
            )
