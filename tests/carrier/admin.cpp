#include "carrier/admin.h"

#include <event2/buffer.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"
#include "carrier/script.h"

namespace xion::carrier {
namespace {

constexpr std::size_t line_limit_octets = 4096;
/// How often those who wait for a message are looked at; also how exact their time limit is.
constexpr timeval look_period{.tv_sec = 0, .tv_usec = 10'000};

std::string refusal(std::string_view reason) {
  JsonWriter json;
  json.begin_object().field("error", reason).end_object();
  return std::move(json).str() + '\n';
}

const std::string done = "{\"ok\":true}\n";

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string message_line(const Shown& shown) {
  JsonWriter json;
  json.begin_object()
      .field("id", shown.id)
      .field("at", rfc3339_millis(shown.at))
      .field("from", shown.from)
      .field("to", shown.to)
      .field("text", shown.text)
      .field("code", code_in(shown.text))
      .field("parts", std::uint64_t{shown.parts})
      .field("partsWanted", std::uint64_t{shown.parts_wanted})
      .end_object();
  return std::move(json).str() + '\n';
}

std::string fault_lines(const Faults& faults) {
  std::string lines;
  for (const FaultRow& row : fault_table()) {
    JsonWriter json;
    json.begin_object()
        .field("name", row.name)
        .field("value", row.shape)
        .field("is", faults.text(row.fault))
        .field("does", row.sentence)
        .end_object();
    lines += std::move(json).str() + '\n';
  }
  return lines;
}

}  // namespace

std::expected<void, std::string> Admin::listen(const SocketAddress& address) {
  auto listener = listen_on(base_, address, on_accept, this);
  if (!listener) return std::unexpected(listener.error());
  listener_ = std::move(*listener);
  tick_.reset(event_new(base_, -1, EV_PERSIST, on_tick, this));
  return {};
}

std::string Admin::address() const { return address_text(address_of(evconnlistener_get_fd(listener_.get()))); }

void Admin::accept(evutil_socket_t fd) {
  bufferevent* stream = bufferevent_socket_new(base_, fd, BEV_OPT_CLOSE_ON_FREE);
  if (!stream) {
    close(fd);
    return;
  }
  std::erase_if(clients_, [](const Client& client) { return client.is_done; });
  Client& client = clients_.emplace_back(*this, Handle<bufferevent>(stream));
  bufferevent_setcb(stream, on_read, on_written, on_event, &client);
  bufferevent_setwatermark(stream, EV_READ, 0, line_limit_octets);
  bufferevent_enable(stream, EV_READ | EV_WRITE);
}

void Admin::on_read(bufferevent*, void* self) noexcept {
  auto& client = *static_cast<Client*>(self);
  client.admin.read(client);
}

/// Everything is written: the answer ends with the connection. libevent also calls this before anything was.
void Admin::on_written(bufferevent* stream, void* self) noexcept {
  auto& client = *static_cast<Client*>(self);
  if (!client.is_answered) return;
  shutdown(bufferevent_getfd(stream), SHUT_WR);
  client.is_done = true;
}

void Admin::on_event(bufferevent* stream, short what, void* self) noexcept {
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0) return;
  auto& client = *static_cast<Client*>(self);
  // Some clients close their half once they have asked; they still get their answer.
  const bool is_owed = client.question || evbuffer_get_length(bufferevent_get_output(stream)) > 0;
  if ((what & BEV_EVENT_EOF) != 0 && is_owed) return;
  bufferevent_disable(stream, EV_READ | EV_WRITE);
  client.question.reset();
  client.is_done = true;
}

void Admin::read(Client& client) {
  evbuffer* input = bufferevent_get_input(client.stream.get());
  std::size_t length = 0;
  char* text = evbuffer_readln(input, &length, EVBUFFER_EOL_CRLF);
  if (!text) {
    if (evbuffer_get_length(input) >= line_limit_octets) reply(client, refusal("the line is too long"));
    return;
  }
  const std::string line(text, length);
  free(text);
  const std::string lines = answer(client, line);
  if (!client.question) reply(client, lines);
  server_.turn_ended();
}

void Admin::reply(Client& client, std::string_view lines) {
  client.question.reset();
  client.is_answered = true;
  bufferevent_disable(client.stream.get(), EV_READ);
  if (lines.empty()) return on_written(client.stream.get(), &client);
  bufferevent_write(client.stream.get(), lines.data(), lines.size());
}

std::string Admin::answer(Client& client, std::string_view line) {
  std::string_view rest = line;
  const auto verb = take_word(rest);
  if (verb == "inbox") return answer_inbox(client, rest);
  if (verb == "codes") return server_.carrier().inbox().codes();
  if (verb == "stats") return server_.carrier().stats().json() + '\n';
  if (verb == "fault") return answer_fault(rest);
  if (verb == "drop") return answer_drop(take_word(rest));
  if (verb == "script") return answer_script(rest);
  if (verb == "say") return answer_say(rest);
  return refusal(fmt::format("`{}` is no command; expected inbox, codes, stats, fault, drop, script or say", verb));
}

std::string Admin::answer_inbox(Client& client, std::string_view arguments) {
  if (!server_.carrier().keeps_inbox()) return refusal("the simulator runs with --no-inbox");
  Question question{.number = plain_number(take_word(arguments))};
  if (question.number.empty()) return refusal("expected a number: inbox +374… [after=ID] [wait=SECONDS]");
  for (auto word = take_word(arguments); !word.empty(); word = take_word(arguments)) {
    double seconds = 0;
    if (word.starts_with("after=") && read_number(word.substr(6), question.after)) continue;
    if (!word.starts_with("wait=") || !read_number(word.substr(5), seconds) || !(seconds >= 0 && seconds <= 86'400)) {
      return refusal(fmt::format("`{}`: expected after=ID or wait=SECONDS", word));
    }
    question.wait = Millis{static_cast<std::int64_t>(seconds * 1000)};
  }
  const bool waits = question.wait > Millis{0};
  std::string lines = shown(question, waits);
  if (!lines.empty() || !waits) return lines;
  client.deadline = moment().mono + question.wait;
  client.question = std::move(question);
  event_add(tick_.get(), &look_period);
  return {};
}

std::string Admin::shown(const Question& question, bool must_be_whole) const {
  const auto messages = server_.carrier().inbox().read(question.number, question.after);
  if (must_be_whole && std::ranges::none_of(messages, &Shown::is_whole)) return {};
  std::string lines;
  for (const Shown& message : messages) lines += message_line(message);
  return lines;
}

void Admin::look_at_inbox() {
  const std::uint64_t last = server_.carrier().inbox().last_id();
  const bool has_news = last != looked_at_;
  looked_at_ = last;
  const MonoTime now = moment().mono;
  bool is_awaited = false;
  for (Client& client : clients_) {
    if (!client.question) continue;
    std::string lines = has_news ? shown(*client.question, true) : std::string();
    const bool is_late = now >= client.deadline;
    if (lines.empty() && is_late) lines = shown(*client.question, false);
    if (!lines.empty() || is_late) {
      reply(client, lines);
    } else {
      is_awaited = true;
    }
  }
  if (!is_awaited) event_del(tick_.get());
}

std::string Admin::answer_fault(std::string_view arguments) {
  Faults& faults = server_.carrier().faults();
  auto word = take_word(arguments);
  if (word.empty() || word == "list") return fault_lines(faults);
  // All or none: a mistyped one must not leave half of them on.
  Faults wanted = faults;
  for (; !word.empty(); word = take_word(arguments)) {
    if (const auto set = wanted.set(word); !set) return refusal(set.error());
  }
  faults = wanted;
  return done;
}

std::string Admin::answer_drop(std::string_view how) {
  if (!how.empty() && how != "rst" && how != "fin") return refusal(fmt::format("`{}`: expected rst or fin", how));
  server_.carrier().drop_all(how == "rst", moment());
  return done;
}

std::string Admin::answer_script(std::string_view rule) {
  const auto added = server_.carrier().script().add(rule);
  return added ? done : refusal(added.error());
}

std::string Admin::answer_say(std::string_view arguments) {
  const std::string from(take_word(arguments));
  const std::string to(take_word(arguments));
  const std::string text(arguments.substr(std::min<std::size_t>(arguments.size(), 1)));
  if (text.empty() || plain_number(from).empty()) return refusal("expected: say FROM TO TEXT");
  if (server_.carrier().send_from_handset(from, to, text, moment()) == 0) return refusal("nobody has bound yet");
  return done;
}

}  // namespace xion::carrier
