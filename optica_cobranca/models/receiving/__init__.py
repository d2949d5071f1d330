"""Money that comes in: cashier, receipts, cash days, moved due dates, payments online.

Doors, the methods that later rooms may change:

``crediario.extension._move_due_date``
    (self, line, due) -> whether it was moved: hears of every due date that moves.
``crediario.receipt._undo``
    (self) -> takes a receipt back: where its money came from is told, too.
"""

from . import res_company_cash
from . import crediario_cash_day
from . import crediario_cash_day_booking
from . import crediario_cash_movement
from . import account_move
from . import crediario_receipt
from . import crediario_receipt_book
from . import crediario_plan_extension
from . import crediario_extension
from . import account_move_line
from . import payment_transaction
from . import crediario_forgiveness
