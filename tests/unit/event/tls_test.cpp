#include <doctest/doctest.h>

#include "unit/event/certificates.h"
#include "unit/event/site.h"
#include "unit/event/stream_log.h"

using namespace xion;

namespace {

constexpr std::string_view request = "GET /tls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

struct SecureSite : Site {
  explicit SecureSite(const Certificates::Files& files) : Site(echo) { use(files); }
  void use(const Certificates::Files& files) {
    loop.call([&] {
      if (auto used = server->use_tls({files.certificate, files.key}); !used) error = used.error();
    });
  }
  std::string at(const std::string& host) const { return host + ":" + std::to_string(port); }
};

TlsClientSettings trusting(const std::string& ca) {
  return {.ca = ca, .certificate = {}, .key = {}, .fingerprint = {}};
}
TlsClientSettings pinning(const std::string& fingerprint) {
  return {.ca = {}, .certificate = {}, .key = {}, .fingerprint = fingerprint};
}

/// Asks once over TLS; what happened is in the log.
StreamLog asked(EventLoop& loop, const std::string& address, const TlsClientSettings& settings) {
  StreamLog log(loop);
  std::unique_ptr<Stream> stream = loop.connect({address, settings}, log);
  log.opening = [&] { stream->write(request); };
  loop.run();
  return log;
}

}  // namespace

TEST_CASE("a request and its answer travel over TLS, by name and by address, and the close is no error") {
  const Certificates certificates;
  SecureSite site(certificates.server());
  REQUIRE(site.error.empty());
  EventLoop loop;
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const StreamLog log = asked(loop, site.at(host), trusting(certificates.ca()));
    CHECK(log.received.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(log.received.ends_with("GET /tls? "));
    CHECK(log.reason == "closed by the peer");
  }
}

TEST_CASE("a certificate that can't be trusted is refused before on_open, in plain words") {
  const Certificates certificates, others("another CA");
  SecureSite site(certificates.server());
  EventLoop loop;
  const StreamLog log = asked(loop, site.at("localhost"), trusting(others.ca()));
  CHECK(log.opened == 0);
  CHECK(log.reason == "TLS: unable to get local issuer certificate");
}

TEST_CASE("a certificate for another name, or for another address, is refused") {
  const Certificates certificates;
  SecureSite site(certificates.server("elsewhere", 3600, "DNS:elsewhere.example,IP:192.0.2.1"));
  EventLoop loop;
  CHECK(asked(loop, site.at("localhost"), trusting(certificates.ca())).reason == "TLS: hostname mismatch");
  CHECK(asked(loop, site.at("127.0.0.1"), trusting(certificates.ca())).reason == "TLS: IP address mismatch");
}

TEST_CASE("an expired certificate is told as such") {
  const Certificates certificates;
  SecureSite site(certificates.server("expired", -60));
  EventLoop loop;
  const StreamLog log = asked(loop, site.at("localhost"), trusting(certificates.ca()));
  CHECK(log.opened == 0);
  CHECK(log.reason == "TLS: certificate has expired");
}

TEST_CASE("a pinned fingerprint stands for CA and name, and no other certificate passes it") {
  const Certificates certificates;
  const auto files = certificates.server();
  SecureSite site(files);
  EventLoop loop;
  const StreamLog first = asked(loop, site.at("localhost"), pinning(Certificates::fingerprint(files.certificate)));
  CHECK(first.received.starts_with("HTTP/1.1 200 OK\r\n"));
  site.use(certificates.server("renewed"));
  const StreamLog log = asked(loop, site.at("localhost"), pinning(Certificates::fingerprint(files.certificate)));
  CHECK(log.opened == 0);
  CHECK(log.reason.starts_with("TLS: the peer's certificate has the fingerprint "));
}

TEST_CASE("renewed files serve new connections and drop none of the old") {
  const Certificates certificates;
  SecureSite site(certificates.server());
  EventLoop loop;
  (certificates.ca());
  StreamLog old(loop);
  auto stream = loop.connect({site.at("localhost"), trusting(certificates.ca())}, old);
  old.opening = [&] { loop.stop(); };
  loop.run();
  const auto renewed = certificates.server("renewed");
  site.use(renewed);
  CHECK(asked(loop, site.at("localhost"), pinning(Certificates::fingerprint(renewed.certificate))).opened == 1);
  stream->write(request);
  loop.run();
  CHECK(old.received.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("files that can't be used are named, and what was in use stays") {
  const Certificates certificates;
  const auto files = certificates.server();
  SecureSite site(files);
  site.use({"/nowhere.pem", files.key});
  CHECK(site.error.starts_with("/nowhere.pem: can't be used as a certificate: "));
  site.use({files.certificate, certificates.server("other").key});
  CHECK(site.error.contains("other.key: can't be used as the key of "));
  EventLoop loop;
  CHECK(asked(loop, site.at("localhost"), trusting(certificates.ca())).opened == 1);
  const StreamLog log = asked(loop, site.at("localhost"), trusting("/nowhere.pem"));
  CHECK(log.reason.starts_with("/nowhere.pem: can't be used as a CA: "));
}

TEST_CASE("a client that speaks no TLS is closed, one that says nothing is given the time for a handshake only") {
  const Certificates certificates;
  Site site(echo, {.request_timeout = Millis{300}});
  const auto files = certificates.server();
  site.loop.call([&] { REQUIRE(site.server->use_tls({files.certificate, files.key}).has_value()); });
  RawClient plain(site.port), silent(site.port);
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_FALSE(plain.read_all().contains("HTTP/1.1 200"));
  CHECK(silent.is_closed_by_peer());
  CHECK(site.connections() == 0);
}

TEST_CASE("a server that speaks no TLS fails the handshake in plain words") {
  const Certificates certificates;
  Site site(echo);
  EventLoop loop;
  const StreamLog log = asked(loop, "localhost:" + std::to_string(site.port), trusting(certificates.ca()));
  CHECK(log.opened == 0);
  CHECK(log.reason.starts_with("TLS: "));
}
