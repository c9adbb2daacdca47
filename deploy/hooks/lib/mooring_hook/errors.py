"""The two ways in which a hook does not get done. Anything else that is raised is a bug."""


class Failed(Exception):
    """Does not get better by itself. The text names the setting and the remedy."""


class TryAgain(Exception):
    """May work later."""
