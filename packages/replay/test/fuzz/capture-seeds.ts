// Captures to begin from: every link type in every form of both formats, and the beginnings of real ones.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { groupBy } from "@conntrail/engine";
import { type ByteOrder, captured, pcapFile, pcapngBlocks } from "../../../engine/test/support/capture-file.js";
import { bytesOf, payload } from "../../../engine/test/support/frames.js";
import { type FrameSeed, frameSeeds, manyFlows } from "./frame-seeds.js";

const realFolders = ["../../../../examples/jit-ssh/evidence", "../../../../../shared/evidence/pcap"];
/** Enough for some dozens of records; a file that ends inside one is an input like any other. */
const beginningBytes = 8192;

const orders: readonly ByteOrder[] = ["little", "big"];

export function captureSeeds(): Uint8Array[] {
  const byLink = groupBy(frameSeeds(), ({ linkType }) => linkType);
  return [
    ...[...byLink.entries()].flatMap(([linkType, seeds]) => pcapFiles(linkType, seeds)),
    ...orders.map((order) => pcapngFile(order, [...byLink.values()])),
    bytesOf(...orders.map((order) => pcapngFile(order, [...byLink.values()].slice(0, 2)))),
    timelessFile(),
    pcapFile(manyFlows().map((frame) => captured(frame))),
    ...realBeginnings(),
  ];
}

/** Simple packets before any interface, and before any time. */
function timelessFile(): Uint8Array {
  const { section, interface: described, simple } = pcapngBlocks("little");
  const [frame] = manyFlows();
  return bytesOf(section(), simple(frame!), described(1, 96), simple(frame!), section());
}

function pcapFiles(linkType: number, seeds: readonly FrameSeed[]): Uint8Array[] {
  const frames = seeds.map(({ bytes }, index) => captured(bytes, { fraction: index }));
  const cut = seeds.map(({ bytes }) => captured(bytes.subarray(0, 50), { originalLength: bytes.length }));
  return [
    pcapFile(frames, { linkType }),
    pcapFile(cut, { linkType, order: "big", magic: 0xa1b23c4d }),
    pcapFile(frames, { linkType, magic: 0xa1b2cd34, recordPadding: 8 }),
  ];
}

/** An interface for each link type, each with a clock of its own, and blocks of every kind. */
function pcapngFile(order: ByteOrder, byLink: readonly (readonly FrameSeed[])[]): Uint8Array {
  const blocks = pcapngBlocks(order);
  const clocks = [[], [blocks.resolution(9)], [blocks.resolution(0x94)], [blocks.offset(-5n), blocks.resolution(3)]];
  const interfaces = byLink.map(([seed], index) =>
    blocks.interface(seed!.linkType, index === 0 ? 0 : 96, ...clocks[index % clocks.length]!),
  );
  const packets = byLink.flatMap((seeds, index) =>
    seeds.map(({ bytes }, at) => blocks[at % 2 === 0 ? "enhanced" : "obsolete"](index, 1n << 50n, bytes)),
  );
  const others = [blocks.block(5, payload(12)), blocks.simple(byLink[0]![0]!.bytes)];
  return bytesOf(blocks.section(), ...interfaces, ...packets, ...others);
}

function realBeginnings(): Uint8Array[] {
  const folders = realFolders.map((path) => fileURLToPath(new URL(path, import.meta.url))).filter(existsSync);
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  const captures = files.filter((path) => /\.pcap(ng)?$/.test(path));
  return captures.map((path) => readFileSync(path).subarray(0, beginningBytes));
}
