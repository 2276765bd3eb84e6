"""An OpenID provider on loopback for tests: honest, unless a test changes what it says. Signs by the openssl command."""

import base64
import hashlib
import http.server
import json
import secrets
import ssl
import subprocess
import threading
import time
import urllib.parse


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Key:
    """`kind`: RSA or EC."""

    def __init__(self, folder, name, kind="RSA"):
        self.name, self.kind, self.file = name, kind, folder / f"{name}.pem"
        option = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if kind == "RSA" else ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        subprocess.run(["openssl", "genpkey", *option, "-out", self.file], check=True, capture_output=True)
        self.public = subprocess.run(["openssl", "pkey", "-in", self.file, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout

    def jwk(self):
        if self.kind == "EC":
            return {"kty": "EC", "crv": "P-256", "kid": self.name, "x": b64(self.public[-64:-32]), "y": b64(self.public[-32:])}
        modulus = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True, capture_output=True, text=True).stdout
        return {"kty": "RSA", "kid": self.name, "use": "sig", "n": b64(bytes.fromhex(modulus.strip().partition("=")[2])), "e": "AQAB"}

    def sign(self, algorithm, content):
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"] if algorithm == "PS256" else []
        made = subprocess.run(["openssl", "dgst", "-sha256", *pss, "-sign", self.file], input=content, check=True, capture_output=True).stdout
        return raw_of(made) if self.kind == "EC" else made


def raw_of(der):
    """r and s side by side, of a SEQUENCE of two INTEGERs."""
    at, halves = 2, b""
    for _ in range(2):
        length = der[at + 1]
        halves += der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + length
    return halves


class Provider:
    """`claims` come in the place of its own, None takes one away; `header`, `answer` and `discovery` likewise. `sign(content)` gives the
    signature in the place of the key's. `codes` are those that were given out, with what was asked for. With `certificate`, a file of
    a certificate and its key, it speaks https; at `port`, or one that is free; known as `host`. A path in `held` is answered when `let_go`
    is set. `more` changes what a real browser is sent back with."""

    def __init__(self, folder, certificate=None, port=0, host="127.0.0.1"):
        self.folder, self.codes, self.token_calls, self.key_calls = folder, {}, [], 0
        self.key = Key(folder, "first")
        self.keys = [self.key, Key(folder, "elliptic", "EC")]
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def tell(self, body, status=200):
                octets = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def hold(self):
                if self.path in provider.held:
                    provider.is_holding.set()
                    provider.let_go.wait()

            def do_GET(self):
                self.hold()
                if self.path == "/.well-known/openid-configuration":
                    return self.tell(provider.document())
                if self.path == "/keys":
                    provider.key_calls += 1
                    return self.tell({"keys": [key.jwk() for key in provider.keys]})
                if self.path.startswith("/authorize?"):
                    return self.send_back()
                self.tell({}, 404)

            def send_back(self):
                """To a browser that follows: it knows who sits there, and asks nothing."""
                [back] = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["redirect_uri"]
                self.send_response(303)
                self.send_header("Location", f"{back}?{provider.authorize(self.path, **provider.more)}")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                provider.token_calls.append((form, self.headers.get("Authorization")))
                self.hold()
                self.tell(*provider.tokens(form))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.handle_error = lambda *_: None   # Who does not trust its certificate goes away.
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # Whom a browser refuses, the next one need not wait for: each is greeted in its own thread.
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.issuer = f"{'https' if certificate else 'http'}://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.be_honest()

    def be_honest(self):
        self.algorithm, self.claims, self.header, self.sign, self.answer, self.discovery = "RS256", {}, {}, None, None, {}
        self.more = {}
        self.is_sloppy, self.held, self.is_holding, self.let_go = False, (), threading.Event(), threading.Event()

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()

    def document(self):
        return changed({"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
                        "jwks_uri": f"{self.issuer}/keys", "code_challenge_methods_supported": ["S256"],
                        "authorization_response_iss_parameter_supported": True}, self.discovery)

    def authorize(self, url, **more):
        """What a browser does there: gives the query that it comes back with."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return urllib.parse.urlencode(changed({"code": code, "state": asked["state"], "iss": self.issuer}, more))

    def tokens(self, form):
        asked = self.codes.get(form.get("code")) if self.is_sloppy else self.codes.pop(form.get("code"), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return {"error": "invalid_grant"}, 400
        if self.answer is not None:
            return self.answer, 200
        now = int(time.time())
        claims = changed({"iss": self.issuer, "aud": asked["client_id"], "sub": "248289", "nonce": asked["nonce"], "iat": now, "exp": now + 300,
                          "email": "ani@example.am", "email_verified": True, "groups": ["support"]}, self.claims)
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.token(claims)}, 200

    def token(self, claims):
        header = changed({"alg": self.algorithm, "kid": self.key.name, "typ": "JWT"}, self.header)
        content = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        signature = self.sign(content.encode()) if self.sign else self.key.sign(self.algorithm, content.encode())
        return f"{content}.{b64(signature)}"


def changed(own, changes):
    return {name: value for name, value in {**own, **changes}.items() if value is not None}
