"""Numbers only: these modules know neither study, nor store, nor clock."""
