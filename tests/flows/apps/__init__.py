"""The flows, by what they are about."""
