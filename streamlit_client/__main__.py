"""Runs the page: `python -m streamlit_client`."""

import gc
import sys
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from uvicorn.config import HTTP_PROTOCOLS

from servicekit.process_group import join_group, run_group
from streamlit_client.explore.lazy_rows import serve_rows_lazily
from streamlit_client.files.row_files import row_routes
from streamlit_client.files.upload_routes import upload_routes
from streamlit_client.parts.boundary import show_unforeseen
from streamlit_client.server.browser_id import BrowserIdMiddleware
from streamlit_client.server.browser_script import script_routes
from streamlit_client.server.connection import connection_kind
from streamlit_client.server.document import DocumentMiddleware
from streamlit_client.server.edge import EdgeMiddleware
from streamlit_client.server.handover import server_kind, shared_connection_kind
from streamlit_client.server.logs import configure_logs
from streamlit_client.server.map_assets import asset_routes, serve_from_here
from streamlit_client.server.map_pages import page_routes
from streamlit_client.server.sessions import KEPT_SECONDS, expire_sessions
from streamlit_client.server.static_files import StaticFilesMiddleware, find_static_files
from streamlit_client.settings import PageSettings
from streamlit_client.theme import streamlit_theme

_UNWIND_SECONDS = 2.0  # what a stop takes besides finishing requests
_OWN_HOSTS = ("localhost", "127.0.0.1", "::1")  # for health checks


def main() -> None:
    """Serves the page until a stop signal. It needs nothing from the internet."""
    settings = PageSettings()
    configure_logs(settings.log_format, settings.log_level)
    membership = join_group()
    if membership is None and settings.processes > 1:
        program = (sys.executable, "-m", "streamlit_client")
        run_group(
            program,
            settings.processes,
            (settings.address, settings.port),
            stop_seconds=settings.drain_seconds + _UNWIND_SECONDS,
        )
    serve_from_here(settings.base_path)
    serve_rows_lazily()
    _collect_rarely()
    kind = connection_kind(settings) if membership is None else shared_connection_kind(settings, membership)
    HTTP_PROTOCOLS["auto"] = kind  # type: ignore[assignment]  # Streamlit has no setting
    uvicorn.Server = server_kind(settings.drain_seconds, membership)  # type: ignore[misc]  # nor for this
    app = st.App(
        Path(__file__).with_name("app.py"),
        # Cacheable files are answered before the document and its cookie are involved.
        middleware=[
            Middleware(EdgeMiddleware, base_path=settings.base_path),
            Middleware(StaticFilesMiddleware, files=find_static_files()),
            Middleware(BrowserIdMiddleware),
            Middleware(DocumentMiddleware, base_path=settings.base_path),
        ],
        routes=[*asset_routes(), *page_routes(), *script_routes(), *upload_routes(), *row_routes()],
        lifespan=expire_sessions,
        on_script_error=show_unforeseen,
    )
    app.run(
        config={
            "server.address": settings.address,
            "server.port": settings.port if membership is None else 0,  # a member listens on the socket of its group
            "server.allowedHosts": [*_OWN_HOSTS, *settings.allowed_hosts],
            "server.headless": True,
            "server.fileWatcherType": "none",
            "server.disconnectedSessionTTL": KEPT_SECONDS,
            "server.enableXsrfProtection": True,
            "browser.gatherUsageStats": False,
            "logger.hideWelcomeMessage": True,  # not a log line
            "client.toolbarMode": "minimal",
            "client.showErrorDetails": "none",
            "client.showErrorLinks": False,
            "client.disableDataExport": True,  # its CSV is not guarded against formulas; ours is
            "runner.magicEnabled": False,
            "runner.postScriptGC": False,  # see `_collect_rarely`
            **streamlit_theme(),
        }
    )


def _collect_rarely() -> None:
    """Freezes permanent objects, and lets the garbage collector run by the number of allocations.

    By default Streamlit collects the objects of all sessions after every click in any of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


if __name__ == "__main__":
    main()
