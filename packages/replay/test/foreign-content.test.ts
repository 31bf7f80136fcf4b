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
  ["PAR1\x15\x04", "Parquet"],
  ["6 TransitGateway 123456789012 tgw-0123 tgw-attach-0123", "a flow log of a transit gateway"],
  ["Correlation id,Operation name,Status,Event category,Level,Time\n", "the portal's CSV of the Activity Log"],
  ['"TimeGenerated [UTC]",OperationNameValue,Level\n', "a CSV of Log Analytics"],
  ['[{"FASchemaVersion_s":"2","FlowType_s":"IntraVNet","SrcIP_s":"10.0.0.4"}]', "rows of Traffic Analytics"],
  ['{"tables":[{"columns":[{"name":"AclGroup"},{"name":"AllowedInFlows"}]}]}', "rows of Traffic Analytics"],
  ["TenantId,TimeGenerated [UTC],FaSchemaVersion,FlowType\n", "rows of Traffic Analytics"],
  ["Event name,Event time,User name,Event source,Resource type\n", "the console's CSV of CloudTrail"],
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

test.each(['{"some":"thing"}', "<rss><html>", "2 123456789010 eni-1 10.0.0.1", "0", "\0\0\0\0"])(
  "of %j nothing is known",
  (text) => {
    expect(foreignContent(Buffer.from(text))).toBeNull();
  },
);
