"""An application on loopback, served from a thread of its own."""

import asyncio
import threading

from fastapi import FastAPI

from api.live import LiveHub
from api.server import Server, listen


class Serving:
    """Serves until `stop`; `call` runs something on its loop."""

    def __init__(self, app: FastAPI, hub: LiveHub, port: int = 0) -> None:
        self._listener = listen("127.0.0.1", port)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = Server(app, hub)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        """End it, and every stream."""
        self._server.should_exit = True
        self._thread.join(30)
        self.loop.close()

    def _serve(self) -> None:
        self.loop.run_until_complete(self._server.serve(sockets=[self._listener]))
