"""E-mail through Odoo's own queue and the mail server that the shop set up there."""

from .provider import ODOO, Provider

PROVIDER = Provider(name="odoo_mail", channels=("email",), leaves=ODOO, optional=("sender",))
