"""What a bridge writes into its log names nobody: the engine's own lines have people's numbers in them."""

from __future__ import annotations

import logging
import re

NUMBER = re.compile(r"\d{7,}")
"""Of a person or a group. Our own counters are shorter."""

_plain = logging.Formatter()


def discreet() -> None:
    """From here on, whoever logs: numbers are left out of lines and traces, and no handler sees them."""
    make = logging.getLogRecordFactory()

    def made(*args: object, **named: object) -> logging.LogRecord:
        record = make(*args, **named)
        record.msg, record.args = hidden(record.getMessage()), None
        if record.exc_info:
            record.exc_text = hidden(_plain.formatException(record.exc_info))
        return record

    logging.setLogRecordFactory(made)


def hidden(text: str) -> str:
    return NUMBER.sub("…", text)
