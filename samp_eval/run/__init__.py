"""How it is asked: the plan, the prompt, the requests and what comes back."""
