"""Evolution API: a WhatsApp server of the shop's own."""
