#include "event/curl_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "event/handles.h"
#include "event/public_address.h"
#include "event/tls.h"
#include "ports/open_file.h"

namespace xion {
namespace {

/// More of an answer than this is not read: nothing in it is of interest.
constexpr std::size_t answer_octets_max = 64 * 1024;
constexpr long connections_max = 256;
/// Handles of transfers that are over are used again: making one costs more than a call over a kept connection.
constexpr std::size_t spare_handles_max = 64;
constexpr Millis connecting_limit{10'000};

using EasyHandle = std::unique_ptr<CURL, Releases<&curl_easy_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, Releases<&curl_slist_free_all>>;

void add_header(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  XION_ASSERT(longer != nullptr);
  if (list == nullptr) list.reset(longer);
}

/// libcurl tells a refused handshake by OpenSSL's words for the alert, which name neither side's lack.
std::string in_words(CURLcode result, std::string_view told) {
  if (result == CURLE_SSL_CONNECT_ERROR && told.contains("handshake failure")) {
    return fmt::format("TLS: no shared cipher, or it wants a certificate of ours: it has to take {} ({})",
                       suites_in_words, told);
  }
  if (result == CURLE_SSL_CONNECT_ERROR && (told.contains("protocol version") || told.contains("unsupported protocol")))
    return fmt::format("TLS: no shared version: it has to take {} ({})", suites_in_words, told);
  return told.empty() ? curl_easy_strerror(result) : std::string(told);
}

}  // namespace

/// The transfers over one set of connections, which are kept and shared among them.
struct CurlClient::Pool {
  struct Transfer {
    Transfer(OutgoingPost post_, std::move_only_function<void(PostOutcome)> done_, EasyHandle easy_)
        : post(std::move(post_)), done(std::move(done_)), easy(std::move(easy_)) {}

    OutgoingPost post;
    std::move_only_function<void(PostOutcome)> done;
    EasyHandle easy;
    HeaderList headers;
    std::array<char, CURL_ERROR_SIZE> error{};
    std::size_t read_octets = 0;
    std::string answer{};
    bool was_private = false;
    std::list<std::unique_ptr<Transfer>>::iterator self{};

    void prepare() {
      CURL* const it = easy.get();
      for (const auto& [name, value] : post.headers) add_header(headers, name + ": " + value);
      add_header(headers, "Expect:");  // A body this short needs no leave.
      curl_easy_setopt(it, CURLOPT_URL, post.url.c_str());
      curl_easy_setopt(it, CURLOPT_PROTOCOLS_STR, "http,https");
      curl_easy_setopt(it, CURLOPT_FOLLOWLOCATION, 0L);
      curl_easy_setopt(it, CURLOPT_PROXY, "");
      curl_easy_setopt(it, CURLOPT_NOSIGNAL, 1L);
      // HTTP/2 where TLS offers it: then calls share a connection, and wait for the first to tell.
      curl_easy_setopt(it, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
      curl_easy_setopt(it, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
      curl_easy_setopt(it, CURLOPT_SSL_CIPHER_LIST, forward_secret_aead);
      curl_easy_setopt(it, CURLOPT_PIPEWAIT, post.url.starts_with("https:") ? 1L : 0L);
      curl_easy_setopt(it, CURLOPT_HTTPHEADER, headers.get());
      if (post.is_get) {
        curl_easy_setopt(it, CURLOPT_HTTPGET, 1L);
      } else {
        curl_easy_setopt(it, CURLOPT_POST, 1L);
        curl_easy_setopt(it, CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
        curl_easy_setopt(it, CURLOPT_POSTFIELDS, post.body.c_str());
      }
      if (!post.ca.empty()) trust_only(post.ca);
      curl_easy_setopt(it, CURLOPT_TIMEOUT_MS, static_cast<long>(post.time_limit.count()));
      curl_easy_setopt(it, CURLOPT_CONNECTTIMEOUT_MS,
                       static_cast<long>(std::min(post.time_limit, connecting_limit).count()));
      curl_easy_setopt(it, CURLOPT_ERRORBUFFER, error.data());
      curl_easy_setopt(it, CURLOPT_WRITEFUNCTION, &Transfer::take_answer);
      curl_easy_setopt(it, CURLOPT_WRITEDATA, this);
      curl_easy_setopt(it, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
      curl_easy_setopt(it, CURLOPT_OPENSOCKETDATA, this);
      curl_easy_setopt(it, CURLOPT_PRIVATE, this);
    }
    /// Not the system's CAs beside them, and the file as it is now: libcurl would keep what it read for a day.
    void trust_only(const std::string& ca) {
      curl_easy_setopt(easy.get(), CURLOPT_CAINFO, ca.c_str());
      curl_easy_setopt(easy.get(), CURLOPT_CAPATH, nullptr);
      curl_easy_setopt(easy.get(), CURLOPT_CA_CACHE_TIMEOUT, 0L);
    }
    static std::size_t take_answer(char* octets, std::size_t size, std::size_t count, void* self) noexcept {
      auto& transfer = *static_cast<Transfer*>(self);
      transfer.read_octets += size * count;
      const std::size_t wanted = transfer.post.answer_octets_max;
      if (transfer.read_octets > (wanted > 0 ? wanted : answer_octets_max)) return 0;
      if (wanted > 0) transfer.answer.append(octets, size * count);
      return size * count;
    }
    /// The one place where every address passes, whatever name or redirect led to it.
    static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept {
      auto& transfer = *static_cast<Transfer*>(self);
      if (!transfer.post.may_be_private && !is_public_address(address->addr)) {
        transfer.was_private = true;
        return CURL_SOCKET_BAD;
      }
      return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }
  };
  struct Socket {
    Socket(Pool& client_, curl_socket_t fd_) : client(client_), fd(fd_) {}
    Pool& client;
    curl_socket_t fd;
    EventHandle event;
    short ways = 0;  ///< That it waits for.
    static void ready(evutil_socket_t fd, short what, void* self) noexcept {
      Pool& client = static_cast<Socket*>(self)->client;  // libcurl may take the socket back meanwhile.
      const int ways = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
      client.step(fd, ways);
    }
  };

  explicit Pool(EventLoop& loop_) : loop(loop_), timer(loop.timer([this] { step(CURL_SOCKET_TIMEOUT, 0); })) {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    XION_ASSERT(global == CURLE_OK);
    multi.reset(curl_multi_init());
    XION_ASSERT(multi != nullptr);
    curl_multi_setopt(multi.get(), CURLMOPT_SOCKETFUNCTION, &Pool::watch);
    curl_multi_setopt(multi.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi.get(), CURLMOPT_TIMERFUNCTION, &Pool::set_timer);
    curl_multi_setopt(multi.get(), CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_max);
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, connections_max);  // That are kept.
  }
  ~Pool() {
    is_ending = true;
    for (const auto& transfer : transfers) curl_multi_remove_handle(multi.get(), transfer->easy.get());
    transfers.clear();
    multi.reset();
  }

  static int watch(CURL*, curl_socket_t fd, int what, void* self, void* known) noexcept {
    auto& client = *static_cast<Pool*>(self);
    if (what == CURL_POLL_REMOVE) {
      curl_multi_assign(client.multi.get(), fd, nullptr);
      std::erase_if(client.sockets, [&](const auto& socket) { return socket.get() == known; });
      return 0;
    }
    auto* watched = static_cast<Socket*>(known);
    if (watched == nullptr) {
      watched = client.sockets.emplace_back(std::make_unique<Socket>(client, fd)).get();
      curl_multi_assign(client.multi.get(), fd, watched);
    }
    const short ways = static_cast<short>(((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
                                          ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0) | EV_PERSIST);
    if (watched->ways == ways) return 0;
    watched->ways = ways;
    watched->event.reset(event_new(client.loop.base(), fd, ways, &Socket::ready, watched));
    event_add(watched->event.get(), nullptr);
    return 0;
  }
  static int set_timer(CURLM*, long after_ms, void* self) noexcept {
    auto& client = *static_cast<Pool*>(self);
    if (client.is_ending) return 0;
    if (after_ms < 0)
      client.timer->stop();
    else
      client.timer->start(Millis{after_ms});
    return 0;
  }

  void step(curl_socket_t fd, int ways) {
    int running = 0;
    curl_multi_socket_action(multi.get(), fd, ways, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
    }
  }

  void finish(CURL* easy, CURLcode result) {
    Transfer* found = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &found);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi.get(), easy);
    const auto owned = std::move(*found->self);
    transfers.erase(owned->self);
    // A status is an answer, also where its body was too long to be read.
    // Where it is wanted, a part of a body is no answer.
    if (owned->post.answer_octets_max > 0 && result != CURLE_OK) status = 0;
    PostOutcome outcome{.http_status = static_cast<int>(status), .error = {}, .body = std::move(owned->answer)};
    if (status == 0) {
      outcome.error = owned->was_private ? "its name leads to a private or loopback address, which is not allowed"
                                         : in_words(result, owned->error.data());
    }
    keep_handle(std::move(owned->easy));
    // Outside of libcurl's own call, so that a new transfer may begin at once.
    owned->done(std::move(outcome));
  }

  EasyHandle take_handle() {
    if (spare_handles.empty()) return EasyHandle(curl_easy_init());
    EasyHandle easy = std::move(spare_handles.back());
    spare_handles.pop_back();
    return easy;
  }
  void keep_handle(EasyHandle easy) {
    if (spare_handles.size() >= spare_handles_max) return;
    curl_easy_reset(easy.get());
    spare_handles.push_back(std::move(easy));
  }

  EventLoop& loop;
  std::unique_ptr<CURLM, Releases<&curl_multi_cleanup>> multi;
  std::list<std::unique_ptr<Transfer>> transfers;
  std::vector<EasyHandle> spare_handles;
  std::vector<std::unique_ptr<Socket>> sockets;
  bool is_ending = false;
  std::unique_ptr<Timer> timer;
};

CurlClient::CurlClient(EventLoop& loop)
    : public_(std::make_unique<Pool>(loop)), private_(std::make_unique<Pool>(loop)) {}
CurlClient::~CurlClient() = default;

/// A connection that an earlier transfer opened is not asked about again: those that may be private keep to themselves.
void CurlClient::post(OutgoingPost post, std::move_only_function<void(PostOutcome)> done) {
  Pool& pool = post.may_be_private ? *private_ : *public_;
  auto owned = std::make_unique<Pool::Transfer>(std::move(post), std::move(done), pool.take_handle());
  XION_ASSERT(owned->easy != nullptr);
  Pool::Transfer& transfer = *owned;
  transfer.self = pool.transfers.insert(pool.transfers.end(), std::move(owned));
  transfer.prepare();
  curl_multi_add_handle(pool.multi.get(), transfer.easy.get());
}

}  // namespace xion
