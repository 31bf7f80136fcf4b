// Which packets open a flow record when no live one covers them. Those that do not are judged by the rules and leave no
// trace: answers to nothing, resets, and all that a connection can't begin with (DOMAIN 5).

import { packetMark } from "../traffic/packet.js";
import type { PacketBatch } from "../traffic/packet-batch.js";
import { isIcmpRequest } from "../wire/icmp.js";
import { isIcmp, protocolNumber } from "../wire/protocol.js";
import { flowState, hasValidFlags, moveTcp, type SegmentClass, segmentClass, segmentClassOf } from "./flow-state.js";

/** The first of a connection, a later one of a connection that began unseen, or neither. */
export type OpeningKind = "first" | "mid-stream" | "stray";

export function openingKind({ flows, flow, flags, marks }: PacketBatch, index: number): OpeningKind {
  if ((marks[index]! & (packetMark.laterFragment | packetMark.portsMissing)) !== 0) return "stray";
  const protocol = flows.protocols[flow[index]! >> 1]!;
  if (protocol === protocolNumber.tcp) return tcpOpening(flags[index]!);
  if (isIcmp(protocol)) return isIcmpRequest(protocol, flags[index]! >> 8) ? "first" : "stray";
  return "first";
}

function tcpOpening(flags: number): OpeningKind {
  const kind: SegmentClass = segmentClassOf(flags);
  if (!hasValidFlags(flags) || moveTcp(flowState.NONE, 0, kind) < 0) return "stray";
  return kind === segmentClass.SYN ? "first" : "mid-stream";
}
