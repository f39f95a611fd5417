"""How texts were read, out to a person and back as decisions; and what newer rules would read otherwise."""
