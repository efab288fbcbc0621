"""What is wrong and for a person to put right."""


class SettingError(Exception):
    """A wrong value; the text names the variable and what it should be."""


class MissingError(Exception):
    """Something is not installed; the text says how to get it."""
