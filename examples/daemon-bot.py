"""A bot by a running "quietroom daemon", with Python's standard library only.

It answers each direct message. Usage: python3 daemon-bot.py SOCKET [COUNT]; it ends after COUNT answers.
"""

import json
import socket
import sys


class Daemon:
    """JSON-RPC 2.0 over the socket of the daemon: one message per line."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")
        self.last_id = 0
        self.waiting = []

    def call(self, method, **params):
        """The result of a method; events that come before it wait."""
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": f"v1.{method}", "params": params}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            message = self.receive()
            if message.get("id") == self.last_id:
                if "error" in message:
                    raise RuntimeError(message["error"]["message"])
                return message["result"]
            self.waiting.append(message)

    def events(self):
        """Events, as they come."""
        while True:
            message = self.waiting.pop(0) if self.waiting else self.receive()
            if message["method"] == "v1.event":
                yield message["params"]
            elif message["method"] == "v1.lost":
                print(f"{message['params']['count']} events were lost.", file=sys.stderr)

    def receive(self):
        line = self.lines.readline()
        if not line:
            sys.exit("The daemon has ended.")
        return json.loads(line)


def main():
    path = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else None
    daemon = Daemon(path)
    hello = daemon.call("hello")
    daemon.call("subscribe", types=["dm"])
    print(f"{hello['username']} on {hello['host']}", flush=True)
    for event in daemon.events():
        # An answer to itself would never end.
        if event["own"]:
            continue
        try:
            receipt = daemon.call("send", type="dm", to=event["sender"], text=f"You wrote: {event['text']}")
        except RuntimeError as error:
            # Such as a name with a blank, which no direct message can be sent to.
            print(f"{event['sender']}: {error}", file=sys.stderr, flush=True)
            continue
        print(f"{event['sender']}: {receipt['status']}", flush=True)
        if count is not None:
            count -= 1
            if count == 0:
                return


main()
