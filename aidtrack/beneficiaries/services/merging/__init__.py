"""Two registrations of one family become one: proposed by one person, approved by another (I17), undone if need be.

Rows of handouts, papers and history stay where they are; the registration that ends becomes a name that leads to the
other. Whatever is changed or copied is noted in `before`, so that undoing brings both back as they were.
"""

from aidtrack.beneficiaries.services.merging.approving import approve_merge
from aidtrack.beneficiaries.services.merging.proposing import decline_merge, propose_merge
from aidtrack.beneficiaries.services.merging.rows import OF_FAMILY, OF_PERSON
from aidtrack.beneficiaries.services.merging.undoing import undo_merge

__all__ = [
    "OF_FAMILY",
    "OF_PERSON",
    "approve_merge",
    "decline_merge",
    "propose_merge",
    "undo_merge",
]
