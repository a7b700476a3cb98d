"""Give hatchling the package's dependencies from requirements/run.in, their only list."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Needed to install the package, not to run it.
BUILD_ONLY = ("hatchling", "editables")


def read_dependencies(listing: Path) -> list[str]:
    """The requirements of an .in file, without their comments."""
    lines = (line.split("#", 1)[0].strip() for line in listing.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("-", *BUILD_ONLY))]


class RunDependencies(MetadataHookInterface):
    """The hook that pyproject.toml names."""

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = read_dependencies(Path(self.root) / "requirements" / "run.in")
