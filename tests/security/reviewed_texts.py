"""Which free texts are read by whom, and why: the table that ``test_free_texts`` compares.

Every text that the product keeps and that is not named here is read by collectors at the least.
"""

SETTING = "how the shop is set up: no word about anybody"
GLASSES = "what is made for the customer: sellers take it down"
CUSTOMER = "who customers are and how they are reached, which sellers take down"
PAYMENT = "codes and numbers of payments, and what the bank answered"
CHARGE = (
    "rows, or their words, of customers whom the seller is in charge of: see test_collection_words"
)
CONTRACT = (
    "what was sold, agreed and paid, and its numbers: sellers see contracts of every customer"
)

# Employees without any role, and so everybody in the house.
OF_EMPLOYEES = {
    SETTING: {
        "crediario.plan.due_days",
        "crediario.plan.name",
        "crediario.plan.note",
        "crediario.terms.fingerprint",
        "crediario.terms.note",
        "dunning.level.name",
        "dunning.level.note",
        "dunning.policy.name",
        "dunning.policy.note",
        "dunning.policy.segment_domain",
        "dunning.step.code",
        "dunning.step.icon",
        "dunning.step.name",
    },
    CUSTOMER: {
        "res.partner.bank.proxy_value",
        "res.partner.contact_confirmed_keys",
        "res.partner.wrong_phone",
    },
}

# Customers with a login, each of the own rows.
OF_CUSTOMERS = {
    "account.move.contract_reference",
    "account.move.optica_fiscal_key",
    "res.partner.contact_confirmed_keys",
    "res.partner.wrong_phone",
}

OF_SELLERS = {
    SETTING: {
        "contact.blocked.date.name",
        "contact.gateway.account_id",
        "contact.gateway.api_version",
        "contact.gateway.business_account_id",
        "contact.gateway.display_number",
        "contact.gateway.instagram_account_id",
        "contact.gateway.last_error",
        "contact.gateway.last_news",
        "contact.gateway.messaging_limit",
        "contact.gateway.name",
        "contact.gateway.number_status",
        "contact.gateway.phone_number_id",
        "contact.gateway.sender",
        "contact.gateway.template.components",
        "contact.gateway.template.language",
        "contact.gateway.template.name",
        "contact.gateway.template.parameter_format",
        "contact.gateway.template.rejected_reason",
        "contact.gateway.template.remote_id",
        "contact.gateway.test_numbers",
        "contact.gateway.uuid",
        "contact.gateway.verified_name",
        "contact.gateway.voice",
        "contact.template.channel_order",
        "contact.template.code",
        "contact.template.email_body",
        "contact.template.email_subject",
        "contact.template.name",
        "contact.template.sms_body",
        "contact.template.voice_body",
        "contact.template.whatsapp_body",
        "contact.template.whatsapp_button_parameter",
        "contact.template.whatsapp_header_parameter",
        "contact.template.whatsapp_language",
        "contact.template.whatsapp_template_name",
        "crediario.closed.day.name",
        "dunning.dispute.reason.activity_summary",
        "dunning.dispute.reason.code",
        "dunning.dispute.reason.name",
        "dunning.dispute.reason.note",
    },
    CHARGE: {
        "contact.change.new_key",
        "contact.change.new_value",
        "contact.change.old_value",
        "contact.consent.proof",
        "contact.message.address",
        "contact.message.body",
        "contact.message.category",
        "contact.message.charge",
        "contact.message.document_key",
        "contact.message.error_code",
        "contact.message.error_detail",
        "contact.message.parameters",
        "contact.message.provider_id",
        "contact.message.recipient",
        "contact.message.res_model",
        "contact.message.uuid",
        "contact.message.wa_id",
        "contact.thread.last_text",
        "contact.thread.sender_key",
        "contact.thread.sender_name",
        "dunning.dispute.description",
        "dunning.dispute.prevention",
        "dunning.dispute.resolution",
        "dunning.promise.note",
        "optica.occurrence.mark.note",
        "optica.occurrence.mark.source_model",
    },
    CONTRACT: {
        "account.move.contract_reference",
        "account.move.optica_fiscal_key",
        "crediario.acceptance.digest",
        "crediario.acceptance.ip_address",
        "crediario.acceptance.lang",
        "crediario.acceptance.terms",
        "crediario.acceptance.user_agent",
        "crediario.agreement.name",
        "crediario.extension.approval_reasons",
        "crediario.extension.contract",
        "crediario.extension.label",
        "crediario.receipt.line.contract",
        "crediario.receipt.line.label",
        "crediario.receipt.name",
        "crediario.receipt.settlement_rule",
        "dunning.notice.line.contract",
    },
    GLASSES: {
        "optica.prescriber.name",
        "optica.prescriber.phone",
        "optica.prescriber.registration",
        "optica.prescription.name",
        "optica.service.order.accepted_by",
        "optica.service.order.accepted_note",
        "optica.service.order.lab_reference",
        "optica.service.order.name",
        "optica.service.order.note",
        "optica.service.order.own_frame_note",
        "optica.service.order.remake_reason",
    },
    CUSTOMER: {
        "optica.occurrence.partner_name",
        "optica.occurrence.phone",
        "optica.occurrence.res_model",
        "optica.occurrence.source_model",
        "res.partner.instagram_user_id",
        "res.partner.whatsapp_user_id",
    },
    PAYMENT: {
        "pix.charge.code",
        "pix.charge.last_error",
        "pix.charge.line_key",
        "pix.charge.location",
        "pix.charge.parts",
        "pix.charge.signature",
        "pix.charge.txid",
        "pix.charge.uuid",
        "pix.payment.end_to_end_id",
        "pix.payment.key",
        "pix.payment.last_error",
        "pix.payment.txid",
        "pix.refund.last_error",
        "pix.refund.refund_id",
    },
}

# Beside what sellers read: what they write down at the counter.
OF_CASHIERS = {
    "crediario.cash.day.closing_note",
    "crediario.cash.day.name",
    "crediario.cash.day.opening_note",
    "crediario.cash.movement.reason",
    "crediario.receipt.cancel_reason",
    "crediario.receipt.waiver_reason",
}

# Accountants: what was given away, which their own entries may have done.
OF_ACCOUNTANTS = {
    "crediario.forgiveness.installments",
    "crediario.forgiveness.reason",
}

# The prescriptions' group: see ``HEALTH_FIELDS``, which is kept by a test of its own.
