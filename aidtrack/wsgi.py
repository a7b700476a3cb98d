"""The application as a WSGI server finds it: `aidtrack.wsgi:app`, configured by the environment."""

from aidtrack.app import create_app

app = create_app()
