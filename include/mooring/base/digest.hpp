// SHA-256 and HMAC-SHA-256 (OpenSSL) over bytes in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mooring {

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view message);
std::string to_hex(std::string_view bytes);  // lower case
std::string sha256_hex(std::string_view bytes);

// `count` bytes that nobody can guess.
std::string random_bytes(std::size_t count);
std::uint32_t random_number();

}  // namespace mooring
