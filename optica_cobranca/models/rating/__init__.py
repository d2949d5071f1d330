"""How a customer pays, as a letter with its reasons."""

from . import res_company_rating
from . import dunning_rating
from . import dunning_rating_run
from . import res_partner
