"""What every room needs of the shop: its places and closed days, people, evidence, secrets.

Doors, the methods that later rooms may change:

``collection.words._words_of_own_customers``
    (self, user) -> Domain of words about the customers whom a seller looks after.

There is one of each of these, and nobody makes a second (``tests/packaging/test_one_of_each.py``):
the company's clock (``_today``, ``_now``, ``_local``, ``_local_day`` and ``_start_of_day`` of a
company), the question for a role (``_check_role`` of every model), amounts in the reader's language
(``_text`` of a currency), tables of counts (``_plain_table``), races that are lost and run again
(``lost_races.until_won`` and ``unless_lost``).
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
