"""Fingers on a screen, through the browser's own way of telling of them."""

from collections.abc import Callable

from playwright.sync_api import Page

Point = tuple[float, float]


class Fingers:
    """What fingers do on `page`, whose context has_touch."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def move(
        self, *paths: tuple[Point, Point], half_way: Callable[[], None] = lambda: None
    ) -> None:
        """Each finger goes down, along its path and up again, all at once; they rest for `half_way`."""
        steps = 8
        self.down(*(start for start, _ in paths))
        for step in range(1, steps + 1):
            share = step / steps
            at = [(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])) for a, b in paths]
            self._tell("touchMove", *at)
            if 2 * step == steps:
                half_way()
        self.up()

    def down(self, *at: Point) -> None:
        """Put them down there."""
        self._tell("touchStart", *at)

    def up(self) -> None:
        """Take all of them away."""
        self._tell("touchEnd")

    def _tell(self, kind: str, *at: Point) -> None:
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(at)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
