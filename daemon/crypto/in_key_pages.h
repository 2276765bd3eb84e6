#pragma once

namespace xion {

/// From here on what OpenSSL allocates while an `InKeyPages` lives goes into the key pages. To be called before
/// anything of OpenSSL is used. False: it was used already, and nothing changes.
bool keep_openssl_keys_in_key_pages();

/// While it lives, what this thread makes of OpenSSL's contexts, with the keys and the key schedules in them, goes into
/// `KeyPages`: there they stay until they are freed.
class InKeyPages {
 public:
  InKeyPages();
  ~InKeyPages();
  InKeyPages(const InKeyPages&) = delete;
  InKeyPages& operator=(const InKeyPages&) = delete;
};

}  // namespace xion
