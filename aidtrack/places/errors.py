"""Refusals around the codifier and starosta districts."""

from aidtrack.kernel.errors import N_, DomainError


class PlacesRefused(DomainError):
    """Something about places cannot be kept as it is."""

    code = "places_refused"


class NotACodifier(PlacesRefused):
    """The file is not the official list of territories."""

    code = "not_a_codifier"
    field = "file"
    text = N_(
        "This file is not the KATOTTG codifier: no row begins with codes like UA12000000000090473. "
        "Take the XLSX or CSV that the ministry publishes, unchanged."
    )


class BadCodifierRow(PlacesRefused):
    """Facts: `row`."""

    code = "bad_codifier_row"
    field = "file"
    text = N_("Row %(row)s of the codifier cannot be read: its codes or category are not as they should be.")


class NotAPopulation(PlacesRefused):
    code = "not_a_population"
    field = "file"
    text = N_("This file has no columns with a KATOTTG code and a whole number of people.")


class UnknownSettlement(PlacesRefused):
    """Facts: `katottg`, or `written`, what was typed."""

    code = "unknown_settlement"
    field = "settlements"
    text = N_("%(written)s is no settlement of the codifier. Choose one from the list.")


class DistrictExists(PlacesRefused):
    code = "district_exists"
    status = 409
    field = "code"
    text = N_("There is a district with this code already.")


class SettlementElsewhere(PlacesRefused):
    """Facts: `written`, `district`."""

    code = "settlement_elsewhere"
    status = 409
    field = "settlements"
    text = N_("%(written)s belongs to the district %(district)s already. Take it out there first.")


class FieldNeeded(PlacesRefused):
    code = "needed"
    text = N_("Fill in this field.")
