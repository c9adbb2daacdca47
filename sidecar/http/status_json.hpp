// The node's health as application/health+json (draft-inadarei-api-health-check-06), "status" first:
//
//   {"status":"warn","version":"1","releaseId":"0.1.0","serviceId":"web-1","description":"...","notes":["region
//   us-east-1"],
//    "output":"dynamodb.eu-west-1: no answer within 2s",
//    "checks":{"mysql:responseTime":[{"componentType":"datastore","status":"pass","observedValue":1.9,
//              "observedUnit":"ms","time":"2025-10-20T07:48:00Z"}]}}
//
// A node that starts or drains has status "fail", as its HTTP status 503 demands; "verdict" has the exact word.
#pragma once

#include <string>

#include "node_status.hpp"

namespace mooring::sidecar {

std::string status_json(const node_status& node);

}  // namespace mooring::sidecar
