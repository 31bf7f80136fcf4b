// What is often taken for evidence and is none, by how it begins, and what to do instead.

const again = "export or download it again";
const activityExport = "export the log with `az monitor activity-log list --max-events 100000 -o json`";

/** `pattern` is asked of the first 64 KiB as text, from the first letter that is no white space. */
export type ForeignKind = { readonly pattern: RegExp; readonly message: string };

export const foreignKinds: readonly ForeignKind[] = [
  {
    pattern: /^(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)?(?:<!doctype html|<html)\b/i,
    message: `the file is an HTML page, such as a failed download leaves: ${again}`,
  },
  {
    pattern:
      /^(?:<\?xml[^>]*>\s*)?<Error>[\s\S]*<Code>\s*(?:AccessDenied|AuthenticationFailed|AuthorizationFailure)\s*</,
    message: `the file is the answer of a storage service that denied access: ${again}, with a right to read it`,
  },
  {
    pattern: /^(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>/,
    message: `the file is the error that a storage service answered: ${again}`,
  },
  {
    pattern: /^PAR1/,
    message:
      "not recognised: the file is Parquet, which conntrail does not read; write it as text, for example with an Athena query, or create the flow log with plain text as its file format",
  },
  {
    pattern: /^(?![{[])[^\n]*\bvswitch[-_]id\b/,
    message: "not recognised: this is a flow log of Alibaba Cloud, which conntrail does not read",
  },
  {
    // A header names the fields; default records begin with version and resource type (DOMAIN 4.6).
    pattern: /^(?![{[])[^\n]*\btgw-(?:id|attachment-id|src-vpc-id|attach-\w+)\b|^\d+ TransitGateway /,
    message:
      "not recognised: this is a flow log of a transit gateway, which has other fields and no verdicts; conntrail reads flow logs of VPCs, subnets and network interfaces",
  },
  {
    pattern: /^"?correlation id"?,\s*"?operation name"?/i,
    message: `not recognised: this is the portal's CSV of the Activity Log, which names neither operations nor rules; ${activityExport}`,
  },
  {
    pattern: /^(?![{[])[^\n]*\bOperationNameValue\b/,
    message:
      "not recognised: this is a CSV of Log Analytics; export the rows as JSON with `az monitor log-analytics query -o json`",
  },
  {
    pattern: /^"?event (?:name|id)"?,[^\n]*\bevent (?:source|time)\b/i,
    message:
      "not recognised: this is the console's CSV of CloudTrail, which leaves out what was asked; export it with `aws cloudtrail lookup-events --output json`, or take the trail's files from S3",
  },
  {
    // `AzureNetworkAnalytics_CL` and `NTANetAnalytics` of Log Analytics, by columns that no other table has.
    pattern:
      /^["\w{[][\s\S]*\b(?:AzureNetworkAnalytics_CL|NTANetAnalytics|(?:FASchemaVersion|AllowedInFlows)(?:_\w)?|FlowType_s)\b/i,
    message:
      "not recognised: these are rows of Traffic Analytics, many flows in one and without the instants of each; download the blobs that they were made of, `PT1H.json` in the storage account of the flow log",
  },
  {
    pattern: /^\s*[[{][\s\S]{0,2000}"(?:digestStartTime|digestS3Object)"\s*:/,
    message:
      "not recognised: this is a digest of CloudTrail, which names the trail's files and proves them; import those files",
  },
  {
    pattern: /^\s*\{[\s\S]*"QueryResultRows"\s*:/,
    message:
      "not recognised: this is an answer of CloudTrail Lake, in which requests are no JSON; export with `aws cloudtrail lookup-events`, or take the trail's files from S3",
  },
  {
    pattern: /^(?![{[])[^\n]*\beventsource\b[^\n]*\beventname\b/i,
    message:
      "not recognised: this is CloudTrail as CSV, such as Athena gives; take the trail's files from S3, or let Athena write JSON (`UNLOAD … WITH (format = 'JSON')`)",
  },
  {
    pattern: /^\d{9,}\.\d{6}\tC[A-Za-z0-9]{8,}\t/,
    message: "not recognised: these are lines of a log of Zeek without its header; put the header before them",
  },
  {
    pattern: /^\d\d\/\d\d\/(?:\d{4}-)?\d\d:\d\d:\d\d\.\d+\s+(?:\[\w+\]\s+)?\[\*\*\] \[\d+:\d+:\d+\]/,
    message:
      "not recognised: these are alerts of Suricata or Snort (`fast.log`); import `eve.json`, which has the flows",
  },
  {
    pattern: /^(?![{[])[^\n]*\{"timestamp":\s*"[^\n]*"event_type":/,
    message:
      "not recognised: these are events of Suricata behind the head of another log, as of syslog: cut off what stands before each `{`",
  },
  {
    pattern: /^\s*[[{][\s\S]*"eventType"\s*:\s*"Microsoft\.Resources\.Resource\w+"/,
    message: `not recognised: these are events of Event Grid, which carry no rules; ${activityExport}`,
  },
  {
    pattern: /^\s*[[{][\s\S]*"schemaId"\s*:\s*"Microsoft\.Insights\/activityLogs"/i,
    message: `not recognised: this is an alert on the Activity Log, which carries no rules; ${activityExport}`,
  },
  {
    pattern: /^\s*\[?\s*\{[^\n]*"(?:message|original|_raw|Body)"\s*:\s*"\{\\"/,
    message:
      "not recognised: these are records of another program, with the log's own records as texts inside; export what is inside alone",
  },
  {
    pattern: /^\[\s*\{\s*"_index"\s*:\s*"packets-/,
    message: "not recognised: these are packets as tshark prints them; import the capture itself",
  },
  {
    pattern: /^\s*\[?\s*\{\s*"(?:_index|_source|preview)"\s*:/,
    message:
      "not recognised: these are records of a search in Elasticsearch or Splunk, with their envelopes; export what is inside (`_source`, `_raw`) alone",
  },
  {
    // Their names for lists of resources, their frames, and ids at the beginning of a line of YAML.
    pattern:
      /^(?:(?:SecurityGroup|NetworkInterface|Reservation|Subnet|Vpc|NetworkAcl|RouteTable|PrefixList|Event)\w*:\s|[A-Z]{4,}\t\S|-{10,}\r?\n\||[A-Z]\S*(?: {2,}\S+)+\r?\n-{2,} {2}-|(?![[{<])(?:[^\n]*\n){0,200}-? *id: ['"]?\/subscriptions\/)/,
    message:
      "not recognised: this is an answer of the Azure or AWS command line as YAML, table or text: print it with `-o json` or `--output json`",
  },
  {
    pattern: /^\{[\s\S]*"terraform_version"\s*:/,
    message:
      "not recognised: this is a state of Terraform, which says what was meant; export the resources themselves with `az` or `aws`",
  },
  {
    pattern: /^(?:[^\n]*\n){0,200}resource \w+ 'Microsoft\./,
    message: "not recognised: this is Bicep; make a template of it with `az bicep build`",
  },
  {
    pattern: /^\{\s*"(?:FlowLogs|VpcPeeringConnections|flowLogs)"\s*:/,
    message:
      "not recognised: this says which logs or peerings there are, and no more; import the flow logs, groups, interfaces and routes themselves",
  },
  {
    pattern: /^(?:\[\s*\]|\{\s*\}|\{\s*"(?:value|records|events|Events)"\s*:\s*\[\s*\][^[\]{}]*\})\s*$/,
    message: "the file holds an empty list: there was nothing of the time, place or kind that was asked for",
  },
  {
    pattern: /^[[{][\s\S]*"class_uid"\s*:\s*\d/,
    message:
      "not recognised: these are records in the schema of OCSF, as Security Lake keeps them; import the flow logs and the trail that they were made of",
  },
  {
    pattern: /^[[{][\s\S]*"logName"\s*:\s*"[^"]*googleapis\.com/,
    message: "not recognised: this is a log of Google Cloud, which conntrail does not read",
  },
  {
    pattern: /^\{\s*"firewall_name"\s*:/,
    message: "not recognised: this is a log of AWS Network Firewall, which conntrail does not read",
  },
  {
    pattern: /^\{[\s\S]*"configurationItems"\s*:/,
    message:
      "not recognised: this is a history or snapshot of AWS Config, which conntrail does not read; export resources with `aws ec2 describe-…`, and import the trail for their history",
  },
];
