"""Options, access to the study and progress, shared by the commands."""
