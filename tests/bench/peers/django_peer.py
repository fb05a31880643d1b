"""Django with its own ORM and one transaction per request: the usual recipe, in one file."""

import os
import secrets

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import path

from tests.bench.peers import work

DATABASE = (
    {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["PEER_SQLITE"],
     "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", "timeout": 20,
                 "transaction_mode": "IMMEDIATE"}}
    if "PEER_SQLITE" in os.environ
    else {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres",
          "HOST": os.environ["PEER_POSTGRES_HOST"]}
)  # fmt: skip

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {**DATABASE, "CONN_MAX_AGE": None}},
    DEBUG=False,
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(32),
)
django.setup()


class Draft(models.Model):
    id = models.CharField(primary_key=True, max_length=32)
    sealed = models.BinaryField()

    class Meta:
        app_label = "peer"
        db_table = "peer_draft"


def start(_: HttpRequest) -> HttpResponse:
    draft_id, cookie = work.new_cookie()
    Draft.objects.create(id=draft_id, sealed=work.seal({}, work.cookie_parts(cookie)[1]))
    reply = HttpResponse(work.token(cookie))
    reply.set_cookie("peer", cookie, httponly=True)
    return reply


def save(request: HttpRequest, variable: str) -> HttpResponse:
    cookie = request.COOKIES["peer"]
    if not work.token_fits(cookie, request.POST["csrf"]):
        return HttpResponseForbidden()
    draft_id, key = work.cookie_parts(cookie)
    with transaction.atomic():
        draft = Draft.objects.get(pk=draft_id)
        answers = work.unseal(bytes(draft.sealed), key)
        draft.sealed = work.seal(answers | {variable: work.checked(request.POST["answer"])}, key)
        draft.save(update_fields=["sealed"])
    reply = HttpResponseRedirect("/page/next")
    reply.status_code = 303
    return reply


urlpatterns = [path("start", start), path("page/<str:variable>", save)]
if Draft._meta.db_table not in connection.introspection.table_names():
    with connection.schema_editor() as editor:
        editor.create_model(Draft)
app = get_wsgi_application()
