"""What customers say about their debt: promises to pay, and reasons for not paying."""

from . import res_company_promise
from . import dunning_promise
from . import dunning_promise_evaluation
from . import dunning_payment_hooks
from . import dunning_dispute_reason
from . import dunning_dispute
from . import dunning_dispute_customer
from . import dunning_evaluation_promise
from . import account_move_promise
from . import account_move_line
from . import res_partner_promise
from . import contact_message_promise
from . import placeholder_values
from . import dunning_notice
