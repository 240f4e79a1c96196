"""Names for people and sensors in a recording that may be passed on."""

import re

_ADDRESS = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")


class Pseudonyms:
    """Hands out `sensor-1`, `wearer-1`, ... in order; the same name always gets the same pseudonym."""

    def __init__(self) -> None:
        self._sensors: dict[str, str] = {}
        self._wearers: dict[str, str] = {}
        self._octets: list[tuple[bytes, bytes]] = []

    def sensor(self, sensor_id: str) -> str:
        """The pseudonym of a sensor."""
        if sensor_id not in self._sensors:
            number = len(self._sensors) + 1
            self._sensors[sensor_id] = f"sensor-{number}"
            if _ADDRESS.fullmatch(sensor_id):
                real = bytes.fromhex(sensor_id.replace(":", ""))
                # 02: locally administered, nobody's (IEEE 802, section 8.2.2)
                other = bytes([0x02, 0, 0, 0, *number.to_bytes(2, "big")])
                self._octets += [(real, other), (real[::-1], other[::-1])]
        return self._sensors[sensor_id]

    def wearer(self, wearer_id: str) -> str:
        """The pseudonym of a wearer."""
        return self._wearers.setdefault(wearer_id, f"wearer-{len(self._wearers) + 1}")

    def in_payload(self, payload: bytes) -> bytes:
        """`payload` with the addresses of the sensors so far replaced, in either order of octets."""
        for real, other in self._octets:
            payload = payload.replace(real, other)
        return payload
