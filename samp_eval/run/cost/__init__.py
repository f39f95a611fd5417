"""What asking costs: tokens, prices, and an estimate before anything is sent."""
