"""Tables for every renderer."""
