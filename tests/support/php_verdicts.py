"""What PHP must have said when a session could not be opened or stored. docs/failures.md says it to people."""

from php_page import CLASS

NOT_OPENED = {True: "session_start(): Failed to read session data: user (path: ",
              False: "session_start(): Failed to read session data: redis (path: unix://"}
NOT_STORED = {True: "session_write_close(): Failed to write session data using user defined save handler. ",
              False: "session_write_close(): Failed to write session data (redis). "}
EXTRA_SECONDS = 1.0  # for a slow machine


def _warned(handler, step, texts):
    text = texts[handler == CLASS]
    assert step.thrown is None, f"{handler}: {step}"
    assert len(step.warnings) == 1 and step.warnings[0].startswith(text), f"{handler}: {step}"


def _took(handler, step, shortest, longest):
    assert shortest <= step.seconds < longest + EXTRA_SECONDS, f"{handler}: {step}"


def check_not_opened(steps, longest, shortest=0.0):
    """session_start() is false with one warning, without an exception; the page has no session, so nothing to store."""
    for handler, step in steps.items():
        _warned(handler, step, NOT_OPENED)
        assert step.returned is False and not step.active, f"{handler}: {step}"
        assert not step.session, f"{handler}: {step}"
        _took(handler, step, shortest, longest)


def check_nothing_to_store(steps):
    """A page that puts something into $_SESSION all the same stores nothing of it, and is not even warned."""
    for handler, step in steps.items():
        assert (step.returned, step.thrown, step.warnings) == (False, None, []), f"{handler}: {step}"


def check_not_stored(steps, longest, shortest=0.0):
    """session_write_close() is true, which is PHP's way, with one warning."""
    for handler, step in steps.items():
        _warned(handler, step, NOT_STORED)
        assert step.returned is True, f"{handler}: {step}"
        _took(handler, step, shortest, longest)


def check_well(steps, cart=None):
    for handler, step in steps.items():
        assert (step.returned, step.thrown, step.warnings) == (True, None, []), f"{handler}: {step}"
        assert cart is None or step.session == {"cart": cart}, f"{handler}: {step}"
