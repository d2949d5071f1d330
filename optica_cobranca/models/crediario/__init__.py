"""Plans, contracts and their installments: what is owed on a day, and why.

Doors, the methods that later rooms may change:

``account.move._crediario_due_dates``
    (self) -> the due dates of a contract's installments, by number: moved ones are told by who
    moved them.
``account.move._debts_of_credit_note``
    (self) -> the installments that a credit note may close.
``account.move.line._due_moves``
    (self) -> what moved due dates mean for the charges of each line.
``account.move.line._installment_payments``
    (self) -> a ``PaymentHistory`` by line id.
``account.move.line._history_query``
    (self, ids) -> SQL of rows of an installment's history.
``account.move.line._history_sources``
    (self) -> (model, names of fields) that the history's query reads.
``account.move.line._installments_paid``
    (self) -> hears of money, or what stands for it, that reached these lines: the one hook on
    reconciliation.
``account.move.line._is_extended_sql``
    (self, query) -> SQL: whether charges may be owed before the due date, too.
``account.move.line._is_received_sql``
    (self, query) -> SQL: whether charges were received or forgiven.
``account.move.line._is_installment_of_contract``
    (self) -> whether a receivable line is one of a contract's own installments.
``crediario.forgiveness._taken_back_as``
    (self) -> the acts that forgive: field of the act -> its states in which nothing is forgiven.
"""

from . import crediario_terms_mixin
from . import crediario_plan
from . import crediario_contract_mixin
from . import sale_order
from . import sale_order_line
from . import account_move
from . import account_move_line
from . import account_move_line_amounts
from . import account_move_line_totals
from . import res_company
from . import account_account
from . import crediario_forgiveness
from . import res_partner
from . import res_partner_registration
from . import account_bank_statement_line
from . import account_move_forgiveness
from . import account_move_kept_terms
