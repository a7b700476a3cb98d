"""What can be done with accounts: sign in, manage people and tokens, set up the centre."""

from aidtrack.accounts.queries import actor_for_token
from aidtrack.accounts.services.centre import add_site, set_up_centre
from aidtrack.accounts.services.people import (
    NewPerson,
    change_own_password,
    change_person,
    choose_language,
    create_user,
    deactivate_user,
    give_trial_password,
    reactivate_user,
    reset_password,
)
from aidtrack.accounts.services.signing_in import (
    begin_attempt,
    count_try,
    credentials,
    end_session,
    keep_session_alive,
    open_session,
)
from aidtrack.accounts.services.tokens import NewToken, add_token, revoke_token, token_id_by_label

__all__ = [
    "NewPerson",
    "NewToken",
    "actor_for_token",
    "add_site",
    "add_token",
    "begin_attempt",
    "change_own_password",
    "change_person",
    "choose_language",
    "count_try",
    "create_user",
    "credentials",
    "deactivate_user",
    "end_session",
    "give_trial_password",
    "keep_session_alive",
    "open_session",
    "reactivate_user",
    "reset_password",
    "revoke_token",
    "set_up_centre",
    "token_id_by_label",
]
