"""The ordinal GEE: what is estimable, the solvers, standard errors, and what a fit means."""
