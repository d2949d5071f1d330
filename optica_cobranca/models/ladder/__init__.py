"""Who hears from the shop on which day: policies, levels, runs, notices, pauses.

Doors, the methods that later rooms may change:

``dunning.evaluation._history_queries``
    (self) -> SELECTs of installments whose charges depend on what else happened to them.
``dunning.evaluation._hold_queries``
    (self) -> SELECTs of what makes an installment rest, each with its reason.
``dunning.evaluation._undelivered_queries``
    (self) -> SELECTs of contracts whose goods the customer has not got yet.
``dunning.notice._promised_lines``
    (self, lines, day) -> those of these installments that a customer promised to pay.
``dunning.run._dispatch_messages``
    (self, runs, since) -> rows (channel, state, number) of what became of these runs' messages.
``dunning.run._next_message``
    (self) -> when the next message leaves, or False.
"""

from . import account_move_line
from . import dunning_policy
from . import dunning_step
from . import dunning_level
from . import ladder_choice
from . import dunning_run
from . import dunning_run_batch
from . import dunning_evaluation
from . import dunning_rehearsal
from . import dunning_notice
from . import dunning_notice_decide
from . import dunning_notice_line
from . import dunning_hold
