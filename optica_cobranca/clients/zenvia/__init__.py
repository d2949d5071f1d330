"""Zenvia: SMS and WhatsApp."""
