"""What commands share: options, the study they work on, progress."""
