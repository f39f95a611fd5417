"""How many questions a study needs."""
