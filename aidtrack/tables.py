"""Imports every mapping, so that migrations and the application know all tables."""

import aidtrack.accounts.approvals.models
import aidtrack.accounts.models
import aidtrack.audit.models
import aidtrack.beneficiaries.models
import aidtrack.distribution.models
import aidtrack.feedback.models
import aidtrack.importing.models
import aidtrack.inventory.models
import aidtrack.places.models
import aidtrack.reports.models

__all__ = ["aidtrack"]
