"""The outbox: gateways, templates, consent, the gate, and what became of each message.

A message goes one way: enqueue, claim, gather facts, decide (the gate alone), deliver, record,
report. Doors, the methods that later rooms may change:

``contact.event._follow_conversations``
    (self, gateway, inbound, new) -> hears of a customer's new number.
``contact.event._receive_all``
    (self, gateway, new) -> hears of new answers of customers.
``contact.event._senders``
    (self, gateway, inbound) -> customers that may have written.
``contact.event.assign_to``
    (self, partner) -> a clerk says who wrote.
``contact.message._gather_debts``
    (self) -> what is owed and spoken of, by message.
``contact.message._installment_ids``
    (self) -> the installments a message is about.
``contact.message._resolve``
    (self, state, note) -> a person says what became of an uncertain message.
``contact.message._write_states``
    (self, …) -> hears of states that were reached.
``contact.message._write_verdicts``
    (self, verdicts) -> hears of what the gate said.
``contact.placeholder.values._for_subjects``
    (self, subjects, names, on) -> values of placeholders, by subject.
``contact.placeholder.values._of_shops``
    (self, …) -> values that a shop has for all of its customers.
``contact.placeholder.values._records_told``
    (self) -> what messages tell of: (placeholders, model, function from a record to values).
``contact.placeholder.values._that_count``
    (self, model) -> domain of the records of a model that a message may tell of unasked.
"""

from . import res_company
from . import res_partner
from . import contact_gateway
from . import contact_forbidden_expression
from . import crediario_customer_link
from . import placeholder_values
from . import contact_template
from . import contact_gateway_account
from . import contact_change
from . import contact_gateway_template
from . import contact_template_whatsapp
from . import contact_price
from . import contact_template_look
from . import contact_consent
from . import contact_message
from . import automatic_messages
from . import contact_message_facts
from . import contact_message_decide
from . import contact_message_reply
from . import contact_message_document
from . import contact_message_deliver
from . import contact_message_record
from . import contact_event
from . import contact_event_receive
from . import contact_event_media
from . import contact_message_report
from . import ir_actions_server
from . import contact_message_odoo
from . import contact_message_by_hand
from . import contact_refusal
from . import contact_message_fallback
from . import dunning_forecast
from . import dunning_run
