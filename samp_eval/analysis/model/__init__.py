"""The planned model: its design, its fit, what the fit means, and the same under other choices."""
