"""Who acts, and what they may do where. Built by an adapter, judged by a service."""

from dataclasses import field
from enum import StrEnum

from aidtrack.kernel.errors import Forbidden, NotFound
from aidtrack.kernel.late import dataclass


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    CASEWORKER = "caseworker"
    WAREHOUSE = "warehouse"
    DONOR_LIAISON = "donor_liaison"
    REVIEWER = "reviewer"


class Permission(StrEnum):
    """`room:thing:action`, alphabetical. The role table below follows DESIGN §6."""

    ACCOUNTS_MANAGE = "accounts:people:manage"
    ACT_APPROVE = "accounts:act:approve"
    AUDIT_READ_ALL = "audit:log:read-all"
    AUDIT_READ_OWN = "audit:log:read-own"
    AUDIT_READ_SUMMARY = "audit:log:read-summary"
    CATALOGUE_MANAGE = "inventory:catalogue:manage"
    CATEGORY_PROTECTED = "beneficiaries:category:protected"
    DAY_CLOSE = "distribution:day:close"
    DAY_READ = "distribution:day:read"
    DEVICE_MANAGE = "scanner:device:manage"
    ELIGIBILITY_DECIDE = "beneficiaries:eligibility:decide"
    FEEDBACK_HANDLE = "feedback:entry:handle"
    FEEDBACK_READ = "feedback:entry:read"
    FEEDBACK_SENSITIVE = "feedback:entry:sensitive"
    HANDOUT_CORRECT = "distribution:handout:correct"
    HANDOUT_GIVE = "distribution:handout:give"
    HANDOUT_SUPERVISE = "distribution:handout:supervise"
    HOUSEHOLD_READ = "beneficiaries:household:read"
    HOUSEHOLD_WRITE = "beneficiaries:household:write"
    IDENTIFIERS_APPROVE = "beneficiaries:identifiers:approve"
    PAPER_PRINT = "distribution:paper:print"
    PLACES_MANAGE = "places:districts:manage"
    PRIVACY_MANAGE = "beneficiaries:privacy:manage"
    PROGRAMME_MANAGE = "distribution:programme:manage"
    REPORT_AGGREGATES = "reports:aggregates:read"
    REPORT_STATEMENT = "reports:statement:read"
    REVIEW_SETTLE = "distribution:review:settle"
    ROUND_PLAN = "distribution:round:plan"
    ROUND_READ = "distribution:round:read"
    SLOTS_PLAN = "distribution:slots:plan"
    SLOTS_RUN = "distribution:slots:run"
    STOCK_CORRECT = "inventory:stock:correct"
    STOCK_READ = "inventory:stock:read"
    STOCK_RECEIVE = "inventory:stock:receive"
    STOCK_TOTALS = "inventory:stock:totals"
    STOCK_TRANSFER = "inventory:stock:transfer"
    VOUCHER_INSPECT = "distribution:voucher:inspect"
    VOUCHER_ISSUE = "distribution:voucher:issue"
    VOUCHER_SCAN = "distribution:voucher:scan"


_P = Permission
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # runs accounts and the catalogue, sees totals, and never sees a case (DESIGN §6)
    Role.ADMINISTRATOR: frozenset(
        {
            _P.ACCOUNTS_MANAGE,
            _P.ACT_APPROVE,
            _P.AUDIT_READ_OWN,
            _P.AUDIT_READ_SUMMARY,
            _P.CATALOGUE_MANAGE,
            _P.DEVICE_MANAGE,
            _P.IDENTIFIERS_APPROVE,
            _P.PLACES_MANAGE,
            _P.PRIVACY_MANAGE,
            _P.PROGRAMME_MANAGE,
        }
        | {_P.REPORT_AGGREGATES, _P.ROUND_READ, _P.STOCK_TOTALS}
    ),
    Role.CASEWORKER: frozenset(
        {
            _P.ACT_APPROVE,
            _P.AUDIT_READ_OWN,
            _P.DEVICE_MANAGE,
            _P.ELIGIBILITY_DECIDE,
            _P.FEEDBACK_HANDLE,
            _P.FEEDBACK_READ,
            _P.HANDOUT_SUPERVISE,
            _P.HOUSEHOLD_READ,
            _P.HOUSEHOLD_WRITE,
            _P.IDENTIFIERS_APPROVE,
            _P.REPORT_AGGREGATES,
            _P.SLOTS_PLAN,
            _P.SLOTS_RUN,
        }
        | {_P.PAPER_PRINT, _P.REVIEW_SETTLE, _P.ROUND_PLAN, _P.ROUND_READ, _P.STOCK_TOTALS, _P.VOUCHER_ISSUE}
    ),
    Role.WAREHOUSE: frozenset(
        {_P.AUDIT_READ_OWN, _P.HANDOUT_CORRECT, _P.HANDOUT_GIVE, _P.REPORT_AGGREGATES, _P.ROUND_READ}
        | {
            _P.ACT_APPROVE,
            _P.DAY_CLOSE,
            _P.DAY_READ,
            _P.REVIEW_SETTLE,
            _P.SLOTS_RUN,
            _P.STOCK_CORRECT,
            _P.STOCK_READ,
            _P.STOCK_RECEIVE,
            _P.STOCK_TOTALS,
            _P.STOCK_TRANSFER,
            _P.VOUCHER_SCAN,
        }
    ),
    # sees only what its own donors gave; never a household
    Role.DONOR_LIAISON: frozenset(
        {_P.AUDIT_READ_OWN, _P.REPORT_AGGREGATES, _P.REPORT_STATEMENT, _P.STOCK_READ}
    ),
    Role.REVIEWER: frozenset(
        {
            _P.ACT_APPROVE,
            _P.AUDIT_READ_ALL,
            _P.AUDIT_READ_OWN,
            _P.DAY_READ,
            _P.FEEDBACK_READ,
            _P.REPORT_AGGREGATES,
            _P.REPORT_STATEMENT,
            _P.REVIEW_SETTLE,
            _P.ROUND_READ,
        }
        | {_P.STOCK_READ, _P.STOCK_TOTALS, _P.VOUCHER_INSPECT}
    ),
}


_USUAL_PURPOSE: dict[Role | None, str] = {
    Role.CASEWORKER: "serving",
    Role.WAREHOUSE: "handing_out",
    Role.REVIEWER: "checking",
    Role.DONOR_LIAISON: "reporting",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or an API token at work.

    `site_ids` bound everything the actor can read or change; `donor_ids` bound a liaison's reports and
    stock (None = every donor). `label` is what audit rows and receipts show: a sign-in name or a token's
    label, never a beneficiary. `reading_for` is what personal data are read for, where the person said so.
    """

    label: str
    role: Role | None
    site_ids: frozenset[int]
    user_id: int | None = None
    token_id: int | None = None
    donor_ids: frozenset[int] | None = None
    language: str = "uk"
    permissions: frozenset[Permission] = field(default=frozenset())
    reading_for: str | None = None

    @property
    def purpose(self) -> str:
        """What this actor reads personal data for: as chosen, or what the role usually does."""
        return self.reading_for or _USUAL_PURPOSE.get(self.role, "operation")

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission, *, site_id: int | None = None) -> None:
        """Refuse a role without the permission; answer another site's object like a missing one."""
        if permission not in self.permissions:
            raise Forbidden(permission=permission.value)
        if site_id is not None and site_id not in self.site_ids:
            raise NotFound()


def system_actor(label: str, *, site_ids: frozenset[int] = frozenset()) -> Actor:
    """The command line acting on the operator's word: every permission, at the sites named."""
    return Actor(label=label, role=None, site_ids=site_ids, permissions=frozenset(Permission))
