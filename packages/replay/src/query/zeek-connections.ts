// Connections as Zeek would log them of the same packets, whatever the rules said to them.

import {
  ConnectionTracker,
  equalAddresses,
  interfaceOfPlace,
  type Micros,
  type Position,
  type ZeekConnection,
  type ZeekEnd,
} from "@conntrail/engine";
import { trafficInFileOrder } from "@conntrail/store";
import type { Case } from "../case.js";
import { type Endpoint, readEndpoint } from "./endpoint.js";
import type { FlowsQuestion } from "./flows.js";

export type ZeekQuestion = FlowsQuestion & {
  readonly knownAt: Position | null;
  /** As Zeek's `-C`. */
  readonly ignoreChecksums: boolean;
};

/** Hands out connections in the order in which Zeek would write them, and waits for `write` before it reads on. */
export async function zeekConnections(
  kase: Case,
  question: ZeekQuestion,
  write: (connections: readonly ZeekConnection[]) => Promise<void>,
): Promise<void> {
  const fits = filterOf(question);
  let ready: ZeekConnection[] = [];
  const onConnection = (connection: ZeekConnection) => void (fits(connection) && ready.push(connection));
  const tracker = new ConnectionTracker({ ignoreChecksums: question.ignoreChecksums, onConnection });
  const flush = async () => {
    const connections = ready;
    ready = [];
    if (connections.length > 0) await write(connections);
  };
  for await (const traffic of trafficInFileOrder(kase.log, kase.views, question.knownAt)) {
    tracker.push(traffic);
    await flush();
  }
  tracker.finish();
  await flush();
}

/** `interface` is here the name that the user gave to the place of capture. */
function filterOf(question: ZeekQuestion): (connection: ZeekConnection) => boolean {
  const from = question.from === null ? null : readEndpoint(question.from);
  const to = question.to === null ? null : readEndpoint(question.to);
  const place = question.interface?.toLowerCase() ?? null;
  return (connection) =>
    isWithin(connection, question) &&
    isAt(connection, connection.originator, from) &&
    isAt(connection, connection.responder, to) &&
    (place === null || interfaceOfPlace(connection.place)?.toLowerCase() === place);
}

function isWithin({ time, duration }: ZeekConnection, { at, since, until }: ZeekQuestion): boolean {
  const last = (time + Math.max(0, duration)) as Micros;
  return (
    (since === null || last >= since) && (until === null || time < until) && (at === null || (time <= at && at <= last))
  );
}

function isAt({ protocol }: ZeekConnection, end: ZeekEnd, endpoint: Endpoint | null): boolean {
  if (endpoint === null) return true;
  return (
    equalAddresses(endpoint.address, end.address) &&
    (endpoint.port === null || endpoint.port === end.port) &&
    (endpoint.protocol === null || endpoint.protocol === protocol)
  );
}
