from . import controllers, demo, models, report, wizards
from .clients import secret_log
from .hooks import post_init_hook, uninstall_hook

secret_log.install()
