// A seeded capture: TCP connections with handshakes, data and ends, some UDP, towards one machine behind an NSG.

import { randomNumbers } from "./random.mjs";

const headerBytes = 54;

/** A classic pcap of `packets` packets, Ethernet, 54 bytes captured of each. */
export function capture(packets, seed) {
  const random = randomNumbers(seed);
  const file = Buffer.alloc(24 + packets * (16 + headerBytes));
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(headerBytes, 16);
  file.writeUInt32LE(1, 20);
  const live = [];
  let at = 24;
  let time = 1_790_000_000_000_000;
  for (let count = 0; count < packets; count++) {
    if (live.length === 0 || (live.length < 20_000 && random() < 0.08)) live.push(connection(random, live.length));
    const index = Math.floor(random() * Math.min(live.length, 64));
    const flow = live[live.length - 1 - index];
    time += Math.floor(random() * 40);
    at = writePacket(file, at, time, flow, random);
    if (flow.step > flow.steps) live.splice(live.length - 1 - index, 1);
  }
  return file;
}

function connection(random, salt) {
  return {
    udp: random() < 0.15,
    client: (0xcb007100 + Math.floor(random() * 200)) >>> 0,
    port: 1024 + Math.floor(random() * 60_000),
    server: 0x0a010004,
    serverPort: [22, 80, 443, 3389, 8080 + (salt % 40)][Math.floor(random() * 5)],
    sequence: [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)],
    step: 0,
    steps: 3 + Math.floor(1 / (0.01 + random())),
  };
}

function writePacket(file, at, time, flow, random) {
  const side = flow.step === 1 || (flow.step > 2 && random() < 0.6) ? 1 : 0;
  const payload = flow.step > 2 && flow.step < flow.steps ? Math.floor(random() * 1400) : 0;
  const flags = flow.step === 0 ? 2 : flow.step === 1 ? 18 : flow.step >= flow.steps ? 17 : 16;
  const transport = flow.udp ? 8 : 20;
  file.writeUInt32LE(Math.floor(time / 1e6), at);
  file.writeUInt32LE(time % 1e6, at + 4);
  file.writeUInt32LE(headerBytes, at + 8);
  file.writeUInt32LE(34 + transport + payload, at + 12);
  const ip = at + 16 + 14;
  file.writeUInt16BE(0x0800, ip - 2);
  file[ip] = 0x45;
  file.writeUInt16BE(20 + transport + payload, ip + 2);
  file[ip + 8] = 64;
  file[ip + 9] = flow.udp ? 17 : 6;
  file.writeUInt32BE(side === 0 ? flow.client : flow.server, ip + 12);
  file.writeUInt32BE(side === 0 ? flow.server : flow.client, ip + 16);
  file.writeUInt16BE(side === 0 ? flow.port : flow.serverPort, ip + 20);
  file.writeUInt16BE(side === 0 ? flow.serverPort : flow.port, ip + 22);
  if (flow.udp) file.writeUInt16BE(8 + payload, ip + 24);
  else {
    file.writeUInt32BE(flow.sequence[side], ip + 24);
    file.writeUInt32BE(flow.step === 0 ? 0 : flow.sequence[1 - side], ip + 28);
    file[ip + 32] = 0x50;
    file[ip + 33] = flags;
    file.writeUInt16BE(64_000, ip + 34);
    flow.sequence[side] = (flow.sequence[side] + payload + (flags & 3 ? 1 : 0)) >>> 0;
  }
  flow.step++;
  return at + 16 + headerBytes;
}
