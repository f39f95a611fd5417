"""Tables on the bank: its review by physicians, its pass mark, its items, its blueprint."""
