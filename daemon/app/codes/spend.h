#pragma once
#include "app/codes/send_rules.h"

/// What an app's messages may cost.
namespace xion {

/// The most that a send can cost: its text in parts, by the dearest carrier that its route may come to. 0 where the app
/// has no cap, for which alone it is asked.
Micros quote_of(const Services& services, const SendPlan& plan, const RouteSettings* route, const AppEntry& app);

/// Whether the day's and the month's caps have room for this message, those that are on their way counted at the most
/// that they can cost.
bool keeps_spend(Txn& txn, const SendPlan& plan, SendOutcome& outcome);

}  // namespace xion
