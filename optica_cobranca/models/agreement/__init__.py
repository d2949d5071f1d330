"""Renegotiation: open installments become a new schedule, kept or undone to the cent.

Doors, the methods that later rooms may change:

``crediario.agreement._is_handed_over``
    (self, lines) -> whether somebody else collects one of these installments.
"""

from . import crediario_agreement_step
from . import crediario_agreement
from . import crediario_agreement_line
from . import crediario_agreement_apply
from . import crediario_agreement_customer
from . import crediario_acceptance
from . import account_move
from . import res_partner_agreement
from . import dunning_evaluation_agreement
from . import crediario_forgiveness
