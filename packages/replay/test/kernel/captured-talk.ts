// Plays a stretch of a captured conversation between two ends of the lab. Only the IP header is made anew.

import { parseAddress } from "@conntrail/engine";
import { type Ends, internetChecksum, u16, u32 } from "../../../engine/test/support/frames.js";
import { type CapturedPacket, capturedConversations } from "./captured-conversation.js";
import type { Datagram } from "./datagram.js";
import { isV6 } from "./network.js";
import { randomEnds, type Surroundings, type Talk, turned } from "./talk.js";

const longestStretch = 25;
const timeToLive = 64;

export function* capturedTalk({ random }: Surroundings): Talk {
  const conversations = capturedConversations();
  const ends = randomEnds(random);
  if (conversations.length === 0 || isV6(ends.source)) return;
  const packets = random.pick(conversations);
  const begin = random.chance(0.6) ? 0 : random.below(packets.length);
  for (const packet of packets.slice(begin, begin + longestStretch)) yield moved(packet, ends);
}

/** Checksums of TCP and UDP stay as they are: the lab's conntrack does not look at them. */
function moved({ bytes, fromFirstSender }: CapturedPacket, between: Ends): Datagram {
  const ends = fromFirstSender ? between : turned(between);
  const packet = bytes.slice();
  packet[8] = timeToLive;
  packet.set(u32(parseAddress(ends.source)![3]), 12);
  packet.set(u32(parseAddress(ends.destination)![3]), 16);
  packet.set(u16(0), 10);
  packet.set(u16(internetChecksum(packet.subarray(0, 20))), 10);
  return { ...ends, packets: [packet], says: `captured protocol ${packet[9]}` };
}
