import { expect, test } from "vitest";
import { foreignContent } from "../src/importing/foreign-content.js";

const denied = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId></Error>`;
const notFound = "<Error><Code>NoSuchKey</Code></Error>";
const gateway = "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id";

test.each([
  ["", "the file is empty"],
  [" \r\n\t", "white space alone"],
  ["\uFEFF\n<!DOCTYPE HTML PUBLIC><html>", "an HTML page"],
  ["<html lang=en><body>", "an HTML page"],
  [denied, "denied access"],
  [notFound, "the error that a storage service answered"],
  [gateway, "a flow log of a transit gateway"],
  ["version vswitch-id vm-id vpc-id account-id eni-id srcaddr srcport", "a flow log of Alibaba Cloud"],
  ["PAR1\x15\x04", "Parquet"],
  ["6 TransitGateway 123456789012 tgw-0123 tgw-attach-0123", "a flow log of a transit gateway"],
  ["Correlation id,Operation name,Status,Event category,Level,Time\n", "the portal's CSV of the Activity Log"],
  ['"TimeGenerated [UTC]",OperationNameValue,Level\n', "a CSV of Log Analytics"],
  ['[{"FASchemaVersion_s":"2","FlowType_s":"IntraVNet","SrcIP_s":"10.0.0.4"}]', "rows of Traffic Analytics"],
  ['{"tables":[{"columns":[{"name":"AclGroup"},{"name":"AllowedInFlows"}]}]}', "rows of Traffic Analytics"],
  ["TenantId,TimeGenerated [UTC],FaSchemaVersion,FlowType\n", "rows of Traffic Analytics"],
  ["Event name,Event time,User name,Event source,Resource type\n", "the console's CSV of CloudTrail"],
  ['"eventversion","useridentity","eventtime","eventsource","eventname","requestparameters"\n', "CloudTrail as CSV"],
  ['{"awsAccountId":"1","digestStartTime":"2026-03-18T09:05:00Z","logFiles":[]}', "a digest of CloudTrail"],
  ['{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventName":"x"}]]}', "an answer of CloudTrail Lake"],
  ["3 - 1 tgw-0a tgw-attach-0b - - vpc-1 vpc-2 10.0.0.1 10.0.0.2 OK", "a flow log of a transit gateway"],
  ['[{"FlowType_s":"IntraVNet","SrcIP_s":"10.0.0.4"}]', "rows of Traffic Analytics"],
  ['{"records":[{"category":"NetworkSecurityGroupEvent","resourceId":"/x"}]}', "category `NetworkSecurityGroupEvent`"],
  ['{"resourceId":"/t","category":"SignInLogs"}', "category `SignInLogs`"],
  ["1773828300.000125\tCHhAvVGS1DHFjwGM9\t10.0.0.4\t1\t", "a log of Zeek without its header"],
  ["03/18/2026-10:05:00.123456  [**] [1:2013028:5] ET POLICY [**]", "`fast.log`"],
  [
    'Mar 18 10:05:00 h suricata: {"timestamp":"2026-03-18T10:05:00","event_type":"flow"}',
    "behind the head of another log",
  ],
  ['{"@timestamp":"x","message":"{\\"event_type\\":\\"flow\\"}"}', "as texts inside"],
  ['[{"_index":"i","_source":{"a":1}}]', "Elasticsearch or Splunk"],
  ['[{"eventType":"Microsoft.Resources.ResourceWriteSuccess","data":{}}]', "events of Event Grid"],
  ['{"schemaId":"Microsoft.Insights/activityLogs","data":{}}', "an alert on the Activity Log"],
  ["name: nsg\nid: /subscriptions/s1/resourceGroups/rg\n", "as YAML, table or text"],
  ["- id: /subscriptions/s1/resourceGroups/rg\n  name: nsg\n", "as YAML, table or text"],
  ["SecurityGroups:\n- GroupId: sg-1\n", "as YAML, table or text"],
  ["SECURITYGROUPS\tweb\tsg-1\n", "as YAML, table or text"],
  ["--------------------\n|  DescribeVpcs    |\n", "as YAML, table or text"],
  ["Location    Name\n----------  ------\nwesteurope  nsg\n", "as YAML, table or text"],
  ['{"version":4,"terraform_version":"1.5.0"}', "a state of Terraform"],
  ["param x string\nresource nsg 'Microsoft.Network/networkSecurityGroups@2023-09-01' = {\n", "this is Bicep"],
  ['{"FlowLogs":[{"FlowLogId":"fl-1"}]}', "which logs or peerings there are"],
  ['[{"_index":"packets-2026-03-18","_source":{"layers":{}}}]', "packets as tshark prints them"],
  ["[]\n", "an empty list"],
  ['{ "value": [],\n "nextLink": null }', "an empty list"],
  ['{"activity_id":6,"class_uid":4001}', "the schema of OCSF"],
  ['[{"insertId":"1","logName":"projects/p/logs/compute.googleapis.com%2Fvpc_flows"}]', "a log of Google Cloud"],
  ['{"firewall_name":"f","event":{"event_type":"netflow"}}', "a log of AWS Network Firewall"],
  ['{"fileVersion":"1.0","configurationItems":[]}', "AWS Config"],
])("%j is named: %s", (text, said) => {
  expect(foreignContent(Buffer.from(text))).toContain(said);
});

test.each([
  ["little-endian with its mark", Buffer.from("\uFEFF{}", "utf16le")],
  ["little-endian", Buffer.from('{"a":1}', "utf16le")],
  ["big-endian with its mark", Buffer.from("\uFEFF{}", "utf16le").swap16()],
  ["big-endian", Buffer.from("[1]", "utf16le").swap16()],
])("UTF-16, %s, is named", (_, head) => {
  expect(foreignContent(head)).toContain("UTF-16");
});

test.each(['{"some":"thing"}', "<rss><html>", "2 123456789010 eni-1 10.0.0.1", "0", "\0\0\0\0", "GET\t/", "a: 1\n"])(
  "of %j nothing is known",
  (text) => {
    expect(foreignContent(Buffer.from(text))).toBeNull();
  },
);
