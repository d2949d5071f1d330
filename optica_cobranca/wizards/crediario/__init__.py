from . import crediario_simulation
from . import crediario_contract_cancel
from . import sale_advance_payment_inv
from . import sale_order_discount
