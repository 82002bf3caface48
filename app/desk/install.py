"""Makes an application serve pages: cookies, forged forms, errors as pages, and what every template can use."""

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

import flask
from flask import Flask, Response, g, request

from app.config.settings import Settings
from app.desk import forms, shown
from app.desk.cookies import AGAIN, TOKEN
from app.desk.language import Spoken, language, refusal
from app.desk.navigation import NAVIGATION
from app.desk.pages import Pages
from app.desk.paging import first_url
from app.desk.search import add_search
from app.desk.static_files import read_all, static_file
from app.kernel.errors import Forbidden
from app.kernel.ids import new_id
from app.web.auth import ROLES
from app.web.paths import requested_address, requested_path

SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{images}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REFRESH, SIGN_IN = "/desk/users/refresh", "/desk/users/sign-in"


def install(app: Flask, settings: Settings) -> None:
    """Call it before the token of a request is read, and so that headers that others set can be replaced here."""
    files = app.extensions["quartet_desk_static"] = read_all()
    app.register_blueprint(flask.Blueprint("desk", __name__, template_folder="templates"))
    app.before_request(_admit)
    app.after_request(_answer)

    def own_module() -> str:
        """The module of this page, which is therefore there: it also has the files and the search of the page."""
        module, hosted = request.path.split("/")[2:3], app.extensions["quartet_modules"]
        return module[0] if module and module[0] in hosted else next(iter(hosted))

    def static_url(name: str) -> str:
        return f"/desk/{own_module()}/static/{name}?{files[name].sum}"

    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension(Spoken)
    env.filters |= shown.FILTERS
    env.globals |= {
        "own_module": own_module,
        "static_url": static_url,
        "NAVIGATION": NAVIGATION,
        "language": language,
        "refusal": refusal,
        "filled": forms.filled,
        "newer": forms.newer,
        "error_of": forms.error_of,
        "new_key": lambda: str(new_id()),
        "may": may,
        "role": lambda: g.identity.role if g.get("identity") else None,
        "done_text": _done_text,
        "first_url": first_url,
    }


def register(app: Flask, pages: Iterable[Pages]) -> None:
    """Add the pages of a module, the files that they load, and the search."""
    for index, each in enumerate(pages):
        if not index:
            each.add_url_rule("/static/<name>", "static_file", static_file)
            add_search(each)
        app.register_blueprint(each)


def may(role: str) -> bool:
    """Whether the caller has this role, or a higher one."""
    who = g.get("identity")
    return who is not None and ROLES[who.role] >= ROLES[role]


def is_desk(path: str) -> bool:
    """Whether a path is one of the desk."""
    return path == "/desk" or path.startswith("/desk/")


def _admit() -> None:
    """Take the token from its cookie, and refuse a form that another site has sent. Raises Forbidden."""
    if not is_desk(request.path):
        return
    if token := request.cookies.get(TOKEN):
        request.environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    if request.method not in SAFE and not _is_ours():
        raise Forbidden("sent_from_elsewhere", "this form was not sent from a page of the desk: open the page again")


def _is_ours() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _answer(response: Response) -> Response:
    if not is_desk(request.path):
        return response
    if response.mimetype == "application/problem+json":
        response = _page_of(response)
    images = "".join(f" {each}" for each in g.get("desk_images", ()))
    response.headers["Content-Security-Policy"] = g.get("desk_policy") or POLICY.format(images=images)
    response.headers["Referrer-Policy"] = "same-origin"  # without one, forms would be sent without their origin
    if "Cache-Control" not in response.headers or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    return response


def _page_of(response: Response) -> Response:
    """The page of a problem; a caller who is not signed in goes to where the session is renewed, with the form."""
    problem = response.get_json()
    if response.status_code == 401 and not request.path.startswith((SIGN_IN, REFRESH)):
        return _renew(response)
    layout = "desk/fragment.html" if request.headers.get("HX-Request") else "desk/base.html"
    response.set_data(flask.render_template("desk/problem.html", layout=layout, problem=problem))
    response.mimetype = "text/html"
    response.headers.pop("WWW-Authenticate", None)
    return response


def _renew(response: Response) -> Response:
    """To where the session is renewed, and from there back to here; a form goes with it."""
    is_form = request.method not in SAFE
    here = requested_path() if is_form else requested_address()
    over = "&over=1" if {AGAIN, TOKEN} <= request.cookies.keys() else ""  # a new token was refused as well
    response.set_data("")
    response.mimetype, response.status_code = "text/html", 307 if is_form else 303
    response.headers["Location"] = f"{REFRESH}?next={quote(here, safe='')}{over}"
    response.headers.pop("WWW-Authenticate", None)
    return response


def _done_text() -> str:
    return request.args.get("done", "")[:100]
