"""Who answers: OpenAI-compatible servers and the embedded model."""
