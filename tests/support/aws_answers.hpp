// Answers of AWS's credential services, as their documentation shows them.
#pragma once

#include <string>

namespace mooring::test {

// When the keys of an answer expire, unless a test says otherwise.
constexpr const char* key_expiry = "2027-01-15T09:00:00Z";

inline std::string sts_answer(const std::string& action, const std::string& id, const std::string& expires) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n <" + action +
         "Result>\n  <AssumedRoleUser><AssumedRoleId>ARO:me</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/me</Arn>"
         "</AssumedRoleUser>\n  <Credentials>\n   <AccessKeyId>" +
         id +
         "</AccessKeyId>\n   <SecretAccessKey>secret/+=</SecretAccessKey>\n   "
         "<SessionToken>token-of-sts</SessionToken>\n   <Expiration>" +
         expires + "</Expiration>\n  </Credentials>\n </" + action +
         "Result>\n <ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata>\n</" + action + "Response>\n";
}

inline std::string sts_refusal(const std::string& code, const std::string& message) {
  return "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>" + code +
         "</Code><Message>" + message + "</Message></Error><RequestId>1</RequestId></ErrorResponse>";
}

inline std::string role_json(const std::string& id, const std::string& expires, const std::string& code = "Success") {
  return R"({"Code":")" + code + R"(","Type":"AWS-HMAC","AccessKeyId":")" + id +
         R"(","SecretAccessKey":"secret","Token":"token","Expiration":")" + expires + R"("})";
}

inline std::string process_json(const std::string& id, const std::string& expires) {
  return R"({"Version":1,"AccessKeyId":")" + id + R"(","SecretAccessKey":"secret","SessionToken":"token")" +
         (expires.empty() ? "" : R"(,"Expiration":")" + expires + "\"") + "}";
}

}  // namespace mooring::test
