"""What customers see of themselves on their own pages."""

from . import account_move
from . import res_partner_link
