from . import dunning_hold_wizard
from . import dunning_preview
from . import contact_send
from . import portfolio_import
