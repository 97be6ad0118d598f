"""Verifies every DKIM signature of the given messages by the records of a zone file, and that a changed message fails."""

import re
import sys

import dkim


def records(zone):
    """The TXT records by name, each as one text."""
    lines = [line for line in open(zone, encoding="ascii") if not line.startswith(";")]
    named = (line.split(" IN TXT ", 1) for line in lines)
    return {name.encode(): "".join(re.findall(r'"([^"]*)"', text)).encode() for name, text in named}


def verified(message, zone):
    """Whether each signature of the message holds."""
    find = lambda name, timeout=5: zone.get(name if isinstance(name, bytes) else name.encode())
    count = len(re.findall(rb"(?m)^DKIM-Signature:", message))
    return [dkim.DKIM(message).verify(idx=index, dnsfunc=find) for index in range(count)]


zone = records(sys.argv[1])
for path in sys.argv[2:]:
    message = open(path, "rb").read()
    assert verified(message, zone) == [True, True], (path, verified(message, zone))
    for changed in (message.replace(b"Subject: ", b"Subject: x", 1), message + b"x\r\n", b"From: e@e.example\r\n" + message):
        try:
            assert not any(verified(changed, zone)), path
        except dkim.ValidationError:
            pass
    print(f"both signatures of {path.rsplit('/', 1)[-1]} hold")
