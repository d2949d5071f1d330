from . import dunning_hold_wizard
from . import dunning_preview
from . import dunning_refuse
