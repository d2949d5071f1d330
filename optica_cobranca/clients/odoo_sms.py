"""SMS through Odoo's own queue: Odoo's paid service or, with ``sms_twilio``, the shop's Twilio."""

from .provider import ODOO, Provider

PROVIDER = Provider(name="odoo_sms", channels=("sms",), leaves=ODOO)
