"""What is wrong and for a person to put right."""


class SettingError(Exception):
    """A wrong value; the text names the variable and what it should be."""
