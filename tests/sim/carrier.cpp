#include "sim/carrier.h"

#include <algorithm>
#include <utility>

namespace xion::sim {
namespace {

/// How long a carrier waits before it offers an unacknowledged receipt again.
constexpr Millis receipt_pause{2'000};
constexpr Millis dropped_after{50};
/// Above the 65 characters that an id has. SMPP 3.4 §5.2.23.
constexpr std::size_t long_id_octets = 80;

/// The words of the standard, each with one that vendors write for it.
void say_it_as_vendors_do(std::string& text) {
  constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"stat:DELIVRD", "stat:DELIVERED"}, {"stat:UNDELIV", "stat:FAILED"}, {"stat:REJECTD", "stat:REJECT"}};
  for (const auto& [word, vendors] : words) {
    if (const auto at = text.find(word); at != std::string::npos) text.replace(at, word.size(), vendors);
  }
}

}  // namespace

/// One connection at the carrier's side.
class Carrier::Bind final : public StreamEvents, public std::enable_shared_from_this<Carrier::Bind> {
 public:
  explicit Bind(Carrier& carrier) : session(settings()), carrier_(carrier) {}
  ~Bind() override { stop_timer(); }

  void start(std::unique_ptr<Stream> opened) {
    stream = std::move(opened);
    smpp::SmscActions actions;
    session.on_open(carrier_.agenda_.now(), actions);
    perform(actions);
  }

  void on_open() override {}
  void on_octets(std::string_view octets) override {
    if (!stream) return;
    smpp::SmscActions actions;
    session.on_octets(octets, carrier_.agenda_.now(), actions);
    perform(actions);
  }
  void on_close(std::string_view) override { end(); }

  void perform(smpp::SmscActions& actions) {
    const auto self = shared_from_this();
    for (auto& action : actions) std::visit([this](auto& a) { handle(a); }, action);
    arm_timer();
  }
  /// The connection is over. The stream may be in the call that says so: it dies later.
  void end() {
    if (!stream) return;
    stop_timer();
    smpp::SmscActions actions;
    session.on_close(carrier_.agenda_.now(), actions);
    const auto self = shared_from_this();
    carrier_.agenda_.after(Millis{0}, Agenda::world, [self, stream_ = std::shared_ptr<Stream>(std::move(stream))] {});
    carrier_.forget_bind(this);
    for (auto& action : actions) std::visit([this](auto& a) { handle(a); }, action);
  }
  bool is_bound() const { return stream && session.state() == smpp::SessionState::bound; }

  smpp::SmscSession session;
  std::unique_ptr<Stream> stream;

 private:
  static smpp::SmscSettings settings() {
    smpp::SmscSettings settings;
    settings.system_id = "sim";
    settings.enquire_link_idle = Millis{15'000};
    settings.enquire_link_timeout = Millis{5'000};
    settings.response_timeout = Millis{5'000};
    return settings;
  }

  void handle(smpp::Send& action) {
    if (stream) stream->write(action.octets);
  }
  void handle(smpp::Close&) {
    if (!stream) return;
    stream->close_when_written();
    end();
  }
  void handle(smpp::Seen&) {}
  void handle(smpp::BindRequested& action) { carrier_.answer_bind(*this, action); }
  void handle(smpp::Submitted& action) { carrier_.judge(shared_from_this(), action); }
  void handle(smpp::DeliverAnswered& action) {
    carrier_.on_receipt_answer(action.token, action.status == 0 && !action.nack);
  }
  void handle(smpp::DeliverLost& action) { carrier_.on_receipt_answer(action.token, false); }
  void handle(smpp::Unbound&) {}

  void stop_timer() {
    if (timer_) carrier_.agenda_.cancel(*timer_);
    timer_.reset();
  }
  void arm_timer() {
    stop_timer();
    const auto next = session.next_deadline();
    if (!stream || !next) return;
    timer_ = carrier_.agenda_.at(*next, Agenda::world, [this] {
      timer_.reset();
      smpp::SmscActions actions;
      session.on_tick(carrier_.agenda_.now(), actions);
      perform(actions);
    });
  }

  Carrier& carrier_;
  std::optional<Agenda::Key> timer_;
};

Carrier::Carrier(Agenda& agenda, Network& network, Seeded entropy, Chronicle& chronicle,
                 const CarrierSettings& settings)
    : agenda_(agenda),
      network_(network),
      entropy_(entropy),
      chronicle_(chronicle),
      name_(settings.name),
      alphabet_(settings.default_alphabet) {
  for (const std::string& address : settings.addresses) {
    network_.listen(address, [this](std::unique_ptr<Stream> stream) -> StreamEvents* {
      auto bind = std::make_shared<Bind>(*this);
      bind->start(std::move(stream));
      binds_.push_back(bind);
      return bind.get();
    });
  }
}

Carrier::~Carrier() = default;

std::size_t Carrier::bound() const {
  return static_cast<std::size_t>(std::ranges::count_if(binds_, [](const auto& bind) { return bind->is_bound(); }));
}

void Carrier::forget_bind(const Bind* bind) {
  std::erase_if(binds_, [&](const auto& each) { return each.get() == bind; });
}

void Carrier::disconnect() {
  chronicle_.note("{} drops its {} connections", name_, binds_.size());
  for (const auto& bind : binds_) network_.reset(*bind->stream);
}

void Carrier::unbind() {
  chronicle_.note("{} unbinds", name_);
  const auto binds = binds_;
  for (const auto& bind : binds) {
    smpp::SmscActions actions;
    bind->session.unbind(agenda_.now(), actions);
    bind->perform(actions);
  }
}

void Carrier::answer_bind(Bind& bind, const smpp::BindRequested& request) {
  smpp::SmscActions actions;
  if (entropy_.chance(habits.bind_refused)) {
    const auto status = entropy_.pick({smpp::status::ralybnd, smpp::status::rbindfail, smpp::status::rsyserr});
    chronicle_.note("{} refuses a bind: {}", name_, smpp::status_name(status));
    bind.session.refuse_bind(request.sequence, status, actions);
  } else {
    bind.session.accept_bind(request.sequence, agenda_.now(), actions);
    if (happens(habits.bind_dropped)) {
      chronicle_.note("{} will drop a bind", name_);
      agenda_.after(dropped_after, Agenda::world, [this, dropped = bind.shared_from_this()] {
        if (dropped->stream) network_.reset(*dropped->stream);
      });
    }
  }
  bind.perform(actions);
}

// --- submits --------------------------------------------------------------------------------------------------------

/// Answers after a while, if the connection is still there.
void Carrier::judge(const std::shared_ptr<Bind>& bind, const smpp::Submitted& submitted) {
  std::uint32_t refusal = smpp::status::ok;
  bool is_nack = false;
  if (!next_statuses.empty()) {
    refusal = next_statuses.front();
    next_statuses.pop_front();
  } else if (has_full_queue(e164_of(submitted.sm.destination))) {
    refusal = smpp::status::rmsgqful;
  } else if (entropy_.chance(habits.throttled)) {
    refusal = entropy_.pick({smpp::status::rthrottled, smpp::status::rthrottled, smpp::status::rmsgqful});
  } else if (entropy_.chance(habits.refused)) {
    refusal = entropy_.pick({smpp::status::rsyserr, smpp::status::rsubmitfail, smpp::status::rx_t_appn,
                             smpp::status::rinvdstadr, smpp::status::rinvsrcadr, smpp::status::rinvesmclass,
                             std::uint32_t{0x55F}});
  } else if (entropy_.chance(habits.nacked)) {
    refusal = smpp::status::rinvcmdid;
    is_nack = true;
  } else if (entropy_.chance(habits.unbound_status)) {
    refusal = smpp::status::rinvbndsts;
  }
  if (refusal == smpp::status::ok) {
    take(bind, submitted);
  } else {
    const Millis answered_in = entropy_.between(habits.answer_min, habits.answer_max);
    agenda_.after(answered_in, Agenda::world, [bind, refusal, is_nack, sequence = submitted.sequence] {
      smpp::SmscActions actions;
      if (is_nack) {
        bind->session.nack(sequence, refusal, actions);
      } else {
        bind->session.answer_submit(sequence, refusal, "", actions);
      }
      bind->perform(actions);
    });
  }
  if (!bind->stream) return;
  if (entropy_.chance(habits.disconnects)) {
    chronicle_.note("{} resets a connection", name_);
    network_.reset(*bind->stream);
  } else if (entropy_.chance(habits.goes_silent)) {
    chronicle_.note("{} goes silent on a connection", name_);
    network_.silence(*bind->stream);
  } else if (entropy_.chance(habits.unbinds)) {
    unbind();
  }
}

void Carrier::take(const std::shared_ptr<Bind>& bind, const smpp::Submitted& submitted) {
  const std::string id = next_id();
  ++taken_;
  Millis answered_in = entropy_.between(habits.answer_min, habits.answer_max);
  if (entropy_.chance(habits.answer_late)) answered_in += entropy_.between(Millis{1'000}, Millis{40'000});
  const bool is_dropped = entropy_.chance(habits.answer_dropped);
  std::string told_id = id;
  if (happens(habits.id_blanks)) told_id += "  ";
  if (happens(habits.id_long)) told_id.append(long_id_octets, 'f');
  chronicle_.note("{} takes {} as {}{}", name_, e164_of(submitted.sm.destination), id,
                  is_dropped ? " and will not answer" : "");
  if (!is_dropped) {
    agenda_.after(answered_in, Agenda::world, [bind, told_id, sequence = submitted.sequence] {
      smpp::SmscActions actions;
      bind->session.answer_submit(sequence, smpp::status::ok, told_id, actions);
      bind->perform(actions);
    });
  }
  plan_end(id, submitted.sm, answered_in);
}

std::string Carrier::next_id() {
  ++last_id_;
  if (habits.ids_are_short) return fmt::format(fmt::runtime(habits.id_is_hex ? "{:x}" : "{}"), last_id_);
  return habits.id_is_hex ? fmt::format("{:08x}", 0xA1000000 + last_id_ * 7919)
                          : fmt::format("{}", 700'000'000 + last_id_ * 13);
}

/// Draws nothing where it never happens, so that what is drawn besides stays as it was.
bool Carrier::happens(double share) { return share > 0 && entropy_.chance(share); }

/// The same phones always, whatever else is drawn.
bool Carrier::has_full_queue(const std::string& phone) const {
  const auto drawn = static_cast<double>(std::hash<std::string>{}(name_ + phone) % 1000);
  return drawn < 1000 * habits.full_queues;
}

/// What becomes of a taken message at the handset, and when the carrier tells.
void Carrier::plan_end(const std::string& id, const smpp::Sm& sm, Millis answered_in) {
  const bool is_delivered = !entropy_.chance(habits.undelivered);
  const Millis delivered_in = entropy_.between(habits.delivery_min, habits.delivery_max);
  if (is_delivered) agenda_.after(delivered_in, Agenda::world, [this, sm] { give_to_handset(sm); });
  if (sm.registered_delivery == 0 || entropy_.chance(habits.receipt_never)) return;
  const auto state = is_delivered ? smpp::ReceiptState::delivered
                                  : entropy_.pick({smpp::ReceiptState::undeliverable, smpp::ReceiptState::expired,
                                                   smpp::ReceiptState::rejected, smpp::ReceiptState::deleted});
  Millis told_in = std::max(delivered_in, answered_in + Millis{1});
  if (entropy_.chance(habits.receipt_first)) told_in = std::min(delivered_in, answered_in / 2);
  if (is_delivered && entropy_.chance(habits.receipt_overruled)) {
    const std::uint64_t given_up = make_receipt(id, sm, smpp::ReceiptState::undeliverable);
    agenda_.after(told_in, Agenda::world, [this, given_up] { offer(given_up); });
  }
  const std::uint64_t receipt = make_receipt(id, sm, state);
  if (entropy_.chance(habits.receipt_twice)) receipts_.at(receipt).copies = 2;
  agenda_.after(told_in, Agenda::world, [this, receipt] { offer(receipt); });
}

void Carrier::give_to_handset(const smpp::Sm& sm) {
  const std::string phone = e164_of(sm.destination);
  if (const auto text = parts_.add(phone, part_of(sm, alphabet_))) handset_gets(phone, *text);
}

// --- receipts -------------------------------------------------------------------------------------------------------

/// With the beginning of the text, as carriers do: the code is in it.
std::uint64_t Carrier::make_receipt(const std::string& id, const smpp::Sm& sm, smpp::ReceiptState state) {
  Receipt receipt;
  receipt.id = id;
  receipt.spelt = smpp::in_form(id, habits.receipt_id).value_or(id);
  receipt.sm.source = sm.destination;
  if (!habits.receipt_phone.empty()) receipt.sm.source.digits = habits.receipt_phone;
  receipt.sm.destination = sm.source;
  receipt.sm.esm_class = 0x04;
  receipt.sm.short_message = smpp::receipt_text({.message_id = habits.receipt_names_id ? receipt.spelt : "",
                                                 .state = state,
                                                 .error = state == smpp::ReceiptState::delivered ? "000" : "011",
                                                 .submitted = agenda_.wall_now(),
                                                 .done = agenda_.wall_now(),
                                                 .text = part_of(sm, alphabet_).text.substr(0, 20)});
  if (happens(habits.receipt_word)) say_it_as_vendors_do(receipt.sm.short_message);
  // An exact id alone is a proof beside a number that is spelt otherwise.
  if (receipt.spelt == id && happens(habits.receipt_respelt)) {
    const std::string digits = e164_of(sm.destination).substr(1);
    receipt.sm.source.digits =
        entropy_.pick({"00" + digits, "00442" + digits, "D05" + digits, digits.substr(3), std::string("37400000000")});
  }
  if (entropy_.chance(habits.receipt_not_turned)) std::swap(receipt.sm.source, receipt.sm.destination);
  if (entropy_.chance(habits.receipt_foreign_id))
    receipt.sm.tlvs.push_back({smpp::tag::receipted_message_id, fmt::format("foreign-{}", last_receipt_)});
  if (entropy_.chance(habits.receipt_by_data_sm)) receipt.command = smpp::CommandId::data_sm;
  receipts_.emplace(++last_receipt_, std::move(receipt));
  return last_receipt_;
}

/// By any bind of the account; again later where there is none, or none with room.
void Carrier::offer(std::uint64_t number) {
  const auto found = receipts_.find(number);
  if (found == receipts_.end() || found->second.is_under_way) return;
  Receipt& receipt = found->second;
  std::vector<std::shared_ptr<Bind>> able;
  for (const auto& bind : binds_) {
    if (bind->is_bound() && bind->session.bind_type() != smpp::BindType::transmitter) able.push_back(bind);
  }
  if (!able.empty()) {
    const auto& bind = able[entropy_.below(able.size())];
    smpp::SmscActions actions;
    receipt.is_under_way = bind->session.deliver(number, receipt.sm, agenda_.now(), actions, receipt.command);
    if (receipt.is_under_way && receipt_sent) receipt_sent(name_, receipt.spelt, receipt.id);
    bind->perform(actions);
    if (receipt.is_under_way) return;
  }
  agenda_.after(receipt_pause, Agenda::world, [this, number] { offer(number); });
}

void Carrier::on_receipt_answer(std::uint64_t number, bool is_acknowledged) {
  const auto found = receipts_.find(number);
  if (found == receipts_.end()) return;
  found->second.is_under_way = false;
  if (is_acknowledged && --found->second.copies == 0) {
    receipts_.erase(found);
    return;
  }
  agenda_.after(receipt_pause, Agenda::world, [this, number] { offer(number); });
}

}  // namespace xion::sim
