"""Meta: WhatsApp Cloud API and Instagram."""
