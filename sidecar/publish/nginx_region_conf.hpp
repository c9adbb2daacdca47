// The region for PHP, as a file that nginx includes:
//
//   # Written by mooring-sidecar; changes are overwritten.
//   fastcgi_param DYNAMODB_REGION us-east-1;
//   fastcgi_param AWS_REGION us-east-1;
//
// It is replaced as a whole (write, fsync, rename) and only when it differs, so nginx never reads half of it and its
// modification time says when the region changed. Readable for everybody: nginx is another user.
#pragma once

#include <string>

#include "mooring/base/error.hpp"

namespace mooring::sidecar {

// True: the file was written; false: it was right already. Refuses region names that would not be one nginx word.
result<bool> write_nginx_region_conf(const std::string& path, const std::string& region);

}  // namespace mooring::sidecar
