"""What every room needs of the shop: its places and closed days, people, evidence, secrets.

Doors, the methods that later rooms may change:

``collection.words._words_of_own_customers``
    (self, user) -> Domain of words about the customers whom a seller looks after.
"""

from . import base
from . import collection_record
from . import collection_words
from . import optica_evidence
from . import ir_attachment
from . import res_company
from . import res_currency
from . import ir_cron
from . import account_chart_template
from . import optica_secrets
from . import optica_day_rule
from . import crediario_closed_day
