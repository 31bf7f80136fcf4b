// Files of records in every format that has many: each record gives one event or report of its own, and stands by itself.

import { cloudtrailRecord, groupId, permission, ruleItem } from "./cloudtrail.js";
import { webRow, type ZeekRow, zeekFields, zeekLog } from "./zeek-log.js";

export type RecordFile = {
  readonly format: string;
  readonly title: string;
  /** Of a number from 1, up to 59. */
  readonly record: (index: number) => string;
  readonly before: string;
  readonly between: string;
  readonly after: string;
  /** Damaged records of this file, in ways that text alone does not tell. */
  readonly damaged: readonly string[];
};

const lines = { before: "", between: "\n", after: "\n" };
const array = { before: "[", between: ",\n", after: "]" };
const under = (key: string) => ({ before: `{"${key}":[`, between: ",", after: "]}" });

const network = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network";
const second = (index: number) => 1773828300 + index;
const time = (index: number) => `2026-03-18T10:05:${String(index).padStart(2, "0")}.000125Z`;

const groupLog = (index: number) => ({
  time: time(index),
  category: "NetworkSecurityGroupFlowEvent",
  resourceId: `${network}/networkSecurityGroups/nsg`,
  properties: {
    Version: 2,
    flows: [
      {
        rule: "UserRule_ssh",
        flows: [{ mac: "00224871C205", flowTuples: [`${second(index)},203.0.113.7,10.1.0.4,5151,22,T,I,A,B,,,,`] }],
      },
    ],
  },
});

const networkLog = (index: number) => ({
  time: time(index),
  category: "FlowLogFlowEvent",
  macAddress: "00224871C205",
  targetResourceID: `${network}/virtualNetworks/vnet`,
  flowRecords: {
    flows: [
      {
        aclID: `${network}/networkSecurityGroups/nsg`,
        flowGroups: [
          { rule: "UserRule_ssh", flowTuples: [`${second(index)}000,203.0.113.7,10.1.0.4,5151,22,6,I,B,NX,0,0,0,0`] },
        ],
      },
    ],
  },
});

const deletion = (index: number) => ({
  time: time(index),
  resourceId: `${network}/networkSecurityGroups/nsg/securityRules/rule-${index}`,
  operationName: "Microsoft.Network/networkSecurityGroups/securityRules/delete",
  category: "Administrative",
  resultType: "Success",
  correlationId: `c${index}`,
});

const authorization = (index: number) =>
  cloudtrailRecord({
    eventName: "AuthorizeSecurityGroupIngress",
    requestParameters: { groupId, ipPermissions: { items: [permission(index, "203.0.113.7/32")] } },
    responseElements: { securityGroupRuleSet: { items: [ruleItem(index, "203.0.113.7/32", `sgr-${index}`)] } },
    eventID: `event-${index}`,
    requestID: `request-${index}`,
  });

const flowLine = (index: number) =>
  `2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 ${20_000 + index} 22 6 20 4249 ${second(index)} ${second(index)} ACCEPT OK`;
const flowHeader =
  "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

const zeekRow = (index: number): ZeekRow => ({ ...webRow, ts: `${second(index)}.000125`, uid: `C${index}` });
const zeekLine = (index: number) => zeekFields.map(([name]) => zeekRow(index)[name]).join("\t");
const zeekHeader = zeekLog([])
  .split("\n")
  .filter((line) => line.startsWith("#") && !line.startsWith("#close"));

const zeekObject = (index: number) => ({
  ts: time(index),
  uid: `C${index}`,
  "id.orig_h": "203.0.113.7",
  "id.orig_p": 51514,
  "id.resp_h": "10.1.0.4",
  "id.resp_p": 443,
  proto: "tcp",
  conn_state: "SF",
  orig_pkts: 9,
});

const eveFlow = (index: number) => ({
  timestamp: "2026-03-18T10:06:00.000000+0000",
  flow_id: index,
  event_type: "flow",
  src_ip: "203.0.113.7",
  src_port: 51514,
  dest_ip: "10.1.0.4",
  dest_port: 443,
  proto: "TCP",
  flow: { pkts_toserver: 5, bytes_toserver: 500, start: time(index), end: time(index), state: "closed" },
});

const tracked = (index: number) =>
  `[${second(index)}.000085]\t    [NEW] tcp      6 120 SYN_SENT src=10.1.0.4 dst=10.1.0.5 sport=${40_000 + index} dport=443 [UNREPLIED] src=10.1.0.5 dst=10.1.0.4 sport=443 dport=${40_000 + index}`;

const layers = (from: number, to: number, ports: string) =>
  `<layer3 protonum="2" protoname="ipv4"><src>10.1.0.${from}</src><dst>10.1.0.${to}</dst></layer3><layer4 protonum="6" protoname="tcp">${ports}</layer4>`;
const trackedXml = (index: number) =>
  `<flow type="new"><meta direction="original">${layers(4, 5, `<sport>${40_000 + index}</sport><dport>443</dport>`)}</meta><meta direction="reply">${layers(5, 4, `<sport>443</sport><dport>${40_000 + index}</dport>`)}</meta><meta direction="independent"><state>SYN_SENT</state><id>${index}</id></meta><when><hour>10</hour><min>5</min><sec>${index}</sec><wday>4</wday><day>18</day><month>3</month><year>2026</year></when></flow>`;

const asJson = (record: (index: number) => object) => (index: number) => JSON.stringify(record(index));

const ofJson: readonly (readonly [format: string, record: (index: number) => object, damaged: readonly object[]])[] = [
  ["azure-nsg-flow-log", groupLog, [{ ...groupLog(1), properties: {} }]],
  ["azure-vnet-flow-log", networkLog, [{ ...networkLog(1), flowRecords: { flows: [{ flowGroups: [{}] }] } }]],
  [
    "azure-activity-log",
    deletion,
    [
      { ...deletion(1), time: "soon" },
      { ...deletion(1), resultType: "Who knows" },
    ],
  ],
  ["aws-cloudtrail", authorization, [{ ...authorization(1), eventTime: "soon" }]],
  ["zeek-conn-log", zeekObject, [{ ...zeekObject(1), "id.orig_h": "vm1" }]],
  ["suricata-eve", eveFlow, [{ ...eveFlow(1), flow: {} }, { flow: {} }]],
];

export const recordFiles: readonly RecordFile[] = [
  ...ofJson.flatMap(([format, record, damaged]) => {
    const common = { format, record: asJson(record), damaged: damaged.map((one) => JSON.stringify(one)) };
    return [
      { ...common, title: "lines", ...lines },
      { ...common, title: "an array", ...array },
      ...(format.startsWith("a") ? [{ ...common, title: "records", ...under("records") }] : []),
    ];
  }),
  {
    format: "aws-vpc-flow-log",
    title: "lines",
    record: flowLine,
    ...lines,
    damaged: [flowLine(1).replace("172.31.16.139", "172.31.16.999"), `${flowLine(1)} OK`, "ACCEPT OK"],
  },
  {
    format: "aws-vpc-flow-log",
    title: "lines under a header",
    record: flowLine,
    ...lines,
    before: `${flowHeader}\n`,
    damaged: [flowLine(1).replace(" ACCEPT ", " PERHAPS "), flowLine(1).slice(0, 50)],
  },
  {
    format: "aws-vpc-flow-log",
    title: "log events",
    record: (index) => JSON.stringify({ timestamp: index, message: flowLine(index) }),
    ...under("events"),
    damaged: ['{"timestamp":1}', '{"message":"2 1"}'],
  },
  {
    format: "zeek-conn-log",
    title: "its own form",
    record: zeekLine,
    ...lines,
    before: `${zeekHeader.join("\n")}\n`,
    damaged: [zeekLine(1).replace("203.0.113.7", "vm1"), zeekLine(1).slice(0, 60), "too\tfew"],
  },
  {
    format: "conntrack-events",
    title: "text",
    record: tracked,
    ...lines,
    damaged: [tracked(1).replace("dst=10.1.0.5", "dst=vm1"), "too few"],
  },
  {
    format: "conntrack-events",
    title: "XML",
    record: trackedXml,
    between: "\n",
    before: '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n',
    after: "\n</conntrack>\n",
    damaged: [trackedXml(1).replace("10.1.0.5", "vm1"), trackedXml(1).slice(0, 100), "<flow></flow>"],
  },
];

export function contentOf({ before, between, after }: RecordFile, records: readonly string[]): string {
  return `${before}${records.join(between)}${after}`;
}
