from . import pix_assign
from . import pix_refund_wizard
from . import pix_show
from . import crediario_cashier_pix
