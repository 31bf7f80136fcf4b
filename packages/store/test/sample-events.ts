// Events to put into logs: one of each type, and any number of small ones.

import { type Micros, type NewEvent, type SecurityRuleDeleted, toMicros } from "@conntrail/engine";
import type { EventDraft } from "@conntrail/store";

const group = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web-nsg";
const time = toMicros(1_773_828_300_000_000);
const source = { sha256: "ab".repeat(32), record: 7 };
const actor = { who: "ann@example.org", from: "198.51.100.7", correlationId: "c-1" };
const operation = { phase: "succeeded", operationId: "op-1", effect: "updated" } as const;
const rule = {
  name: "allow-ssh",
  description: null,
  direction: "inbound",
  access: "allow",
  priority: 100,
  protocol: "tcp",
  source: { addresses: ["203.0.113.0/24"], applicationSecurityGroups: [], ports: ["*"] },
  destination: { addresses: ["*"], applicationSecurityGroups: [], ports: ["22"] },
} as const;
const unreadable = { name: "odd", unreadable: "protocol `⚡`", direction: null, access: null, priority: 200 } as const;
const seen = { time, lastTime: time, source, actor: null };
const done = { time, lastTime: time, source, actor };

export const everyDraft: readonly EventDraft[] = [
  {
    ...seen,
    type: "security-group-seen",
    data: {
      group,
      name: "web-nsg",
      rules: [rule, unreadable],
      defaultRules: [],
      subnets: [`${group}/subnet`],
      interfaces: [],
      flushConnection: false,
      instant: "stated",
    },
  },
  {
    ...seen,
    type: "interface-seen",
    data: {
      interface: "nic-1",
      name: "nic-1",
      macAddress: "00-0D-3A-11-22-33",
      group,
      machine: "vm-1",
      addresses: [{ address: "10.0.0.4", subnet: "web", publicAddress: null, applicationSecurityGroups: ["asg-1"] }],
      disableTcpStateTracking: null,
      instant: "file-time",
    },
  },
  {
    ...seen,
    type: "virtual-network-seen",
    data: {
      network: "vnet-1",
      name: "vnet-1",
      addressPrefixes: ["10.0.0.0/16", "fd00::/48"],
      subnets: [{ subnet: "web", name: "web", addressPrefixes: ["10.0.0.0/24"], group, routeTable: null }],
      peerings: [{ remoteNetwork: "vnet-2", state: "Connected", remoteAddressPrefixes: ["10.1.0.0/16"] }],
      flowTimeoutMinutes: 10,
      instant: "stated",
    },
  },
  { ...done, type: "security-rule-written", data: { ...operation, group, ruleName: "allow-ssh", rule } },
  { ...done, type: "security-rule-deleted", data: { ...operation, group, ruleName: "allow-ssh" } },
  { ...done, type: "security-group-written", data: { ...operation, group, rules: [rule, unreadable] } },
  {
    ...done,
    type: "access-requested",
    data: {
      ...operation,
      policy: "jit-1",
      justification: "Störung, “dringend”",
      grants: [{ machine: "vm-1", port: 22, sources: null, until: (time + 10_800_000_000) as Micros }],
    },
  },
  {
    ...seen,
    type: "subnet-seen",
    data: {
      network: "vpc-1",
      subnet: "subnet-1",
      name: "web",
      addressPrefixes: ["10.0.1.0/24"],
      group: null,
      routeTable: null,
      instant: "stated",
      platform: "aws",
    },
  },
  {
    ...seen,
    type: "connected-space-seen",
    data: { network: "vnet-1", gateway: "gw-1", addressPrefixes: ["192.168.0.0/16"], instant: "stated" },
  },
  {
    ...seen,
    type: "route-table-seen",
    data: {
      routeTable: "rtb-1",
      name: "rtb-1",
      network: "vpc-1",
      main: true,
      subnets: ["subnet-1"],
      routes: [{ destination: "0.0.0.0/0", nextHop: "nat_gateway", target: "nat-1" }],
      instant: "stated",
      platform: "aws",
    },
  },
  {
    ...seen,
    type: "address-list-seen",
    data: { list: "Storage.WestEurope", prefixes: ["20.0.0.0/24"], edition: "363", instant: "stated" },
  },
  {
    ...seen,
    type: "public-address-seen",
    data: { publicAddress: "pip-1", address: "203.0.113.9", interface: "nic-1", instant: "stated" },
  },
  { ...seen, type: "application-security-group-seen", data: { group: "asg-1", name: "asg-1", instant: "stated" } },
  {
    ...done,
    type: "association-written",
    data: { ...operation, gate: "subnet", target: "subnet-1", groups: [group] },
  },
  {
    ...done,
    type: "membership-written",
    data: { ...operation, interface: "nic-1", address: "10.0.0.4", applicationSecurityGroups: ["asg-1"] },
  },
  {
    ...done,
    type: "setting-written",
    data: { ...operation, resource: group, setting: "flushConnection", value: true },
  },
  {
    ...done,
    type: "addresses-changed",
    data: { ...operation, interface: "nic-1", added: ["10.0.1.5"], removed: ["10.0.1.6"] },
  },
  {
    ...done,
    type: "address-list-changed",
    data: { ...operation, list: "pl-0123456789abcdef0", added: ["10.1.0.0/16"], removed: [], edition: "2" },
  },
  { ...done, type: "resource-removed", data: { ...operation, resource: "nic-1" } },
  {
    ...done,
    type: "flows-flushed",
    data: {
      interface: "nic-1",
      connection: { protocol: 6, a: "203.0.113.7", b: "10.0.0.4", portA: null, portB: 22 },
    },
  },
  {
    ...seen,
    type: "access-policy-seen",
    data: {
      policy: "jit-1",
      name: "default",
      machines: [
        { machine: "vm-1", ports: [{ port: 22, protocol: "tcp", sources: ["*"], maxDurationSeconds: 10_800 }] },
      ],
      instant: "stated",
    },
  },
  { ...done, type: "access-policy-written", data: { ...operation, policy: "jit-1", machines: null } },
  {
    ...done,
    type: "access-ended",
    data: { policy: "jit-1", machine: "vm-1", port: 22, granted: time, because: "expired" },
  },
  {
    ...seen,
    lastTime: (time + 2_500_000) as Micros,
    type: "gap-declared",
    data: { place: "nic-1", droppedBy: "system", packets: 12 },
  },
  {
    ...seen,
    lastTime: (time + 1_500_000) as Micros,
    type: "packets-observed",
    data: {
      place: "nic-1",
      count: 512,
      firstFrame: 1,
      lastFrame: 519,
      columns: Uint8Array.from({ length: 300 }, (_, i) => i),
    },
  },
  {
    ...seen,
    lastTime: (time + 60_000_000) as Micros,
    type: "flows-reported",
    data: { place: "nic-1", count: 3, firstReport: 0, columns: Uint8Array.from({ length: 90 }, (_, i) => 255 - i) },
  },
  { ...seen, type: "import-started", data: { name: "web.pcap", format: "pcap", place: "nic-1" } },
  {
    ...seen,
    type: "import-finished",
    data: {
      name: "web.pcap",
      sha256: "ab".repeat(32),
      records: 519,
      newEvents: 1,
      problemCount: 1,
      problemsByKind: { "cut-off": 1 },
      problems: [{ kind: "cut-off", record: 520, offset: 70_112, message: "the file ends inside this record" }],
    },
  },
  {
    ...seen,
    type: "evidence-repeated",
    data: {
      repeats: [
        { id: "eca7e56a-21df-5e8f-ad4a-25aa228bec66", record: 3, offset: 1024 },
        { id: "e6f28bdb-b2bb-5dd6-a6b1-5f5ed3ac0a29", record: 4, guessed: time },
      ],
    },
  },
  { ...done, type: "source-retracted", data: { sha256: "ab".repeat(32), because: "of another network" } },
];

/** The `number`th of an endless row of small facts; equal numbers are equal events. */
export function smallEvent(number: number): NewEvent<SecurityRuleDeleted> {
  const at = (time + number) as Micros;
  const id = `00000000-0000-5000-8000-${String(number).padStart(12, "0")}`;
  const data = { ...operation, group, ruleName: `rule-${number}` };
  return { id, type: "security-rule-deleted", time: at, lastTime: at, source, actor, data };
}

/** Numbers `first` to `first + count - 1`. */
export function smallEvents(first: number, count: number): readonly NewEvent<SecurityRuleDeleted>[] {
  return Array.from({ length: count }, (_, i) => smallEvent(first + i));
}

/** A batch of packets whose columns have `bytes` bytes. */
export function packetEvent(number: number, bytes: number): NewEvent {
  const data = { place: "p", count: 1, firstFrame: number, lastFrame: number, columns: new Uint8Array(bytes).fill(7) };
  return { ...smallEvent(number), type: "packets-observed", data };
}
