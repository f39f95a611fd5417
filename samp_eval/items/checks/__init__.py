"""What is wrong with the content of a bank: rules for every bank, and those of the examination alone."""
