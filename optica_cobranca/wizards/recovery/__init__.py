from . import dunning_bureau_decision
from . import dunning_letter_fate
from . import dunning_handover_decision
