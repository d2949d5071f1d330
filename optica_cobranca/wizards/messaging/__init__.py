from . import dunning_try
from . import contact_gateway_try
from . import contact_event_assign
from . import contact_automatic
from . import contact_hours
from . import contact_send
from . import contact_template_preview
