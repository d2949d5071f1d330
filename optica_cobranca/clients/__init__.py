"""The outside services, one client each: HTTP in, dataclasses out, nothing of the ORM.

``registry`` finds the client of a gateway; ``base`` holds the vocabulary that all of them share.
"""
