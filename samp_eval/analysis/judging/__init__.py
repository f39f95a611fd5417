"""How the marks of models stand to those of people."""
