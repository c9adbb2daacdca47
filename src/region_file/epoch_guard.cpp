#include "mooring/region_file/epoch_guard.hpp"

namespace mooring {

result<epoch_guard::verdict> epoch_guard::admit(const region_state& state) {
  if (last_ && state.epoch < last_->epoch)
    return error(errc::stale, "epoch " + std::to_string(state.epoch) + " is older than " +
                                  std::to_string(last_->epoch) + ", which is followed already");
  if (last_ && state.epoch == last_->epoch) {
    if (state == *last_) return repeated;
    return error(errc::bad_data, "epoch " + std::to_string(state.epoch) +
                                     " has other content than before; let one sidecar only write the file");
  }
  last_ = state;
  return newer;
}

}  // namespace mooring
