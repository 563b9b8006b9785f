"""Record-Route, Route and an outbound proxy (RFC 3261 §12.1, §12.2.1.1, §16.12)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp

OVER_THE_TRUNK = "+33199009001"
# Further proxies, which only the nearer one would send to.
NEAR_CALLER, NEAR_LINE = "<sip:127.0.0.77:5070;lr>", "<sip:127.0.0.78;lr>"


def passes(proxy, method, uri, *routes):
    """The proxy sees this request on its way to `uri`, and answers it in the place of who is behind it."""
    asked = proxy.hear(method)
    found = ", ".join(asked.all("route"))
    if asked.uri != uri or found.replace(", ", ",") != ",".join(routes):
        raise Failure(f"{method} is to {asked.uri} by {found or 'no route'}; expected {uri} by {routes}:\n{asked}")
    if method != "ACK":
        proxy.answerer(asked).reply(200)


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop, \
            Party(CALLER_HOST) as near, Party(LINE_HOST) as far:
        near_uri, far_uri = f"sip:{CALLER_HOST}:{near.port}", f"sip:{LINE_HOST}:{far.port}"
        caller_uri, shop_uri = caller.contact.strip("<>"), shop.contact.strip("<>")

        # Loose ones: the caller's first, the line's last stands nearest to us.
        recorded = f"<{near_uri};lr>, {NEAR_CALLER}"
        leg = caller.invite(line.number, f"Record-Route: {recorded}")
        ring = shop.answerer(shop.hear("INVITE"))
        if ring.asked.all("record-route"):
            raise Failure(f"the caller's proxies are none of the line's:\n{ring.asked}")
        ring.reply(180)
        if ", ".join(leg.hear(180).all("record-route")) != recorded:
            raise Failure("a response does not tell the proxies of its request")
        ring.reply(200, f"Record-Route: {NEAR_LINE}, <{far_uri};lr>", body=sdp("line"))
        leg.ack(leg.hear(200))
        to_line = f"<{far_uri};lr>", NEAR_LINE
        passes(far, "ACK", shop_uri, *to_line)
        ring.send("INFO", body="to the caller")
        passes(near, "INFO", caller_uri, f"<{near_uri};lr>", NEAR_CALLER)
        ring.hear(200, of="INFO")
        leg.send("BYE")
        passes(far, "BYE", shop_uri, *to_line)
        leg.hear(200, of="BYE")

        # A strict one stands in the Request-URI itself, and the caller at the end of the route.
        leg = caller.invite(line.number, f"Record-Route: <{near_uri}>, {NEAR_CALLER}")
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(200, f"Record-Route: <{far_uri}>", body=sdp("line"))
        leg.ack(leg.hear(200))
        passes(far, "ACK", far_uri, f"<{shop_uri}>")
        ring.send("BYE")
        passes(near, "BYE", near_uri, NEAR_CALLER, f"<{caller_uri}>")
        ring.hear(200, of="BYE")

    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=int(gateway.names["spare1"])) as proxy:
        leg = caller.invite(OVER_THE_TRUNK)
        ring = proxy.answerer(proxy.hear("INVITE"))
        route = f"<sip:{LINE_HOST}:{proxy.port};lr>"
        if ring.asked.uri != "sip:+33612345678@192.0.2.77;user=phone" or ring.asked.all("route") != [route]:
            raise Failure(f"the proxy before the trunk is to be named in Route, the carrier in the URI:\n{ring.asked}")
        ring.reply(486)
        ring.hear("ACK")
        leg.ack(leg.hear(486))

    for number, outcomes in ((line.number, ["answered", "answered"]), (OVER_THE_TRUNK, ["busy"])):
        if (found := [call["outcome"] for call in gateway.calls_to(number, len(outcomes))]) != outcomes:
            raise Failure(f"the outcomes are {found}, expected {outcomes}")
