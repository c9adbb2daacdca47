#include "mooring/aws/table_advice.hpp"

namespace mooring {
namespace {

std::string command(const std::string& operation, const std::string& table, const std::string& options,
                    const std::string& region) {
  return "aws dynamodb " + operation + " --table-name " + table + (options.empty() ? "" : " " + options) +
         " --region " + region;
}

std::string replica_update(const std::string& action, const std::string& replica) {
  return "--replica-updates '[{\"" + action + "\":{\"RegionName\":\"" + replica + "\"}}]'";
}

}  // namespace

std::string disable_ttl_command(const std::string& table, const std::string& region, const std::string& attribute) {
  const std::string options = "--time-to-live-specification Enabled=false,AttributeName=" + attribute;
  return command("update-time-to-live", table, options, region);
}

std::string disable_stream_command(const std::string& table, const std::string& region) {
  return command("update-table", table, "--stream-specification StreamEnabled=false", region);
}

std::string on_demand_command(const std::string& table, const std::string& region) {
  return command("update-table", table, "--billing-mode PAY_PER_REQUEST", region);
}

std::string provisioned_command(const std::string& table, const std::string& region, const provisioned_units& units) {
  const std::string options =
      "--billing-mode PROVISIONED --provisioned-throughput ReadCapacityUnits=" + std::to_string(units.read) +
      ",WriteCapacityUnits=" + std::to_string(units.write);
  return command("update-table", table, options, region);
}

std::string add_replica_command(const std::string& table, const std::string& region, const std::string& replica) {
  return command("update-table", table, replica_update("Create", replica), region);
}

std::string delete_replica_command(const std::string& table, const std::string& region, const std::string& replica) {
  return command("update-table", table, replica_update("Delete", replica), region);
}

std::string delete_table_command(const std::string& table, const std::string& region) {
  return command("delete-table", table, "", region);
}

std::string protect_command(const std::string& table, const std::string& region) {
  return command("update-table", table, "--deletion-protection-enabled", region);
}

std::string recovery_command(const std::string& table, const std::string& region) {
  const std::string options = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true";
  return command("update-continuous-backups", table, options, region);
}

std::string remedy_for_status(const std::string& status) {
  if (status == "CREATING" || status == "UPDATING") return "wait, and run mooringctl table verify again";
  if (status == "DELETING") return "wait until it is gone, and run mooringctl table create";
  if (status == "INACCESSIBLE_ENCRYPTION_CREDENTIALS")
    return "let DynamoDB use its KMS key again: enable the key, or correct the key's policy";
  if (status == "REPLICATION_NOT_AUTHORIZED")
    return "stop denying AWSServiceRoleForDynamoDBReplication in the resource policies of its replicas; after 20 hours "
           "AWS cuts the replica off";
  if (status == "ARCHIVING" || status == "ARCHIVED")
    return "AWS has put it away because its KMS key was gone; name another table in dynamodb.table, and run mooringctl "
           "table create";
  return "ask AWS support what that state means";
}

std::string remedy_for_replica(const table_replica& replica, const std::string& table, const std::string& region) {
  const std::string why = replica.detail.empty() ? "" : "AWS says \"" + replica.detail + "\"; ";
  if (replica.status == "CREATION_FAILED")
    return why + "remove it with " + delete_replica_command(table, region, replica.region) +
           ", and run mooringctl table create again";
  if (replica.status == "REGION_DISABLED")
    return why + "aws account enable-region --region-name " + replica.region +
           "; after 20 hours AWS cuts the replica off";
  if (replica.status == "DELETING") return why + "wait until it is gone, and run mooringctl table create";
  return why + remedy_for_status(replica.status);
}

std::string no_ttl_with_strong_consistency() {
  return "its replicas are strongly consistent (MRSC), and DynamoDB has no TTL there, so old sessions would stay for "
         "ever. The mode cannot be changed: name another table in dynamodb.table, and run mooringctl table create";
}

std::string upgrade_advice() {
  return "upgrade it to 2019.11.21 in the console of DynamoDB (Global tables, Update version): "
         "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_upgrade.html";
}

}  // namespace mooring
