"""Put ontology/, shapes/, queries/ and dossier/ into standard wheels; editable installs read the checkout."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ResourcesHook(BuildHookInterface):
    """Force-include the folders that `seismic_graph.settings.resources` looks for."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Only a standard build carries copies: in an editable install they would go stale."""
        if version == "standard":
            for folder in ("ontology", "shapes", "queries", "dossier"):
                build_data["force_include"][folder] = f"seismic_graph/resources/{folder}"
