"""An SMSC that says what a test tells it to, octet for octet. Nothing of the project's codec is in it, so that both can't be wrong alike."""

import contextlib
import socket
import struct
import threading
import time

from harness import wait_until

SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK, ALERT, DATA_SM = 0x04, 0x05, 0x06, 0x15, 0x102, 0x103
GENERIC_NACK, RESPONSE = 0x80000000, 0x80000000
BINDS = (0x01, 0x02, 0x09)
OK, RINVBNDSTS, RMSGQFUL, RTHROTTLED = 0x00, 0x04, 0x14, 0x58
RECEIPTED_ID, MESSAGE_STATE, PAYLOAD, NETWORK_ERROR = 0x001E, 0x0427, 0x0424, 0x0423


def pdu(command, status=OK, sequence=0, body=b""):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def c_string(text):
    return text.encode() + b"\0"


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def address(digits, ton=1, npi=1):
    return bytes([ton, npi]) + c_string(digits)


def deliver_sm(source, destination, text=b"", esm_class=0x04, tlvs=b"", coding=0):
    return (c_string("") + address(source) + address(destination) + bytes([esm_class, 0, 0]) + c_string("") + c_string("") +
            bytes([0, 0, coding, 0, len(text)]) + text + tlvs)


def data_sm(source, destination, esm_class=0x04, tlvs=b"", coding=0):
    return c_string("") + address(source) + address(destination) + bytes([esm_class, 0, coding]) + tlvs


def read_submit(body):
    """The fields of a submit_sm that a test asks for."""
    at = 0

    def text():
        nonlocal at
        end = body.index(0, at)
        found, at = body[at:end].decode("latin-1"), end + 1
        return found

    def octets(count):
        nonlocal at
        at += count
        return body[at - count:at]

    service_type = text()
    source_numbering = tuple(octets(2))
    source = text()
    destination_numbering = tuple(octets(2))
    destination = text()
    esm_class, _, priority = octets(3)
    _, validity = text(), text()
    registered_delivery, _, coding, _, length = octets(5)
    message = octets(length)
    tlvs = {}
    while at + 4 <= len(body):
        tag, length = struct.unpack(">HH", octets(4))
        tlvs[tag] = octets(length)
    return {"source": source, "destination": destination, "esm_class": esm_class, "coding": coding, "message": message, "tlvs": tlvs,
            "service_type": service_type, "registered_delivery": registered_delivery, "at": time.monotonic(), "priority": priority,
            "validity": validity, "source_numbering": source_numbering, "destination_numbering": destination_numbering}


def read_bind(body):
    """system_id, password, system_type, interface_version, addr_ton, addr_npi, address_range."""
    system_id, password, system_type, rest = body.split(b"\0", 3)
    return {"system_id": system_id.decode(), "password": password.decode(), "system_type": system_type.decode(), "interface_version": rest[0],
            "ton": rest[1], "npi": rest[2], "address_range": rest[3:].rstrip(b"\0").decode()}


class Session:
    """One connection of the gateway."""

    def __init__(self, smsc, connection):
        self.smsc, self.connection = smsc, connection
        self.sequence = 0
        self.command = None
        self.lock = threading.Lock()

    def write(self, octets):
        with self.lock, contextlib.suppress(OSError):
            self.connection.sendall(octets)

    def ask(self, command, body=b""):
        """A request of ours; gives its sequence number, under which the answer is kept."""
        self.sequence += 1
        self.write(pdu(command, OK, self.sequence, body))
        return self.sequence

    def close(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def serve(self):
        held = b""
        with contextlib.suppress(OSError):
            while octets := self.connection.recv(65536):
                held += octets
                while len(held) >= 16 and len(held) >= (length := struct.unpack(">I", held[:4])[0]):
                    self.hear(*struct.unpack(">III", held[4:16]), held[16:length])
                    held = held[length:]
        self.connection.close()

    def hear(self, command, status, sequence, body):
        smsc = self.smsc
        if command in BINDS:
            self.command = command
            smsc.binds.append(time.monotonic())
            smsc.bind_bodies.append((command, body))
            return smsc.on_bind(self, command, sequence)
        if command == SUBMIT_SM:
            submit = read_submit(body)
            smsc.submits.append(submit)
            return smsc.on_submit(self, sequence, submit)
        if command in (ENQUIRE_LINK, UNBIND):
            return self.write(pdu(command | RESPONSE, OK, sequence))
        if command & RESPONSE:
            smsc.answers[sequence, id(self)] = (command, status, body)
        return None


class Smsc:
    """Listens on a free port of loopback. `on_bind` and `on_submit` are what a test replaces."""

    def __init__(self, tls=None):
        self.tls = tls          # An ssl.SSLContext: it is spoken over TLS.
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sessions, self.binds, self.bind_bodies, self.submits, self.answers = [], [], [], [], {}
        self.last_id = 0
        self.on_bind = self.accept_bind
        self.on_submit = self.accept_submit
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.tls:
                    try:
                        connection = self.tls.wrap_socket(connection, server_side=True)
                    except OSError:
                        continue
                session = Session(self, connection)
                self.sessions.append(session)
                threading.Thread(target=session.serve, daemon=True).start()

    @staticmethod
    def accept_bind(session, command, sequence):
        session.write(pdu(command | RESPONSE, OK, sequence, c_string("scripted")))

    def accept_submit(self, session, sequence, submit):
        self.last_id += 1
        self.answer(session, sequence, str(self.last_id))

    @staticmethod
    def answer(session, sequence, message_id="", status=OK):
        session.write(pdu(SUBMIT_SM | RESPONSE, status, sequence, c_string(message_id) if status == OK else b""))

    def to_hear(self):
        """The connection that takes receipts: the newest that is no transmitter's."""
        return next(session for session in reversed(self.sessions) if session.command in (0x01, 0x09))

    def tell(self, command, body, seconds=5.0):
        """Sends a request by the newest connection, and gives what it was answered: command, status, body."""
        session = self.to_hear()
        sequence = session.ask(command, body)
        return wait_until(f"0x{command:08X} is answered", lambda: self.answers.get((sequence, id(session))), seconds)

    def stop(self):
        self.listener.close()
        for session in self.sessions:
            session.close()
