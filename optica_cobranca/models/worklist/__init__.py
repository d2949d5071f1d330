"""Whom to contact today, in which order, and what came of it."""

from . import dunning_call
from . import dunning_work_lock
from . import dunning_work
from . import dunning_work_card
from . import dunning_work_result
from . import res_company_work
from . import res_partner
