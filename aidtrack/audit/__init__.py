"""The audit log. `record` is called by every service, in the transaction of the act itself."""

from aidtrack.audit.services import Remembered, already_done, mark_done, record

__all__ = ["Remembered", "already_done", "mark_done", "record"]
