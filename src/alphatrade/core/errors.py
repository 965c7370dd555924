"""The exception tree, by who must act.

In: nothing. Out: the seven exceptions every room raises. Never here: exceptions of a vendor
(adapters map those onto ``BrokerError`` or ``DataError``).

::

    AlphaTradeError
    ├── ConfigError      edit a file, before anything starts
    ├── DataError        look at the source; the row is in quarantine
    ├── CausalityError   fix the code; never caught
    ├── ModelError       retrain or roll back
    │   └── GateFailed   names each failed gate
    ├── RiskHalt         a person must resume
    └── BrokerError      the runner retries or fails over
"""

from __future__ import annotations

__all__ = [
    "AlphaTradeError",
    "BrokerError",
    "CausalityError",
    "ConfigError",
    "DataError",
    "GateFailed",
    "ModelError",
    "RiskHalt",
]


class AlphaTradeError(Exception):
    """Base of everything AlphaTrade raises on purpose, besides ``ValueError`` for a caller's mistake."""


class ConfigError(AlphaTradeError):
    """A setting or study file is wrong; nothing has started. The message names the key to edit."""


class DataError(AlphaTradeError):
    """A source could not be read or vouched for. Bad rows are in quarantine, not lost."""


class CausalityError(AlphaTradeError):
    """Something would have used information it could not have had. Never caught by AlphaTrade."""


class ModelError(AlphaTradeError):
    """A model artifact cannot be trusted or used: retrain it or roll back."""


class GateFailed(ModelError):
    """A model may not be promoted; ``failed`` names each gate that refused it."""

    def __init__(self, failed: list[str]) -> None:
        super().__init__("gates failed: " + ", ".join(failed))
        self.failed = failed


class RiskHalt(AlphaTradeError):
    """Trading has stopped and stays stopped until a person resumes it."""


class BrokerError(AlphaTradeError):
    """The broker or its connection failed; the runner retries or fails over."""
