"""A provider's Batch API: submit, leave, collect."""
