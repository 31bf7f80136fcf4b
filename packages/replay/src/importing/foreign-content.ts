// Content that is often taken for evidence and is none: named, so that people know what they hold.

const utf8 = new TextDecoder();

/** What it is and what to do; null where nothing is known of it. */
export function foreignContent(head: Uint8Array): string | null {
  if (head.length === 0) return "the file is empty";
  if (isUtf16(head)) return "not recognised: the text is UTF-16; save it as UTF-8";
  const text = utf8.decode(head).replace(/^[\s\uFEFF]+/, "");
  if (text === "") return "the file holds white space alone";
  const kind = kinds.find(({ pattern }) => pattern.test(text));
  return kind?.message ?? categoryMessage(text);
}

/** Diagnostic settings of Azure write many logs in one form, each with its category. */
function categoryMessage(text: string): string | null {
  const category = /^[[{][\s\S]*"resourceId"/i.test(text) ? /"category"\s*:\s*"([\w-]+)"/i.exec(text)?.[1] : undefined;
  if (category === undefined) return null;
  return `not recognised: this is a log of Azure of the category \`${category}\`, which conntrail does not read`;
}

/** By its mark, or by the zero that every other byte of text in Latin letters is. */
function isUtf16([first, second, third, fourth]: Uint8Array): boolean {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const isLittle = first !== 0 && second === 0 && third !== 0 && fourth === 0;
  const isBig = first === 0 && second !== 0 && third === 0 && fourth !== 0;
  return hasMark || ((isLittle || isBig) && isPrintable(isLittle ? first : second));
}

function isPrintable(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f;
}

const again = "export or download it again";
const activityExport = "export the log with `az monitor activity-log list --max-events 100000 -o json`";

const kinds: readonly { readonly pattern: RegExp; readonly message: string }[] = [
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
    pattern: /^\s*\[?\s*\{\s*"(?:_index|_source|preview)"\s*:/,
    message:
      "not recognised: these are records of a search in Elasticsearch or Splunk, with their envelopes; export what is inside (`_source`, `_raw`) alone",
  },
];
