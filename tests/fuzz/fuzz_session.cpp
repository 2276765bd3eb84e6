// An ESME session under any octets, timers and calls: every submit has one fate, everything it says is well-formed, it
// says nothing of its own before it is bound, and it waits for something unless it is closed.
#include <map>
#include <string>

#include "fuzz_input.h"
#include "smpp/decode.h"
#include "smpp/session.h"

using namespace xion;
using namespace xion::smpp;

namespace {

enum class Fate { in_flight, answered, lost, answered_late };

struct World {
  std::map<Token, Fate> fates;
  Framer said;
  SessionState state_before = SessionState::closed;

  void move(Token token, Fate from, Fate to) {
    const auto fate = fates.find(token);
    XION_ASSERT(fate != fates.end() && fate->second == from);
    fate->second = to;
  }
  std::size_t in_flight() const {
    std::size_t count = 0;
    for (const auto& [token, fate] : fates) count += fate == Fate::in_flight;
    return count;
  }

  void operator()(const Send& send) {
    said.append(send.octets);
    for (;;) {
      const auto whole = said.next();
      XION_ASSERT(whole.has_value());
      if (!*whole) break;
      const auto pdu = decode(**whole);
      XION_ASSERT(pdu && !pdu->truncated);
    }
    XION_ASSERT(said.pending_octets() == 0);
  }
  void operator()(const SubmitAnswered& answered) {
    XION_ASSERT(!answered.nack || answered.status != status::ok);
    move(answered.token, Fate::in_flight, Fate::answered);
  }
  void operator()(const SubmitLost& lost) { move(lost.token, Fate::in_flight, Fate::lost); }
  void operator()(const LateAnswer& late) { move(late.token, Fate::lost, Fate::answered_late); }
  void operator()(const Seen& seen) { XION_ASSERT(seen.line.find('\n') == std::string::npos); }
  void operator()(const Delivered&) { XION_ASSERT(state_before != SessionState::closed); }
  void operator()(const Close&) {}
  void operator()(const Bound&) {}
  void operator()(const BindRefused&) {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  EsmeSettings settings{.bind_type = static_cast<BindType>(input.octet() % 3), .system_id = "acct", .window = 4};
  settings.trace = (input.octet() & 1) != 0;
  EsmeSession session(settings);
  World world;
  MonoTime now{Millis{0}};
  Token next_token = 1;
  SubmitSm sm;
  sm.destination = {1, 1, "4915112345678"};

  while (!input.at_end()) {
    Actions out;
    world.state_before = session.state();
    switch (input.octet() % 9) {
      case 0: session.on_open(now, out); break;
      case 1: session.on_octets(input.take(input.octet()), now, out); break;
      case 2:  // a whole PDU, of which the fuzzer writes the rest
      case 3: session.on_octets(fuzz::with_right_length(input.take(16U + input.octet() % 64U)), now, out); break;
      case 4:
        now += Millis{input.octet() * 100};
        session.on_tick(now, out);
        break;
      case 5: {
        const bool could = session.can_submit();
        world.fates.emplace(next_token, Fate::in_flight);
        const auto done = session.submit(next_token, sm, now, out);
        XION_ASSERT(done.has_value() == could);
        if (done) {
          ++next_token;
        } else {
          world.fates.erase(next_token);
        }
        break;
      }
      case 6: session.answer_deliver(input.octet(), input.octet(), out); break;
      case 7: session.unbind(now, out); break;
      case 8: session.on_close(now, out); break;
      default: break;
    }
    for (const Action& action : out) std::visit(world, action);
    XION_ASSERT(session.in_flight() == world.in_flight());
    XION_ASSERT(session.in_flight() <= settings.window);
    XION_ASSERT((session.state() == SessionState::closed) == !session.next_deadline().has_value());
    if (session.state() == SessionState::closed) XION_ASSERT(session.in_flight() == 0);
  }
  return 0;
}
