"""Stub; being written."""
from app.kernel import errors
from app.web.idempotency import KeyMissing


def install(app, settings):
    def handle(e):
        status = {errors.NotFound: 404, errors.Conflict: 409, errors.Invalid: 422, errors.Forbidden: 403, errors.Unauthorized: 401, errors.Unavailable: 503, KeyMissing: 400}[type(e)]
        return {"code": e.code, "detail": e.sentence, "status": status, **e.more}, status
    app.register_error_handler(errors.Refused, handle)
