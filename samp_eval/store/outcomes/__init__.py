"""Responses and failures: noted as they arrive, stored, and read again."""
