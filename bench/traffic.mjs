// What a packet costs on its way, each step beside a bare loop over the same capture in the same run.

import {
  azure,
  buildNetworkHistory,
  buildPolicyHistory,
  decodePacketBatch,
  defaultMaxFlows,
  encodePacketBatch,
  Projector,
} from "../packages/engine/dist/index.js";
import { importerFor } from "../packages/replay/dist/index.js";
import { captureOf } from "./capture.mjs";
import { documents } from "./world.mjs";

/** Seconds of each step at best, the bare loop first; and the bytes of all packets as stored. */
export async function measureTraffic({ seed, packets, runs }) {
  const file = captureOf({ seed, packets });
  const world = worldOf(await controlEvents());
  const best = new Map();
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    let batches = [];
    let encoded = [];
    const steps = {
      "bare loop: record headers and addresses": () => bareLoop(file),
      "importer: capture to batches": async () => {
        batches = await importCapture(file, packets);
      },
      "encode batches": () => {
        encoded = batches.map(encodePacketBatch);
      },
      "decode batches": () => encoded.map(decodePacketBatch),
      "fold, 50 rules at each gate": () => fold(world, batches, packets),
    };
    for (const [title, step] of Object.entries(steps)) {
      const start = performance.now();
      await step();
      const seconds = (performance.now() - start) / 1000;
      best.set(title, Math.min(best.get(title) ?? Number.POSITIVE_INFINITY, seconds));
    }
    bytes = encoded.reduce((sum, part) => sum + part.length, 0);
  }
  return { best, bytes };
}

function worldOf(events) {
  return { policy: buildPolicyHistory(events), network: buildNetworkHistory(events) };
}

async function controlEvents() {
  const file = Buffer.from(JSON.stringify(documents()));
  const events = [];
  for await (const item of itemsOf(file)) if (item.kind === "event") events.push(item.event);
  return events.map((event, index) => ({ ...event, id: `event-${index}`, position: index + 1 }));
}

/** What its importer makes of a file. */
function itemsOf(file) {
  const evidence = { name: "bench", head: file.subarray(0, 65_536), content: () => chunksOf(file) };
  const context = {
    sha256: "0".repeat(64),
    taken: { time: 0, instant: "stated" },
    place: null,
    isStored: () => false,
    now: () => Date.now() * 1000,
  };
  return importerFor(evidence.head).read(evidence, context);
}

function bareLoop(file) {
  let sum = 0;
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8))
    sum ^= file.readUInt32BE(at + 42) ^ file.readUInt32BE(at + 46);
  return sum;
}

async function importCapture(file, packets) {
  const batches = [];
  for await (const item of itemsOf(file)) {
    if (item.kind === "packets") batches.push(item.batch);
  }
  const found = batches.reduce((sum, batch) => sum + batch.count, 0);
  if (found !== packets) throw new Error(`the importer gave ${found} of ${packets} packets`);
  return batches;
}

async function* chunksOf(file) {
  for (let at = 0; at < file.length; at += 1 << 20) yield file.subarray(at, at + (1 << 20));
}

function fold(world, batches, packets) {
  const counted = { flows: 0 };
  const projector = new Projector({
    ...world,
    flushes: [],
    reevaluations: [],
    semantics: azure,
    until: null,
    only: null,
    whole: false,
    maxFlows: defaultMaxFlows,
    onFlow: () => counted.flows++,
    onVerdict: null,
  });
  batches.forEach((batch, position) => {
    projector.push({ place: "bench", sha256: "0".repeat(64), position, firstTime: batch.time[0], batch });
  });
  const { packets: folded } = projector.finish();
  if (folded !== packets || counted.flows === 0) throw new Error(`folded ${folded} of ${packets} packets`);
}
