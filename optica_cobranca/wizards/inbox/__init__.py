from . import contact_sandbox_answer
