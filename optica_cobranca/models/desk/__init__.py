"""Answers about a person: what is kept, for how long, and what a customer's form tells."""

from . import res_partner
from . import personal_words
from . import contact_retention
from . import mail_message
