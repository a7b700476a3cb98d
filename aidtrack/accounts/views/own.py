"""Sign in, sign out, and one's own account."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts import passwords, queries, services, sessions
from aidtrack.accounts.commands import ChangePassword
from aidtrack.accounts.errors import WrongPassword, WrongSignIn
from aidtrack.accounts.forms import PasswordForm, SignInForm
from aidtrack.accounts.views import bp
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import actor_or_none, current_actor, public, safe_next, signed_in
from aidtrack.web.i18n import speak


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    target = safe_next(request.args.get("next"))
    if request.method == "GET" and actor_or_none() is not None:
        return redirect(target, code=303)
    form = SignInForm()
    status = 200
    if form.validate_on_submit():
        try:
            secret = _secret_for(form.login.data or "", form.password.data or "", request.remote_addr or "")
        except DomainError as error:
            form.show(error)
            status = error.status
        else:
            sessions.sign_in_with(secret)
            speak(current_actor().language)
            return redirect(target, code=303)
    elif form.errors:
        status = 422
    return render_template("accounts/sign_in.html", form=form), status


def _secret_for(login: str, password: str, address: str) -> str:
    """The three steps of signing in; see `services.signing_in`."""
    now = utc_now()
    with unit_of_work() as session:
        services.begin_attempt(session, login=login, address=address, now=now)
    found = services.credentials(read_session(), login)
    if not passwords.matches(password, found.password_hash):
        raise WrongSignIn()
    stale = passwords.is_outdated(found.password_hash or "")
    new_hash = passwords.hash_password(password) if stale else None
    with unit_of_work() as session:
        return services.open_session(session, found, address=address, now=now, new_hash=new_hash)


def _changed(command: ChangePassword, login: str) -> passwords.ChangedPassword:
    """Judged with no transaction open, as at signing in."""
    stored = services.credentials(read_session(), login).password_hash
    if stored is None:  # closed a moment ago
        raise WrongPassword()
    return passwords.changed_password(
        command.old_password, command.new_password, stored_hash=stored, login=login
    )


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    user, actor = sessions.present_user(), actor_or_none()
    if user is not None and actor is not None:
        with unit_of_work() as session:
            services.end_session(session, user.secret, actor=actor, now=utc_now())
    sessions.sign_out()
    flash(_("You have signed out."), "success")
    return redirect(url_for("accounts.sign_in"), code=303)


@bp.get("/account")
@signed_in
def me() -> ResponseReturnValue:
    actor = current_actor()
    sites = queries.sites(read_session(), actor=actor)
    return render_template("accounts/me.html", user=sessions.present_user(), sites=sites)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    form = PasswordForm()
    user = sessions.present_user()
    if form.validate_on_submit():
        actor = current_actor()
        try:
            changed = _changed(form.to_command(), user.person.login if user else actor.label)
            with unit_of_work() as session:
                services.change_own_password(
                    session,
                    changed,
                    actor=actor,
                    now=utc_now(),
                    keep_session_id=user.person.session_id if user else None,
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Your password is changed. Other devices are signed out."), "success")
            return redirect("/", code=303)
    forced = bool(user and user.person.must_change_password)
    page = render_template("accounts/password.html", form=form, forced=forced, length=passwords.LEAST_LENGTH)
    return page, 422 if form.errors or form.form_errors else 200
