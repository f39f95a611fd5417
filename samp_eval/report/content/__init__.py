"""What a report shows, gathered from the study and its analysis."""
