from odoo import api, fields, models
from odoo.tools import SQL

# Set once what was told before words of collection were marked is marked, too.
MARKED = "optica_cobranca.words_of_before_are_marked"
_ABOUT = SQL(
    """
    WITH about AS (
        SELECT partner_id, min(company_id) AS company_id
          FROM (SELECT partner_id, company_id FROM contact_event
          UNION SELECT partner_id, company_id FROM contact_message
          UNION SELECT partner_id, company_id FROM dunning_promise
          UNION SELECT partner_id, company_id FROM dunning_dispute
          UNION SELECT partner_id, company_id FROM dunning_letter
          UNION SELECT partner_id, company_id FROM crediario_agreement
          UNION SELECT partner_id, company_id FROM crediario_customer_link) AS known
         WHERE partner_id IS NOT NULL GROUP BY partner_id)
    """
)
OLD_MESSAGES = SQL(
    """%s
    UPDATE mail_message told
       SET optica_customer_id = about.partner_id, optica_company_id = about.company_id
      FROM about JOIN res_partner customer ON customer.id = about.partner_id
     WHERE told.model = 'res.partner' AND told.res_id = about.partner_id
       AND told.optica_customer_id IS NULL
       AND ((told.message_type = 'notification' AND COALESCE(told.body, '') <> ''
             AND NOT EXISTS (SELECT FROM mail_tracking_value changed
                              WHERE changed.mail_message_id = told.id))
            OR EXISTS (SELECT FROM res_partner author
                        WHERE author.id = told.author_id
                          AND author.commercial_partner_id = customer.commercial_partner_id)
            OR EXISTS (SELECT FROM mail_mail mail
                        WHERE mail.mail_message_id = told.id
                          AND mail.contact_message_id IS NOT NULL))
    """,
    _ABOUT,
)
OLD_ANSWERS_TO_NOTICES = SQL(
    """
    UPDATE mail_message told
       SET optica_customer_id = notice.partner_id, optica_company_id = notice.company_id
      FROM dunning_notice notice
     WHERE told.model = 'dunning.notice' AND told.res_id = notice.id
       AND told.optica_customer_id IS NULL AND told.message_type IN ('email', 'out_of_office')
    """
)
# Those that the system made, which quote customers, and those of the work list.
OLD_TODOS = SQL(
    """%s
    UPDATE mail_activity todo
       SET optica_customer_id = about.partner_id, optica_company_id = about.company_id
      FROM about
     WHERE todo.res_model = 'res.partner' AND todo.res_id = about.partner_id
       AND todo.optica_customer_id IS NULL
       AND (todo.create_uid = 1
            OR EXISTS (SELECT FROM dunning_call call WHERE call.activity_id = todo.id))
    """,
    _ABOUT,
)


class MailMessage(models.Model):
    """What was told of customers before words of collection were marked."""

    _inherit = "mail.message"

    @api.model
    def _mark_words_of_before(self):
        """Mark what was told on customers' pages before there was a mark; once in a database.

        On pages of people that collection has to do with: what they wrote themselves, e-mails of
        the outbox, and what the product noted (Odoo calls it a notification; what people note is a
        comment). Rather one note too many is read by the roles alone than one too few.
        """
        done = self.env["ir.config_parameter"].sudo()
        if done.get_param(MARKED):
            return
        self.env.flush_all()
        for statement in (OLD_MESSAGES, OLD_ANSWERS_TO_NOTICES, OLD_TODOS):
            self.env.cr.execute(statement)
        self.env.invalidate_all()
        done.set_param(MARKED, fields.Datetime.to_string(fields.Datetime.now()))
