from . import account_payment_register
from . import crediario_receipt_cancel
from . import crediario_cashier
from . import crediario_cashier_line
from . import crediario_cash_day
from . import crediario_extend
from . import crediario_extend_line
