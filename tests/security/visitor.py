"""A browser at the dashboard, as far as cookies go."""


class Visitor:
    def __init__(self, gateway, *invitation):
        """Signs in by a link of that invitation; without one it is a stranger."""
        self.gateway, self.cookie = gateway, None
        if invitation:
            answer = self.sign_in(link_of(gateway, *invitation))
            assert answer.status == 200, answer
            self.cookie = answer.headers["set-cookie"].partition(";")[0]

    def ask(self, method, path, body=None, raw=None):
        """`path` is the API's where it begins with a slash, else one of the dashboard's own calls."""
        headers = {"X-Requested-With": "XionID"} | ({"Cookie": self.cookie} if self.cookie else {})
        return self.gateway.request(method, path if path.startswith("/") else f"/dashboard/api/{path}", body, headers=headers, key=False, raw=raw)

    def post(self, path, body=None, raw=None):
        return self.ask("POST", path, body if body is not None or raw is not None else {}, raw)

    def get(self, path):
        return self.ask("GET", path)

    def sign_in(self, token):
        return self.post("sign-in", {"token": token})


def link_of(gateway, *invitation):
    return gateway.ctl("dashboard", "invite", *invitation)["link"].partition("#")[2]
