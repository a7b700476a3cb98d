"""What enrolled phones speak: the blueprint of `/sync/v1` (docs/sync.md), described in OpenAPI with the rest."""

from aidtrack.web.api import ApiBlueprint

ROOT = "/sync/v1"

bp = ApiBlueprint(
    "sync_api", __name__, url_prefix=ROOT, description="Phones that hand out without a network: docs/sync.md"
)
