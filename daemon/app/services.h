#pragma once
#include "app/ports.h"
#include "app/settings_in_force.h"

namespace xion {

class Carriers;
class DashboardAccess;
class Directory;
class Dispatcher;
class KeyRotation;
class NodeDrains;
class Notices;
class PhoneWatch;
class Templates;
class Webhooks;
struct Measures;

/// The parts that a gateway is made of, for whoever speaks to it from outside: the use cases and the layers above. The
/// parts themselves take what they use by their constructors, so they are made one after the other, and nobody is null
/// but webhooks where there is no HTTP client.
struct Services : Ports {
  const SettingsInForce& settings;
  Directory& directory;
  Dispatcher* dispatcher;
  Carriers* carriers;  ///< The same, as the API and the control socket see it.
  Notices* notices;
  Templates* templates;
  Webhooks* webhooks;
  KeyRotation* key_rotation;
  DashboardAccess* dashboard;  ///< Who may look at the dashboard.
  NodeDrains& node_drains;     ///< Nodes that are to hold nothing.
  Measures& measures;          ///< What /metrics tells of the use cases.
  PhoneWatch& phone_watch;     ///< Whose requests somebody follows in the log.
};

}  // namespace xion
