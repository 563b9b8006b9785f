"""`whence calls`, the events of the API, and `whence hang-up`."""

import contextlib
import http.client
import json

from gateway import CALLER_HOST, Failure
from held import held_call


class Events:
    """Server-sent events of the live calls, as they come."""

    def __init__(self, gateway):
        self.connection = http.client.HTTPConnection(CALLER_HOST, gateway.http_port, timeout=5)
        self.connection.request("GET", "/api/v1/live-calls/events", headers={"Authorization": f"Bearer {gateway.key}"})
        self.answer = self.connection.getresponse()

    def close(self):
        self.connection.close()

    def hear(self, name, fits=lambda data: True):
        """The data of the next event of this name that fits."""
        event = None
        while line := self.answer.readline().decode().rstrip("\n"):
            field, _, value = line.partition(": ")
            if field == "event":
                event = value
            elif field == "data" and event == name and fits(data := json.loads(value)):
                self.answer.readline()
                return data
            elif field == "data":
                self.answer.readline()
        raise Failure(f"no event {name!r} comes")


def check(gateway, line):
    with contextlib.closing(Events(gateway)) as events:
        if calls := events.hear("calls"):
            raise Failure(f"there are calls before there is one: {calls}")
        with held_call(gateway, line) as (leg, ring):
            ringing = events.hear("call", lambda call: call["state"] == "ringing")
            talking = events.hear("call", lambda call: call["state"] == "talking")
            if ringing["id"] != talking["id"] or talking["line"] != line.uri:
                raise Failure(f"the events are of something else: {ringing} {talking}")

            told = gateway.command("calls", "--key", gateway.key)
            if talking["id"] not in told or "talking" not in told:
                raise Failure(f"whence calls says {told!r}")
            gateway.command("hang-up", talking["id"], "--key", gateway.key)
            for end in (leg, ring):
                end.hear("BYE")
                end.reply(200)
            ended = events.hear("ended")
            if ended != {"id": talking["id"], "outcome": "answered", "hung_up_by": "gateway"}:
                raise Failure(f"the end is told as {ended}")
