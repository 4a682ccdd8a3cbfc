"""Isnad as a WSGI application, for the comparison of servers alone: without what is ASGI's.

That is the guard of bodies and the waiting of the feed (config/asgi.py).
"""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
