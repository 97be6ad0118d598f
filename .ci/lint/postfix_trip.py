"""A letter's whole way: Postbag, its relay, an office's server, and back.

Two Postfix on loopback: the relay takes what Postbag sends, and puts what comes back into a Maildir; the other one has the
mailboxes of the demo's representatives and of example.org, and refuses one representative.
"""

import email
import email.policy
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import dkim

SENDING = ["letters.harbour.example.org", "post.clearwater.example.org"]
REFUSED = "una.jessamy@mp.example.org"
# Not root: Postfix delivers as an ordinary user.
OWNER = 65534


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(what, find, seconds=60):
    """The first true answer of `find`."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = find()
        if found:
            return found
        time.sleep(0.2)
    raise SystemExit(f"{what}: not within {seconds} seconds")


class Postfix:
    """One instance with a queue and settings of its own."""

    def __init__(self, work, name, port, settings, maps):
        self.folder = work / name
        for part in ["etc", "queue", "data", "mail"]:
            (self.folder / part).mkdir(parents=True)
        shutil.chown(self.folder / "data", "postfix")
        os.chown(self.folder / "mail", OWNER, OWNER)
        for file, lines in maps.items():
            (self.folder / "etc" / file).write_text("".join(f"{line}\n" for line in lines))
        etc = self.folder / "etc"
        base = {
            "compatibility_level": "3.6",
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "command_directory": "/usr/sbin",
            "daemon_directory": "/usr/lib/postfix/sbin",
            "maillog_file": self.folder / "log",
            "maillog_file_prefixes": work,
            "myhostname": f"{name}.example.net",
            "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "alias_maps": "",
            "alias_database": "",
            "virtual_mailbox_base": self.folder / "mail",
            "virtual_uid_maps": f"static:{OWNER}",
            "virtual_gid_maps": f"static:{OWNER}",
            "smtp_tls_security_level": "none",
            "smtp_dns_support_level": "disabled",
        } | {key: value.format(etc=etc) for key, value in settings.items()}
        (etc / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in base.items()))
        services = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
        unchrooted = [re.sub(r"^(\S+\s+\S+\s+\S+\s+\S+\s+)y", r"\1n", line) for line in services]
        port_line = [re.sub(r"^smtp(\s+inet)", rf"{port}\1", line) for line in unchrooted]
        (etc / "master.cf").write_text("\n".join(port_line) + "\n")

    def run(self, command):
        subprocess.run(["postfix", "-c", self.folder / "etc", command], check=True, capture_output=True)

    def messages(self, folder):
        """The messages of a Maildir."""
        files = sorted((self.folder / "mail" / folder / "new").glob("*"))
        return [file.read_bytes() for file in files]


def call(method, url, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(url, data, sent, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def submission(name, postcode):
    address = {"line1": "1 High Street", "line2": None, "town": "Alderwick", "postcode": postcode}
    person = {"title": None, "first_name": name, "last_name": "Ó Dálaigh", "email": f"{name.lower()}@example.org"}
    return {"supporter": person | {"phone": None, "address": address}, "personal_message": "My mother waited eleven weeks. £5."}


def zone_records(zone):
    lines = [line for line in zone.splitlines() if not line.startswith(";")]
    named = (line.split(" IN TXT ", 1) for line in lines if " IN TXT " in line)
    return {name.encode(): "".join(re.findall(r'"([^"]*)"', text)).encode() for name, text in named}


def verify(message, zone):
    """Both signatures must hold on what the office received."""
    find = lambda name, timeout=5: zone.get(name if isinstance(name, bytes) else name.encode())
    held = [dkim.DKIM(message).verify(idx=index, dnsfunc=find) for index in range(2)]
    assert held == [True, True], held


def trip(postbag, work):
    relay_port, office_port = free_port(), free_port()
    returned = work / "relay" / "mail" / "returned"
    offices = [line.split(",") for line in pathlib.Path("api/assets/demo/representatives.csv").read_text().splitlines()[1:]]
    addresses = {cell for line in offices for cell in line if "@" in cell} - {REFUSED}
    domains = sorted({address.split("@")[1] for address in addresses})
    relay = Postfix(work, "relay", relay_port, {
        "relayhost": f"[127.0.0.1]:{office_port}",
        "virtual_mailbox_domains": ", ".join(SENDING),
        "virtual_mailbox_maps": "texthash:{etc}/mailboxes",
    }, {"mailboxes": [f"@{domain} returned/" for domain in SENDING]})
    office = Postfix(work, "office", office_port, {
        "virtual_mailbox_domains": ", ".join([*domains, "example.org"]),
        "virtual_mailbox_maps": "texthash:{etc}/mailboxes",
    }, {"mailboxes": [*(f"{address} offices/" for address in sorted(addresses)), "@example.org supporters/"]})
    for part in ["new", "cur", "tmp"]:
        (returned / part).mkdir(parents=True)
    for folder in [returned, *returned.iterdir()]:
        os.chown(folder, OWNER, OWNER)
    environment = os.environ | {
        "POSTBAG_LISTEN": "127.0.0.1:0",
        "POSTBAG_ADMIN_LISTEN": "127.0.0.1:0",
        "POSTBAG_DATA_DIR": f"{work}/data",
        "POSTBAG_DATABASE_URL": f"sqlite:{work}/data/postbag.db",
        "POSTBAG_MAIL__TRANSPORT": "smtp",
        "POSTBAG_MAIL__SMTP__HOST": "127.0.0.1",
        "POSTBAG_MAIL__SMTP__PORT": str(relay_port),
        "POSTBAG_MAIL__SMTP__TLS": "none",
        "POSTBAG_MAIL__DKIM_FOLDER": f"{work}/dkim",
        "POSTBAG_MAIL__BOUNCES_FOLDER": str(returned),
    }
    for domain in SENDING:
        subprocess.run([postbag, "dkim", "generate", domain], env=environment, check=True, capture_output=True)
    zone = zone_records(subprocess.run([postbag, "dkim"], env=environment, check=True, capture_output=True, text=True).stdout)
    started = []
    try:
        for postfix in [relay, office]:
            postfix.run("start")
            started.append(postfix)
        with open(work / "out", "w+") as out, open(work / "log", "w") as log:
            server = subprocess.Popen([postbag, "serve", "--demo"], env=environment, stdout=out, stderr=log)
            try:
                ready = lambda: re.search(r"^listening on (\S+)$(?s:.*)export TOKEN", (work / "out").read_text(), re.M)
                base = wait("the demo", ready)[1]
                confirmed(base, office, zone)
                came_back(base)
            except BaseException:
                print((work / "log").read_text()[-4000:], (work / "relay" / "log").read_text()[-4000:])
                raise
            finally:
                server.terminate()
                server.wait(20)
    finally:
        for postfix in started:
            postfix.run("stop")


def confirmed(base, office, zone):
    """Submit, confirm by the mailed link, and read the letter that arrived."""
    url = f"{base}/v1/campaigns/room-to-breathe/actions"
    receipt = call("POST", url, submission("Zoe", "ZA2 1AA"), Idempotency_Key="trip-confirmed")
    assert receipt["status"] == "awaiting_confirmation", receipt
    mail = wait("the confirmation mail", lambda: office.messages("supporters"))[0]
    verify(mail, zone)
    text = email.message_from_bytes(mail, policy=email.policy.default).get_body(("plain",)).get_content()
    token = re.search(r"/confirm/([0-9a-f]+)", text)[1]
    call("POST", f"{base}/v1/confirmations", {"token": token})
    letter = wait("a letter", lambda: office.messages("offices"))[0]
    verify(letter, zone)
    parsed = email.message_from_bytes(letter, policy=email.policy.default)
    assert parsed["Reply-To"].addresses[0].addr_spec == "zoe@example.org", parsed["Reply-To"]
    assert re.match(r"letter-[a-z2-7]{42}@", parsed["From"].addresses[0].addr_spec), parsed["From"]
    assert "My mother waited eleven weeks. £5." in parsed.get_content()
    print(f"confirmed by the mailed link; both signatures hold at the office; {state(base, receipt)}")


def state(base, receipt):
    token = f"Bearer {receipt['receipt_token']}"
    view = call("GET", f"{base}/v1/actions/{receipt['id']}", Authorization=token)
    return ", ".join(sorted(delivery["state"] for delivery in view["deliveries"]))


def came_back(base):
    """A letter to somebody whom the office's server does not know."""
    url = f"{base}/v1/campaigns/every-week-counts/actions"
    receipt = call("POST", url, submission("Abe", "ZA1 1AA"), Idempotency_Key="trip-returned")
    wait("the receipt to say that the letter came back", lambda: "permanent_failure" in state(base, receipt))
    print(f"a bounce of Postfix was read; {state(base, receipt)}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="postfix-trip-") as folder:
        os.chmod(folder, 0o755)
        trip(sys.argv[1], pathlib.Path(folder))
