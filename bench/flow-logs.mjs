// Flow logs of any size in the clouds' formats: pieces of text, each with the number of reports that it holds.

import { randomNumbers } from "./random.mjs";
import { reportedMinutes } from "./reported-connections.mjs";

const subscription = "12345678-9ABC-DEF0-1234-56789ABCDEF0";
const network = `/SUBSCRIPTIONS/${subscription}/RESOURCEGROUPS/RG-PROD/PROVIDERS/MICROSOFT.NETWORK`;
const group = `${network}/NETWORKSECURITYGROUPS/NSG-WEB`;
const mac = "00224882AB01";

/** `PT1H.json` of a network security group, version 2 (DOMAIN 4.1). */
export function* groupFlowLog(seed) {
  yield* recordsOf(seed, groupRecord);
}

/** `PT1H.json` of a virtual network, version 4 (DOMAIN 4.2). */
export function* networkFlowLog(seed) {
  yield* recordsOf(seed, networkRecord);
}

/** Without end, like all of these: the reader stops, and closes the list. */
function* recordsOf(seed, recordOf) {
  let text = '{"records":[';
  for (const { time, reports } of reportedMinutes(randomNumbers(seed))) {
    yield { text: text + JSON.stringify(recordOf(new Date(time).toISOString(), reports)), reports: reports.length };
    text = ",";
  }
}

function groupRecord(time, reports) {
  return {
    time,
    systemId: "a1b2c3d4-0000-4000-8000-000000000001",
    macAddress: mac,
    category: "NetworkSecurityGroupFlowEvent",
    resourceId: group,
    operationName: "NetworkSecurityGroupFlowEvents",
    properties: {
      Version: 2,
      flows: [...byRule(reports)].map(([rule, own]) => ({ rule, flows: [{ mac, flowTuples: own.map(groupTuple) }] })),
    },
  };
}

function networkRecord(time, reports) {
  const flowGroups = [...byRule(reports)].map(([rule, own]) => ({ rule, flowTuples: own.map(networkTuple) }));
  return {
    time,
    flowLogVersion: 4,
    flowLogGUID: "a1b2c3d4-0000-4000-8000-000000000002",
    macAddress: mac,
    category: "FlowLogFlowEvent",
    flowLogResourceID: `${network}/NETWORKWATCHERS/NW/FLOWLOGS/VNET-PROD`,
    targetResourceID: `${network}/VIRTUALNETWORKS/VNET-PROD`,
    operationName: "FlowLogFlowEvent",
    flowRecords: { flows: [{ aclID: group, flowGroups }] },
  };
}

function byRule(reports) {
  const rules = new Map();
  for (const report of reports) {
    const rule = ruleOf(report);
    if (!rules.has(rule)) rules.set(rule, []);
    rules.get(rule).push(report);
  }
  return rules;
}

function ruleOf({ inbound, state, destinationPort }) {
  if (state === "D") return "DefaultRule_DenyAllInBound";
  return inbound ? `UserRule_allow-${destinationPort}` : "DefaultRule_AllowInternetOutBound";
}

function ends({ source, destination, sourcePort, destinationPort }) {
  return `${source},${destination},${sourcePort},${destinationPort}`;
}

function counters(report) {
  if (report.state !== "C" && report.state !== "E") return null;
  return `${report.packetsSent},${report.bytesSent},${report.packetsReceived},${report.bytesReceived}`;
}

function groupTuple(report) {
  const way = `${report.protocol === 6 ? "T" : "U"},${report.inbound ? "I" : "O"}`;
  const judged = report.state === "D" ? "D,B" : `A,${report.state}`;
  return `${Math.floor(report.millis / 1000)},${ends(report)},${way},${judged},${counters(report) ?? ",,,"}`;
}

function networkTuple(report) {
  const way = `${report.protocol},${report.inbound ? "I" : "O"},${report.state},NX`;
  return `${report.millis},${ends(report)},${way},${counters(report) ?? "0,0,0,0"}`;
}

/** Version 2, the default fields, without a header (DOMAIN 4.6). */
export function* vpcFlowLog(seed) {
  yield* linesOf(seed, vpcLine);
}

const customFields =
  "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status flow-direction traffic-path";

/** Version 5, fields in an order of one's own, with a header as in S3. */
export function* vpcCustomFlowLog(seed) {
  yield { text: `${customFields}\n`, reports: 0 };
  yield* linesOf(seed, customLine);
}

function* linesOf(seed, lineOf) {
  for (const { time, reports } of reportedMinutes(randomNumbers(seed))) {
    const start = Math.floor(time / 1000);
    yield { text: reports.map((report) => `${lineOf(report, start)}\n`).join(""), reports: reports.length };
  }
}

const actionOf = ({ state }) => (state === "D" ? "REJECT" : "ACCEPT");
const places = ["eni-0a1b2c3d4e5f60718", "eni-0a1b2c3d4e5f60719", "eni-0a1b2c3d4e5f6071a"];
const placeOf = ({ sourcePort }) => places[sourcePort % places.length];

function vpcLine(report, start) {
  const { source, destination, sourcePort, destinationPort, protocol, packetsSent, bytesSent } = report;
  const counts = `${packetsSent || 1} ${bytesSent || 60}`;
  return `2 123456789012 ${placeOf(report)} ${source} ${destination} ${sourcePort} ${destinationPort} ${protocol} ${counts} ${start} ${start + 59} ${actionOf(report)} OK`;
}

function customLine(report, start) {
  const { source, destination, sourcePort, destinationPort, protocol, inbound } = report;
  const place = `vpc-0a1b2c3d4e5f60718 subnet-0a1b2c3d4e5f60718 i-0a1b2c3d4e5f60718 ${placeOf(report)} 123456789012`;
  const flow = `IPv4 ${source} ${destination} ${sourcePort} ${destinationPort} ${source} ${destination} ${protocol}`;
  const counts = `${report.bytesSent || 60} ${report.packetsSent || 1}`;
  const flags = protocol === 6 ? { B: 2, C: 0, E: 1, D: 2 }[report.state] : 0;
  const direction = inbound ? "ingress -" : "egress 2";
  return `5 ${place} ${flow} ${counts} ${start} ${start + 59} ${actionOf(report)} ${flags} OK ${direction}`;
}
