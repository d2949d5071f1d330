"""Pure rules of the room ``pix``; what the room is, ``models/pix`` says."""
