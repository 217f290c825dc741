"""Runs the page: `python -m streamlit_client`."""

import gc
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from uvicorn.config import HTTP_PROTOCOLS

from streamlit_client.browser_id import BrowserIdMiddleware
from streamlit_client.browser_script import script_routes
from streamlit_client.components.boundary import show_unforeseen
from streamlit_client.connection import connection_kind
from streamlit_client.document import DocumentMiddleware
from streamlit_client.edge import EdgeMiddleware
from streamlit_client.logs import configure_logs
from streamlit_client.map_assets import asset_routes, serve_from_here
from streamlit_client.map_pages import page_routes
from streamlit_client.sessions import KEPT_SECONDS, ending_sessions
from streamlit_client.settings import PageSettings
from streamlit_client.static_files import StaticFilesMiddleware, find_static_files
from streamlit_client.theme import streamlit_theme
from streamlit_client.upload_routes import upload_routes

_OWN_HOSTS = ("localhost", "127.0.0.1", "::1")  # where its health is asked for; no foreign name is among them


def main() -> None:
    """Serves the page until told to stop. Nothing it needs comes from the internet."""
    settings = PageSettings()
    configure_logs(settings.log_format, settings.log_level)
    serve_from_here(settings.base_path)
    _collect_rarely()
    HTTP_PROTOCOLS["auto"] = connection_kind(settings)  # type: ignore[assignment]  # Streamlit has no setting
    app = st.App(
        Path(__file__).with_name("app.py"),
        # What browsers may keep is answered before the document and its cookie come in.
        middleware=[
            Middleware(EdgeMiddleware, base_path=settings.base_path),
            Middleware(StaticFilesMiddleware, files=find_static_files()),
            Middleware(BrowserIdMiddleware),
            Middleware(DocumentMiddleware, base_path=settings.base_path),
        ],
        routes=[*asset_routes(), *page_routes(), *script_routes(), *upload_routes()],
        lifespan=ending_sessions,
        on_script_error=show_unforeseen,
    )
    app.run(
        config={
            "server.address": settings.address,
            "server.port": settings.port,
            "server.allowedHosts": [*_OWN_HOSTS, *settings.allowed_hosts],
            "server.headless": True,
            "server.fileWatcherType": "none",
            "server.disconnectedSessionTTL": KEPT_SECONDS,
            "server.enableXsrfProtection": True,
            "browser.gatherUsageStats": False,
            "logger.hideWelcomeMessage": True,  # it is no line of a log
            "client.toolbarMode": "minimal",
            "client.showErrorDetails": "none",
            "client.showErrorLinks": False,
            "client.disableDataExport": True,  # its CSV would carry cells that run as formulas; ours does not
            "runner.magicEnabled": False,
            "runner.postScriptGC": False,  # `_collect_rarely` says why
            **streamlit_theme(),
        }
    )


def _collect_rarely() -> None:
    """Keeps the collector off what stays for ever, and has it look at the rest by how much was made since.

    Streamlit's own way is to walk the objects of all sessions after every click of any of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


if __name__ == "__main__":
    main()
