"""Banks: API Pix of the Banco Central."""
