"""Conversations with customers, on whatever channel."""

from . import contact_thread
from . import contact_thread_inbound
from . import contact_thread_conversation
from . import collection_words
