"""Payment at the bank: codes, what was received, what was given back."""

from . import account_move_line
from . import res_company_pix
from . import pix_work
from . import pix_account
from . import pix_charge
from . import pix_charge_bank
from . import pix_attempt
from . import account_move
from . import pix_payment
from . import pix_payment_settle
from . import pix_refund
