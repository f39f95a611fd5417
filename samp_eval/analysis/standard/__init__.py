"""The pass mark: what experts or candidates make it, and how probable it is that a respondent reaches it."""
