// The fold of reports: two logs of one interface behind fifty rules, held against them. Azure's opens, continues, ends and
// denies; AWS's tells windows, one row a way.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  newReportedFlow,
  parseAddress,
  ReportedBatchBuilder,
  ReportedFold,
} from "../packages/engine/dist/index.js";
import { bestOf } from "./measure.mjs";
import { below, pick, randomNumbers } from "./random.mjs";

const start = Date.UTC(2026, 2, 18) * 1000;
const second = 1_000_000;
const ports = [22, 80, 443, 3389, 5432, 8080, 8443];
const batchSize = 16_384;

/** Reports a second; `checks` and `records` so that runs can be compared. */
export function measureReported({ seed, rules, reports, edits, runs }) {
  return Object.fromEntries(
    Object.entries({ tuples: azureReports, windows: awsReports }).map(([name, reportsOf]) => {
      const events = evidence({ rules, edits });
      const histories = { policy: buildPolicyHistory(events), network: buildNetworkHistory(events) };
      const batches = batchesOf(reportsOf(randomNumbers(seed), reports));
      let folded = null;
      const best = bestOf(runs, () => {
        folded = fold(histories, batches);
      });
      return [name, { rate: reports / best, ...folded }];
    }),
  );
}

function fold(histories, batches) {
  const made = { records: 0, checks: 0, disagreements: 0, denials: 0 };
  const reported = new ReportedFold({
    ...histories,
    onRecord: () => {
      made.records++;
    },
    onCounts: ({ checks, disagreements, denials }) => {
      made.checks += checks.length;
      made.disagreements += disagreements.length;
      made.denials += denials.length;
    },
  });
  for (const batch of batches) reported.push(batch);
  reported.finish();
  return made;
}

function evidence({ rules, edits }) {
  const contents = Array.from({ length: rules }, (_, index) => rule(index));
  const seen = { subnets: [], flushConnection: null, instant: "stated", defaultRules: [] };
  const addresses = [{ address: "10.1.0.4", publicAddress: null, applicationSecurityGroups: [], subnet: "subnet" }];
  const nic = { addresses, machine: null, disableTcpStateTracking: null, instant: "stated" };
  const network = { addressPrefixes: ["10.1.0.0/16"], peerings: [], flowTimeoutMinutes: 4, instant: "stated" };
  const subnet = { subnet: "subnet", name: "subnet", addressPrefixes: ["10.1.0.0/24"], group: null, routeTable: null };
  return [
    event(start - second, "security-group-seen", {
      ...seen,
      group: "web",
      name: "web",
      interfaces: ["nic"],
      rules: contents,
    }),
    event(start - second, "security-group-seen", {
      ...{ ...seen, group: "sg", name: "sg", interfaces: [], kind: "security-group" },
      rules: contents.filter(({ access }) => access === "allow"),
    }),
    event(start - second, "interface-seen", {
      ...nic,
      interface: "nic",
      name: "nic",
      group: "web",
      macAddress: "000d3af80001",
    }),
    event(start - second, "interface-seen", {
      ...{ ...nic, interface: "eni", name: "eni", group: null, groups: ["sg"], macAddress: null, platform: "aws" },
      addresses: [{ ...addresses[0], address: "10.2.0.4", subnet: "aws-subnet" }],
    }),
    event(start - second, "security-group-seen", {
      ...{ ...seen, group: "acl", name: "acl", interfaces: [], subnets: ["aws-subnet"], kind: "network-acl" },
      rules: ["inbound", "outbound"].map((direction) => ({
        ...rule(0),
        ...anything,
        direction,
        name: `100 ${direction}`,
      })),
    }),
    event(start - second, "virtual-network-seen", { ...network, network: "vnet", name: "vnet", subnets: [subnet] }),
    ...Array.from({ length: edits }, (_, index) => edit(index, contents)),
  ];
}

const all = { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] };
const anything = { protocol: "*", source: all, destination: all };

function edit(index, contents) {
  const written = { ...contents[index % contents.length], description: `edited ${index}` };
  const of = { phase: "succeeded", effect: "updated", operationId: null, group: "web" };
  return event(start + index * 97 * second, "security-rule-written", { ...of, ruleName: written.name, rule: written });
}

function event(time, type, data) {
  const id = `${type} ${time} ${JSON.stringify(data)}`;
  return { id, time, lastTime: time, source: { sha256: "c0".repeat(32), record: 1 }, actor: null, type, data };
}

function rule(index) {
  const side = (address, port) => ({ addresses: [address], applicationSecurityGroups: [], ports: [port] });
  const isUsed = index < ports.length;
  const source = isUsed ? "198.51.0.0/16" : `203.0.${index}.0/24`;
  return {
    name: `rule-${index}`,
    description: null,
    direction: "inbound",
    access: !isUsed && index % 4 === 3 ? "deny" : "allow",
    priority: 100 + index,
    protocol: "tcp",
    source: side(source, "*"),
    destination: side("*", String(isUsed ? ports[index] : 9_000 + index)),
  };
}

const nsgSensor = JSON.stringify({ interface: null, kind: "azure-nsg", mac: "000d3af80001", resource: "web" });
const vpcSensor = JSON.stringify({ interface: "eni", kind: "aws-vpc", mac: null, resource: null });
const ruleTexts = Array.from({ length: 50 }, (_, index) =>
  JSON.stringify({ group: "web", rule: `UserRule_rule-${index}` }),
);
const denyText = JSON.stringify({ group: "web", rule: "DefaultRule_DenyAllInBound" });

/** Two fifths are of connections, of three tuples each; the rest are denied. */
function* azureReports(random, count) {
  const report = { ...newReportedFlow(), sensor: nsgSensor, direction: "inbound" };
  const times = Array.from({ length: count }, () => start + below(random, 86_400) * second).sort((a, b) => a - b);
  const open = [];
  for (const time of times) {
    report.time = time;
    report.lastTime = time;
    const known = open.length > 50_000 || (open.length > 0 && random() < 0.5) ? open.shift() : null;
    if (known !== null) goOn(report, known, open);
    else begin(report, random, open);
    yield report;
  }
}

function begin(report, random, open) {
  const denied = random() < 0.4;
  const port = denied ? below(random, 65_536) : below(random, ports.length);
  const ends = { source: 0xc633_0000 + below(random, 65_536), from: 1024 + below(random, 60_000), port };
  putEnds(report, { ...ends, port: denied ? port : ports[port] });
  report.kind = denied ? "denied" : "opened";
  report.verdict = denied ? "deny" : "allow";
  report.rule = denied ? denyText : ruleTexts[port];
  putCounts(report, -1);
  if (!denied) open.push({ ...ends, left: 2 });
}

function goOn(report, known, open) {
  putEnds(report, { ...known, port: ports[known.port] });
  known.left--;
  report.kind = known.left === 0 ? "ended" : "continued";
  report.verdict = "allow";
  report.rule = ruleTexts[known.port];
  putCounts(report, 7);
  if (known.left > 0) open.push(known);
}

function putEnds({ flow }, { source, from, port, own = 0x0a01_0004 }) {
  flow.words.set(mapped(source), 0);
  flow.words.set(mapped(own), 4);
  flow.protocol = 6;
  flow.sourcePort = from;
  flow.destinationPort = port;
}

const [, , mark] = parseAddress("0.0.0.0");
const mapped = (word) => [0, 0, mark, word >>> 0];

function putCounts(report, packets) {
  report.packetsForward = packets;
  report.bytesForward = packets < 0 ? packets : packets * 80;
  report.packetsBackward = packets;
  report.bytesBackward = packets < 0 ? packets : packets * 300;
}

/** Twenty thousand rows a minute: some of one minute, most of connections that go on, both ways. */
function* awsReports(random, count) {
  const report = { ...newReportedFlow(), sensor: vpcSensor, kind: "window", direction: null, packetsForward: 9 };
  const live = Array.from({ length: 8_000 }, () => connection(random));
  for (let done = 0, minute = 0; done < count; minute++) {
    const time = start + minute * 60 * second;
    for (let row = 0; row < 20_000 && done < count; row++, done++) {
      const at = below(random, live.length);
      if (random() < 0.2) live[at] = connection(random);
      putRow(report, live[at], { time: time + below(random, 30) * second, back: random() < 0.5 });
      yield report;
    }
  }
}

function connection(random) {
  const refused = random() < 0.3;
  const port = refused ? below(random, 65_536) : pick(random, ports.slice(0, 3));
  return { source: 0xc633_0000 + below(random, 65_536), from: 1024 + below(random, 60_000), port, refused };
}

function putRow(report, { refused, ...ends }, { time, back }) {
  putEnds(report, { ...ends, own: 0x0a02_0004 });
  const { flow } = report;
  if (back && !refused) {
    flow.words.set([...flow.words.slice(4), ...flow.words.slice(0, 4)]);
    [flow.sourcePort, flow.destinationPort] = [flow.destinationPort, flow.sourcePort];
  }
  report.verdict = refused ? "deny" : "allow";
  report.flags = refused || !back ? 2 : 18;
  report.bytesForward = 40 + (time % 977);
  report.time = time;
  report.lastTime = time + 59 * second;
}

function batchesOf(reports) {
  const builder = new ReportedBatchBuilder(batchSize);
  const batches = [];
  for (const report of reports) {
    builder.add(report);
    if (builder.isFull) batches.push(builder.finish());
  }
  if (builder.count > 0) batches.push(builder.finish());
  const stored = batches.map((batch) => ({ firstTime: batch.time.reduce((a, b) => Math.min(a, b)), batch }));
  return stored.sort((a, b) => a.firstTime - b.firstTime);
}
