"""Tables, as every renderer takes them."""
