"""Twilio: SMS, voice, WhatsApp."""
