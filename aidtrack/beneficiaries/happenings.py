"""What may happen to a family, and how it may end: words that tables, services and pages share."""

from enum import StrEnum

from aidtrack.kernel.errors import N_


class Happening(StrEnum):
    REGISTERED = "registered"
    MOVED = "moved"
    CHANGED = "changed"
    MEMBER_ADDED = "member_added"
    BORN = "born"
    MEMBER_CHANGED = "member_changed"
    MEMBER_LEFT = "member_left"
    DIED = "died"
    NEW_HEAD = "new_head"
    CAME_FROM = "came_from"  # a person came from another registered family
    WENT_TO = "went_to"
    FOUNDED = "founded"  # this family was split off another one
    SPLIT_OFF = "split_off"
    JOINED = "joined"  # another family became a part of this one
    ENDED = "ended"
    COLLECTOR_ADDED = "collector_added"
    COLLECTOR_ENDED = "collector_ended"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"

    @property
    def label(self) -> str:
        return _LABELS[self]


class LeftWhy(StrEnum):
    MOVED = "moved"
    DIED = "died"
    OTHER = "other"


class EndedAs(StrEnum):
    JOINED = "joined"  # its people live with another family
    MERGED = "merged"  # it was the same family, registered twice


class MergeState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"


_LABELS: dict[Happening, str] = {
    Happening.REGISTERED: N_("the family was registered"),
    Happening.MOVED: N_("the family moved"),
    Happening.CHANGED: N_("address or phone was corrected"),
    Happening.MEMBER_ADDED: N_("a member was added"),
    Happening.BORN: N_("a child was born"),
    Happening.MEMBER_CHANGED: N_("a member's data changed"),
    Happening.MEMBER_LEFT: N_("a member left"),
    Happening.DIED: N_("a member died"),
    Happening.NEW_HEAD: N_("the family has a new head"),
    Happening.CAME_FROM: N_("a member came from another family"),
    Happening.WENT_TO: N_("a member went to another family"),
    Happening.FOUNDED: N_("the family was split off another one"),
    Happening.SPLIT_OFF: N_("members founded a family of their own"),
    Happening.JOINED: N_("another family joined this one"),
    Happening.ENDED: N_("the family became part of another one"),
    Happening.COLLECTOR_ADDED: N_("an alternate collector was named"),
    Happening.COLLECTOR_ENDED: N_("an alternate collector may collect no longer"),
    Happening.MERGED: N_("two registrations were merged"),
    Happening.MERGE_UNDONE: N_("a merge was undone"),
}
