"""How a model's marks stand to those of people: numbers only."""
