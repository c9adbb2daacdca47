// The answers of AWS's Security Token Service. Pure; foreign bytes never throw.
//
//   <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
//     <AccessKeyId>..</AccessKeyId><SecretAccessKey>..</SecretAccessKey><SessionToken>..</SessionToken>
//     <Expiration>2026-11-20T13:30:27Z</Expiration></Credentials>..</AssumeRoleResult>..</AssumeRoleResponse>
//   <ErrorResponse
//   ..><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>..</Message></Error>..</ErrorResponse>
//
// This is the part of XML that STS uses: a declaration, elements with attributes, text, the five entities and
// character references. Comments, CDATA, document types and processing instructions are refused, not skipped.
#pragma once

#include <vector>

#include "mooring/credentials/source.hpp"

namespace mooring {

struct xml_leaf {
  std::string path;  // "AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId"
  std::string text;
};

constexpr std::size_t deepest_xml = 16;
constexpr std::size_t most_xml_leaves = 256;

// All elements without children, in order. errc::bad_data for whatever is not well-formed or beyond the limits.
result<std::vector<xml_leaf>> leaves_of_xml(std::string_view text);

// The one <Credentials> of the answer to `action`, e.g. "AssumeRole", all four fields exactly once.
result<temporary_credentials> credentials_in_sts_xml(std::string_view body, std::string_view action);

struct sts_failure {
  std::string code;  // "AccessDenied"; empty when the answer is not one of STS
  std::string message;
};
sts_failure failure_in_sts_xml(std::string_view body);

}  // namespace mooring
