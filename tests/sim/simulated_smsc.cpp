#include "sim/simulated_smsc.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace xion::sim {
namespace {

/// How often the sessions look at their time limits.
constexpr Millis smsc_tick{100};

carrier::CarrierSettings settings_of(const CarrierSettings& carrier, std::uint64_t seed, carrier::Onlooker& onlooker,
                                     bool counts_binds) {
  return {.default_alphabet = carrier.default_alphabet,
          .keeps_inbox = false,
          .binds_at_most = counts_binds ? carrier.binds : 0,
          .receipt_window = 10,
          .receipt_timeout = Millis{5'000},
          .enquire_link_idle = Millis{15'000},
          .seed = seed,
          .first_number = 700'000'001,
          .onlooker = &onlooker};
}

/// A carrier that is well, and as quick as one.
void make_well(carrier::Faults& faults) {
  using enum carrier::Fault;
  faults = {};
  faults.set(latency_ms, 5);
  faults.set(latency_jitter_ms, 75);
  faults.set(receipt_delay_ms, 300);
  faults.set(receipt_jitter_ms, 4'700);
  faults.set(receipt_retry_ms, 2'000);
}

}  // namespace

/// One connection at the carrier's side. It dies later than it ends, since it ends in a call of its stream or carrier.
class SimulatedSmsc::Line final : public StreamEvents, public carrier::Wire {
 public:
  Line(SimulatedSmsc& of, std::unique_ptr<Stream> stream)
      : of_(of), stream_(std::move(stream)), peer_(of.smsc_.opened(*this, of.moment())) {}

  void on_open() override {}
  void on_octets(std::string_view octets) override {
    if (has_ended_) return;
    of_.smsc_.octets(peer_, octets, of_.moment());
    of_.arm();
  }
  void on_close(std::string_view) override { end(); }

  void write(std::string_view octets) override { stream_->write(octets); }
  void finish() override {
    stream_->close_when_written();
    end();
  }
  void reset() override {
    of_.network_.reset(*stream_);
    end();
  }
  carrier::Peer& peer() { return peer_; }

 private:
  void end() {
    if (std::exchange(has_ended_, true)) return;
    of_.agenda_.after(Millis{0}, Agenda::world, [this] { of_.forget(*this); });
  }

  SimulatedSmsc& of_;
  std::unique_ptr<Stream> stream_;
  carrier::Peer& peer_;
  bool has_ended_ = false;
};

SimulatedSmsc::SimulatedSmsc(Agenda& agenda, Network& network, std::uint64_t seed, Chronicle& chronicle,
                             const CarrierSettings& settings, bool counts_binds)
    : agenda_(agenda),
      network_(network),
      chronicle_(chronicle),
      name_(settings.name),
      alphabet_(settings.default_alphabet),
      smsc_(settings_of(settings, seed, *this, counts_binds)) {
  make_well(faults());
  for (const std::string& address : settings.addresses) {
    network_.listen(address, [this](std::unique_ptr<Stream> stream) -> StreamEvents* {
      lines_.push_back(std::make_unique<Line>(*this, std::move(stream)));
      return lines_.back().get();
    });
  }
  tick();
}

SimulatedSmsc::~SimulatedSmsc() = default;

void SimulatedSmsc::fault(std::string_view text) {
  const auto set = faults().set(text);
  XION_ASSERT(set.has_value());
}

void SimulatedSmsc::refuse(std::uint32_t status, int times) { fault(fmt::format("status={}@{}x", status, times)); }

void SimulatedSmsc::answers_in(Millis latency) {
  faults().set(carrier::Fault::latency_ms, latency.count());
  faults().clear(carrier::Fault::latency_jitter_ms);
}

void SimulatedSmsc::delivers_in(Millis delay) {
  faults().set(carrier::Fault::receipt_delay_ms, delay.count());
  faults().clear(carrier::Fault::receipt_jitter_ms);
}

void SimulatedSmsc::heal() {
  const auto style = faults().id_style();
  script() = {};
  make_well(faults());
  faults().set(carrier::Fault::receipt_id, static_cast<std::int64_t>(style));
}

void SimulatedSmsc::disconnect() {
  chronicle_.note("{} drops its {} connections", name_, lines_.size());
  smsc_.drop_all(true, moment());
  arm();
}

void SimulatedSmsc::on_taken(const smpp::SubmitSm& sm, std::string_view id) {
  chronicle_.note("{} takes {} as {}", name_, e164_of(sm.destination), id);
}

void SimulatedSmsc::on_handset(const smpp::SubmitSm& sm) {
  const std::string phone = e164_of(sm.destination);
  if (const auto text = parts_.add(phone, part_of(sm, alphabet_)); text && handset_gets) handset_gets(phone, *text);
}

void SimulatedSmsc::on_receipt(std::string_view spelt, std::string_view id) {
  if (receipt_sent) receipt_sent(name_, std::string(spelt), std::string(id));
}

void SimulatedSmsc::tick() {
  agenda_.after(smsc_tick, Agenda::world, [this] { tick(); });
  smsc_.tick(moment());
  arm();
}

/// Has what the carrier has to do next done when it is due.
void SimulatedSmsc::arm() {
  const auto next = smsc_.next_due();
  if (!next || (due_ && due_->first <= *next)) return;
  if (due_) agenda_.cancel(*due_);
  due_ = agenda_.at(*next, Agenda::world, [this] {
    due_.reset();
    smsc_.run_due(moment());
    arm();
  });
}

void SimulatedSmsc::forget(const Line& line) {
  const auto found = std::ranges::find_if(lines_, [&](const auto& each) { return each.get() == &line; });
  const std::unique_ptr<Line> dying = std::move(*found);
  lines_.erase(found);
  smsc_.closed(dying->peer(), moment());
  arm();
}

}  // namespace xion::sim
