// credential_process: a program that prints credentials, such as aws_signing_helper for IAM Roles Anywhere.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
#pragma once

#include "mooring/credentials/source.hpp"

namespace mooring {

// Within a minute at most. A program that ends with a code other than 0 may do better next time, so that is errc::io;
// the end of its standard error is the reason. Its standard output is never repeated.
task<result<temporary_credentials>> credentials_from_process(std::string command, steady_time deadline);

}  // namespace mooring
