"""Beyond reminders: letters, credit bureau, agency, legal dossier.

Doors, the methods that later rooms may change:

``res.partner._dossier_sources``
    (self) -> dict of a model -> the function that turns its records into events of the dossier.
"""

from . import dunning_evaluation_agency
from . import dunning_export
from . import dunning_letter
from . import dunning_bureau_case
from . import dunning_bureau_steps
from . import dunning_handover
from . import dunning_notice_steps
from . import res_partner
from . import res_company_recovery
from . import placeholder_values
from . import contact_message_bureau
from . import crediario_agreement
