"""The same two user agents, and their voice goes through the gateway.

baresip sends from another address of the machine than it names; the line's range holds both.
"""

from user_agents.check import check as talks
from gateway import Failure


def check(gateway, line):
    talks(gateway, line)
    for call in gateway.calls_to(line.number, 2):
        for stream in gateway.get(f"calls/{call['id']}")["streams"]:
            if min(stream["received"], stream["sent"]) < 50 or stream["lost"] or stream["strangers"]:
                raise Failure(f"a second of voice each way is expected: {stream}")
