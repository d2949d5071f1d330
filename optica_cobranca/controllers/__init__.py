from . import contact_preferences
from . import portal
from . import stop_link
from . import webhook
from . import pix_webhook
