from . import dunning_partner_merge
from . import crediario_link_show
