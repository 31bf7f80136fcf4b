// A seeded capture of any length, written as it is made: what is kept is one flow for each that is alive. As a command,
// `node bench/capture.mjs --packets 5000000 --flows 300000 --alive 20000 --seed 1 [--interface web-nic] FILE`.

import { closeSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeFlow, writeEnd, writeNext } from "./flow-maker.mjs";
import { FrameWriter } from "./frame-writer.mjs";
import { below, randomNumbers } from "./random.mjs";
import { machines } from "./world.mjs";

const beginning = 1_790_000_000_000_000;
/** With handshakes and ends, bursts have four packets in the mean. */
const meanBurst = 3.7;
const handshakePackets = 3;
const withinBurstMicros = 20;

/**
 * Packets of bursts: a flow of those alive says the next few things it has to say. A few flows speak far more often than
 * the others, and any flow is as likely to end as another, so that lengths have a heavy tail. Gaps are such that with
 * any number of flows alive hardly one is silent for as long as the shortest idle timeout.
 */
export function writeCapture({ seed, packets, flows, alive }, writer) {
  const random = randomNumbers(seed);
  const meanGap = (200 * meanBurst * 20_000) / alive;
  const live = [];
  let time = beginning;
  let born = 0;
  for (let count = 0; count < packets; ) {
    time += below(random, 2 * meanGap) + withinBurstMicros;
    let at = Math.floor(live.length * random() ** 3);
    let burst = burstLength(random);
    if (born * packets <= flows * count) {
      at = live.length < alive ? live.length : below(random, alive);
      if (at < live.length && count + 3 <= packets) count += writeEnd(live[at], time, random, writer);
      live[at] = makeFlow(random);
      burst += handshakePackets - 1;
      born++;
    }
    for (let left = burst; left > 0 && count < packets; left--, count++) {
      time += below(random, withinBurstMicros);
      writeNext(live[at], time, random, writer);
    }
  }
  writer.flush();
}

/** Geometric. */
function burstLength(random) {
  return 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / meanBurst));
}

/** In memory, with as many flows to so many packets, and alive at once, as issue 5 asks for. */
export function captureOf({ seed, packets }) {
  const parts = [];
  const size = { seed, packets, flows: packets * 0.06, alive: Math.ceil(packets * 0.004) };
  writeCapture(size, new FrameWriter((bytes) => parts.push(Buffer.from(bytes)), null));
  return Buffer.concat(parts);
}

export function writeCaptureFile(size, path) {
  const file = openSync(path, "w");
  try {
    writeCapture(size, new FrameWriter((bytes) => writeSync(file, bytes), machineOf(size.interface)));
  } finally {
    closeSync(file);
  }
}

function machineOf(name) {
  const machine = machines.find((one) => one.interface === name);
  if (name !== undefined && machine === undefined) {
    throw new Error(`there is no interface \`${name}\`: use ${machines.map((one) => one.interface).join(", ")}`);
  }
  return machine ?? null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const number = (value) => ({ type: "string", default: String(value) });
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      packets: number(5_000_000),
      flows: number(300_000),
      alive: number(20_000),
      seed: number(20_261_121),
      interface: { type: "string" },
    },
  });
  const [path] = positionals;
  if (path === undefined) throw new Error("name the file to write");
  const { interface: name, ...numbers } = values;
  const size = Object.fromEntries(Object.entries(numbers).map(([key, text]) => [key, Number(text)]));
  writeCaptureFile({ ...size, interface: name }, path);
}
