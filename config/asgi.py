"""The application as the server runs it, behind a guard of the sizes and times of bodies."""

import os
from typing import cast

from django.core.asgi import get_asgi_application

# A server keeps connections for its requests; commands, which import no application, do not.
os.environ.setdefault("DATABASE_POOL_SIZE", "16")

django_application = get_asgi_application()  # sets Django up, which the imports below need

from django.conf import settings  # noqa: E402

from claims.api.edge import Edge  # noqa: E402
from claims.api.following import Following  # noqa: E402
from claims.api.plain_reads import plain_reads  # noqa: E402
from claims.api.plain_writes import plain_writes  # noqa: E402
from config.bodies import App, BodyGuard  # noqa: E402

edge = Edge(cast(App, django_application), plain_reads(), plain_writes())
application = BodyGuard(
    Following(edge, path="/api/v1/changes/"),
    limit=settings.LARGE_BODY_LIMIT,
    seconds=settings.BODY_SECONDS,
)
