"""Documents as they travel."""

import json
from typing import Any


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()
