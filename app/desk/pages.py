"""The pages of a module: what is shown at an address, and what a form does there."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.desk.forms import Form, Sent
from app.desk.links import local, with_query
from app.kernel.claim import Claim, Claims
from app.kernel.errors import Invalid, Refused
from app.kernel.ids import new_id
from app.kernel.transaction import Transaction
from app.web.auth import admin_only, signed_in, staff_only
from app.web.bodies import large_body
from app.web.idempotency import MAX_KEY_LENGTH
from app.web.paths import requested_path
from app.web.problems import status_of

GUARDS: dict[str, Callable[[Any], Any]] = {"customer": signed_in, "staff": staff_only, "admin": admin_only}
Run = Callable[..., object]


class Pages(flask.Blueprint):
    """Pages under /desk/<module>. Their templates are in the folder `templates` beside the file that makes them."""

    def __init__(self, module: str, import_name: str, name: str | None = None) -> None:
        super().__init__(
            name or f"desk_{module}", import_name, url_prefix=f"/desk/{module}", template_folder="templates"
        )
        self.module = module
        self.forms: dict[str, Form] = {}

    def page(
        self,
        rule: str,
        name: str,
        view: Callable[..., ResponseReturnValue],
        role: str = "staff",
        methods: Sequence[str] = ("GET",),
    ) -> None:
        """Show a page to everyone who has the role. A search for what belongs in no address is a POST as well."""
        self.add_url_rule(rule, name, GUARDS[role](view), methods=list(methods))

    def action(
        self, rule: str, form: Form, transaction: Transaction[Any] | None, run: Run, page: str, view: Run
    ) -> None:
        """Do what a form says, and then show the page of this name. `view` makes that page, for a refused form.

        `run` receives the unit of work, the form as it was sent, and the variables of the path. Without a transaction
        it opens its own, and what it does has the same effect when it is done twice.
        """
        self.forms[form.name] = form
        act = Action(form, transaction, run, f"{self.name}.{page}", view)
        # a form takes up to nine bytes for a character, so that a long text needs more than other requests may have
        self.add_url_rule(rule, form.name, large_body(GUARDS[form.role](act)), methods=["POST"])


@dataclass(frozen=True)
class Action:
    """A form's effect: once for each form that was shown, however often it is sent."""

    form: Form
    transaction: Transaction[Any] | None
    run: Run
    page: str
    view: Run

    def __call__(self, **path: Any) -> ResponseReturnValue:
        try:
            values = self.form.read(request.form)
            self._run(values, path)
        except Refused as refused:
            return refused_page(refused, lambda: self.view(**path))
        return done(url_for(self.page, **path).partition("?")[0], self.form)

    def _run(self, values: dict[str, Any], path: dict[str, Any]) -> None:
        raw = request.form.to_dict()
        if self.transaction is None:
            self.run(Sent(None, values, raw), **path)
            return
        with self.transaction() as uow:
            claim = claim_form(uow.claims)
            if not claim.earlier:
                self.run(uow, Sent(claim.resource_id, values, raw), **path)


def done(url: str, form: Form) -> Response:
    """Go on to the page that the form came from, or else to `url`; it says what was done."""
    back = local(request.form.get("back")) or url
    return redirect(with_query(back, done=form.done), 303)


def refused_page(refused: Refused, page: Callable[[], Any]) -> Response:
    """The page that the form is on, with the reason and what was typed."""
    g.refused, g.refused_at, g.refused_values = refused, requested_path(), request.form.to_dict()
    response = flask.make_response(page())
    response.status_code = status_of(refused)
    return response


def claim_form(claims: Claims) -> Claim:
    """Claim the key that the form was shown with. Raises Invalid(invalid_form, form_sent_before)."""
    key = request.form.get("key", "")
    if not key or len(key) > MAX_KEY_LENGTH - 5 or not key.isprintable():
        raise Invalid("invalid_form", "the form has no key: load the page again")
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name != "back")
    content = repr((request.path, sent)).encode()
    try:
        return claims.claim(g.caller, f"desk:{key}", hashlib.sha256(content).digest(), new_id())
    except Invalid:  # after the browser's back button; the page that is shown now has a new key
        sentence = "this form was sent before, with other values: look at what that did, then send this if it is right"
        raise Invalid("form_sent_before", sentence) from None


def render(template: str, **context: Any) -> str:
    """A page, or only its content if a page of another module shows it as its fragment."""
    layout = "desk/fragment.html" if request.headers.get("HX-Request") else "desk/base.html"
    return flask.render_template(template, layout=layout, **context)
