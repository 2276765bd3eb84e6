// Binds are up while their leases are ours, whoever else shares the account.
#include <doctest/doctest.h>

#include "app/delivery/smpp_account.h"
#include "sim/seeded.h"
#include "sim/virtual_loop.h"
#include "smpp/smsc_session.h"
#include "unit/shared_store.h"

namespace xion {
namespace {

/// A carrier that takes every bind, and answers submits when the test says so.
class TakingSmsc {
 public:
  explicit TakingSmsc(sim::Agenda& agenda) : agenda_(agenda) {}
  std::unique_ptr<Stream> connect(StreamEvents& events) { return std::make_unique<Line>(*this, events); }
  std::size_t bound = 0, submitted = 0;
  bool answers = true;

 private:
  class Line final : public Stream {
   public:
    Line(TakingSmsc& smsc, StreamEvents& events) : smsc_(smsc), events_(events), session_(smpp::SmscSettings{}) {
      later([this] {
        smpp::SmscActions actions;
        session_.on_open(smsc_.agenda_.now(), actions);
        events_.on_open();
      });
    }
    ~Line() override { unbind(); }
    void write(std::string_view octets) override {
      smpp::SmscActions actions;
      session_.on_octets(octets, smsc_.agenda_.now(), actions);
      perform(std::move(actions));
    }
    void close_when_written() override {
      unbind();
      later([this] { events_.on_close("closed"); });
    }
    std::size_t unwritten_octets() const override { return 0; }

   private:
    void perform(smpp::SmscActions actions) {
      for (smpp::SmscAction& action : actions) {
        if (auto* send = std::get_if<smpp::Send>(&action))
          later([this, octets = std::move(send->octets)] { events_.on_octets(octets); });
        if (const auto* bind = std::get_if<smpp::BindRequested>(&action)) take(*bind);
        if (const auto* submit = std::get_if<smpp::Submitted>(&action)) take(*submit);
        if (std::holds_alternative<smpp::Unbound>(action)) unbind();
        if (std::holds_alternative<smpp::Close>(action)) later([this] { events_.on_close("closed"); });
      }
    }
    void take(const smpp::BindRequested& bind) {
      ++smsc_.bound;
      is_bound_ = true;
      smpp::SmscActions actions;
      session_.accept_bind(bind.sequence, smsc_.agenda_.now(), actions);
      perform(std::move(actions));
    }
    void take(const smpp::Submitted& submit) {
      ++smsc_.submitted;
      smpp::SmscActions actions;
      if (smsc_.answers) session_.answer_submit(submit.sequence, smpp::status::ok, "1", actions);
      perform(std::move(actions));
    }
    void unbind() {
      if (std::exchange(is_bound_, false)) --smsc_.bound;
    }
    void later(std::move_only_function<void()> work) {
      smsc_.agenda_.after(Millis{1}, sim::Agenda::world,
                          [alive = std::weak_ptr(alive_), work = std::move(work)]() mutable {
                            if (!alive.expired()) work();
                          });
    }
    TakingSmsc& smsc_;
    StreamEvents& events_;
    smpp::SmscSession session_;
    bool is_bound_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  };
  sim::Agenda& agenda_;
};

struct Told final : LinkEvents {
  SmppAccount* account = nullptr;
  std::size_t answered = 0, not_taken = 0, unknown = 0;
  void on_answer(SmscLink&, const otp_rules::SubmissionRef&, std::uint32_t, const std::string&) override { ++answered; }
  void on_not_taken(SmscLink&, const otp_rules::SubmissionRef&, std::uint32_t) override { ++not_taken; }
  void on_unknown(SmscLink&, const otp_rules::SubmissionRef&, Unanswered) override { ++unknown; }
  void on_late_answer(SmscLink&, const otp_rules::SubmissionRef&, std::uint32_t, const std::string&) override {}
  void on_deliver(SmscLink&, const DeliveryTicket&, smpp::DeliverSm&&) override {}
  void on_seen(SmscLink&, const TracedPdu&) override {}
  void on_change(SmscLink&) override { account->on_change(); }
};

/// An account of two binds that nodes share.
struct SharedAccount {
  sim::Agenda agenda;
  TakingSmsc smsc{agenda};
  sim::VirtualLoop loop{agenda, sim::Agenda::world,
                        [this](const Endpoint&, StreamEvents& events) { return smsc.connect(events); }};
  sim::Seeded entropy{1};
  PlayedCluster cluster;
  Told told;
  SmppAccount account;

  explicit SharedAccount(std::string bind = "transceiver")
      : account(loop, entropy, cluster, settings(std::move(bind)), told) {
    told.account = &account;
    cluster.makes_wait = true;
  }
  static CarrierSettingsRef settings(std::string bind) {
    CarrierSettings settings;
    settings.name = "primary";
    settings.addresses = {"127.0.0.1:2775"};
    settings.system_id = "xion";
    settings.bind = std::move(bind);
    settings.binds = 2;
    settings.rate = 0;
    return std::make_shared<const CarrierSettings>(std::move(settings));
  }
  bool submit() {
    Outgoing outgoing;
    outgoing.ref.otp = make_otp_id(agenda.wall_now(), std::array<std::uint8_t, 5>{1});
    outgoing.expires_at = agenda.wall_now() + Seconds{300};
    outgoing.segments.emplace_back().destination.digits = "37499123056";
    return account.submit(std::move(outgoing));
  }
  void run(Millis span = Millis{500}) { loop.run(span); }
};

}  // namespace

TEST_CASE("a bind is connected when its lease is granted, and another's is not") {
  SharedAccount shared;
  shared.account.start();
  shared.run();
  CHECK(shared.cluster.is_wanted("bind:primary/1"));
  CHECK(shared.cluster.is_wanted("bind:primary/2"));
  CHECK(shared.smsc.bound == 0);
  CHECK(shared.account.view().binds_wanted == 0);
  CHECK(shared.account.trouble() == "its binds are other nodes'");
  CHECK_FALSE(shared.submit());

  shared.cluster.grant("bind:primary/2");
  shared.run();
  CHECK(shared.smsc.bound == 1);
  CHECK(shared.account.is_bound());
  CHECK(shared.account.view().binds_wanted == 1);
  CHECK(shared.submit());
  shared.run();
  CHECK(shared.told.answered == 1);
}

TEST_CASE("a carrier that is for other nodes is not wished for, and one that is for this node, too, is") {
  SharedAccount shared;
  CarrierSettings pinned = *shared.account.settings();
  pinned.nodes = {"elsewhere"};
  SmppAccount theirs(shared.loop, shared.entropy, shared.cluster, std::make_shared<const CarrierSettings>(pinned),
                     shared.told);
  theirs.start();
  shared.run();
  CHECK_FALSE(shared.cluster.is_wanted("bind:primary/1"));
  CHECK(theirs.trouble() == "only for the nodes elsewhere");
  CHECK(theirs.view().binds_wanted == 0);
  theirs.stop();
  CHECK(theirs.is_stopped());

  pinned.nodes = {"elsewhere", "here"};
  SmppAccount ours(shared.loop, shared.entropy, shared.cluster, std::make_shared<const CarrierSettings>(pinned),
                   shared.told);
  ours.start();
  CHECK(shared.cluster.is_wanted("bind:primary/1"));

  OnlyNode alone;
  pinned.nodes = {"elsewhere"};
  SmppAccount only(shared.loop, shared.entropy, alone, std::make_shared<const CarrierSettings>(pinned), shared.told);
  shared.told.account = &only;
  only.start();
  shared.run();
  CHECK(only.is_bound());
}

TEST_CASE("a transmitter and its receiver are one bind") {
  SharedAccount shared("transmitter+receiver");
  shared.account.start();
  shared.cluster.grant("bind:primary/1");
  shared.run();
  CHECK(shared.smsc.bound == 2);
  CHECK(shared.account.view().binds_wanted == 2);
  CHECK_FALSE(shared.cluster.is_wanted("bind:primary/3"));
}

TEST_CASE("a bind that is recalled is given back when what was in flight is answered, and comes back when it is free") {
  SharedAccount shared;
  shared.account.start();
  shared.cluster.grant("bind:primary/1");
  shared.run();
  shared.smsc.answers = false;
  CHECK(shared.submit());
  shared.run();
  shared.cluster.recall("bind:primary/1");
  shared.run(Millis{50});
  CHECK(shared.smsc.bound == 1);
  CHECK(shared.cluster.is_held("bind:primary/1"));
  CHECK(shared.account.health().room == 0);

  shared.run(Seconds{60});
  CHECK(shared.smsc.bound == 0);
  CHECK_FALSE(shared.cluster.is_held("bind:primary/1"));
  CHECK(shared.cluster.is_wanted("bind:primary/1"));
  shared.cluster.grant("bind:primary/1");
  shared.run(Seconds{60});
  CHECK(shared.smsc.bound == 1);
}

TEST_CASE("a bind that is lost is down within a second or two, whatever is in flight") {
  SharedAccount shared;
  shared.account.start();
  shared.cluster.grant("bind:primary/1");
  shared.run();
  shared.smsc.answers = false;
  CHECK(shared.submit());
  shared.run();
  shared.cluster.revoke("bind:primary/1");
  CHECK_FALSE(shared.submit());
  shared.run(Millis{1'500});
  CHECK(shared.smsc.bound == 0);
  CHECK(shared.told.unknown == 1);
}

TEST_CASE("nothing is submitted once a lease has run out by the clock, though nobody has said so yet") {
  SharedAccount shared;
  shared.account.start();
  shared.cluster.grant("bind:primary/1");
  shared.run();
  shared.cluster.lapse("bind:primary/1");
  CHECK_FALSE(shared.account.is_bound());
  CHECK(shared.account.health().room == 0);
  CHECK_FALSE(shared.submit());
  shared.run();
  CHECK(shared.smsc.submitted == 0);
}

TEST_CASE("what an operator asks for starts no bind that is another's") {
  SharedAccount shared;
  shared.account.start();
  shared.run();
  shared.account.reconnect();
  shared.account.drain();
  shared.account.resume();
  shared.run(Seconds{60});
  CHECK(shared.smsc.bound == 0);
}

TEST_CASE("an account that drains or stops wishes for no bind, and gives back what it has") {
  SharedAccount shared;
  shared.account.start();
  shared.cluster.grant("bind:primary/1");
  shared.run();
  shared.account.drain();
  shared.run(Seconds{10});
  CHECK(shared.smsc.bound == 0);
  CHECK_FALSE(shared.cluster.is_wanted("bind:primary/1"));
  CHECK_FALSE(shared.cluster.is_wanted("bind:primary/2"));
  shared.account.resume();
  shared.cluster.grant("bind:primary/2");
  shared.run(Seconds{60});
  CHECK(shared.smsc.bound == 1);
  shared.account.stop();
  shared.run(Seconds{10});
  CHECK(shared.account.is_stopped());
  CHECK_FALSE(shared.cluster.is_wanted("bind:primary/2"));
}

}  // namespace xion
