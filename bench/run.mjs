// Measures what a packet costs on its way, each step beside a bare loop over the same capture in the same run. Seeded.
// `node bench/run.mjs` writes bench/RESULTS.md; `--smoke` runs small and writes nothing.

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import {
  azure,
  buildNetworkHistory,
  buildPolicyHistory,
  decodePacketBatch,
  encodePacketBatch,
  Projector,
} from "../packages/engine/dist/index.js";
import { importerFor } from "../packages/replay/dist/index.js";
import { capture } from "./world.mjs";

const smoke = process.argv.includes("--smoke");
const packets = smoke ? 20_000 : 1_000_000;
const seed = 20_261_121;
const runs = smoke ? 1 : 5;

const file = capture(packets, seed);
const chunks = [];
for (let at = 0; at < file.length; at += 1 << 20) chunks.push(file.subarray(at, at + (1 << 20)));

const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";
const control = controlEvents();
const policy = buildPolicyHistory(control);
const network = buildNetworkHistory(control);

let batches = [];
let encoded = [];
const steps = [
  ["bare loop: record headers and addresses", bareLoop],
  ["importer: capture to batches", importCapture],
  ["encode batches", encode],
  ["decode batches", () => void encoded.map(decodePacketBatch)],
  ["fold, 50 rules at each gate", fold],
];

const best = new Map();
for (let run = 0; run < runs; run++) {
  for (const [title, step] of steps) {
    const start = performance.now();
    await step();
    const seconds = (performance.now() - start) / 1000;
    best.set(title, Math.min(best.get(title) ?? Number.POSITIVE_INFINITY, seconds));
  }
}
report();

function bareLoop() {
  let sum = 0;
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8))
    sum ^= file.readUInt32BE(at + 42) ^ file.readUInt32BE(at + 46);
  return sum;
}

async function importCapture() {
  batches = [];
  const evidence = {
    name: "bench",
    head: file.subarray(0, 65_536),
    content: async function* () {
      yield* chunks;
    },
  };
  const context = { sha256: "0".repeat(64), taken: { time: 0, instant: "stated" }, place: null, isStored: () => false };
  for await (const item of importerFor(evidence.head).read(evidence, context)) {
    if (item.kind === "packets") batches.push(item.batch);
  }
  const found = batches.reduce((sum, batch) => sum + batch.count, 0);
  if (found !== packets) throw new Error(`the importer gave ${found} of ${packets} packets`);
}

function encode() {
  encoded = batches.map(encodePacketBatch);
}

function fold() {
  const counted = { flows: 0 };
  const projector = new Projector({
    policy,
    network,
    semantics: azure,
    until: null,
    only: null,
    onFlow: () => counted.flows++,
    onVerdict: null,
  });
  batches.forEach((batch, position) => {
    projector.push({ place: "bench", sha256: "0".repeat(64), position, firstTime: batch.time[0], batch });
  });
  const { packets: folded } = projector.finish();
  if (folded !== packets || counted.flows === 0) throw new Error(`folded ${folded} of ${packets} packets`);
}

function controlEvents() {
  const side = (address, port) => ({ addresses: [address], applicationSecurityGroups: [], ports: [port] });
  const rules = Array.from({ length: 50 }, (_, index) => ({
    name: `rule-${index}`,
    description: null,
    direction: "inbound",
    access: index % 3 === 0 ? "deny" : "allow",
    priority: 100 + index,
    protocol: "tcp",
    source: side(`203.0.113.${index * 4}/30`, "*"),
    destination: side("10.1.0.4", index % 2 === 0 ? "*" : String(8080 + index)),
  }));
  const subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/web";
  const facts = [
    [
      "security-group-seen",
      { group, name: "nsg", rules, defaultRules: [], subnets: [subnet], interfaces: [], flushConnection: null },
    ],
    [
      "interface-seen",
      {
        interface: "nic",
        name: "nic",
        macAddress: null,
        group,
        machine: null,
        addresses: [{ address: "10.1.0.4", subnet, publicAddress: null, applicationSecurityGroups: [] }],
        disableTcpStateTracking: null,
      },
    ],
    [
      "virtual-network-seen",
      {
        network: "vnet",
        name: "vnet",
        addressPrefixes: ["10.1.0.0/16"],
        subnets: [{ subnet, name: "web", addressPrefixes: ["10.1.0.0/24"], group, routeTable: null }],
        peerings: [],
        flowTimeoutMinutes: 4,
      },
    ],
  ];
  return facts.map(([type, data], index) => ({
    id: `event-${index}`,
    type,
    time: 0,
    lastTime: 0,
    source: { sha256: "", record: index + 1 },
    actor: null,
    position: index + 1,
    data: { ...data, instant: "stated" },
  }));
}

function report() {
  const bytes = encoded.reduce((sum, part) => sum + part.length, 0);
  const bare = best.get(steps[0][0]);
  const rows = [...best].map(([title, seconds]) => {
    const rate = `${(packets / seconds / 1e6).toFixed(2)} M/s`;
    return `| ${title} | ${seconds.toFixed(3)} s | ${rate} | ${(seconds / bare).toFixed(1)} |`;
  });
  const text = [
    "# Results",
    "",
    `\`node bench/run.mjs\`: ${packets} packets, seed ${seed}, best of ${runs}, Node ${process.versions.node}, ${cpus().length} cores.`,
    `Stored: ${(bytes / packets).toFixed(2)} bytes a packet. The last column is the time as a multiple of the bare loop's.`,
    "",
    "| step | time | packets | × bare loop |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
  console.log(text);
  if (!smoke) writeFileSync(new URL("RESULTS.md", import.meta.url), text);
}
