#include "sessiond/store/item_schema.hpp"

namespace mooring::sessiond {

std::unique_ptr<item_schema> make_item_schema(const session_settings& config) {
  return config.schema == "aws-sdk-php" ? make_sdk_schema(config.sdk) : make_mooring_schema();
}

key_form key_form_of(const session_settings& config) {
  return config.schema == "aws-sdk-php" ? sdk_key : hashed_key;
}

}  // namespace mooring::sessiond
