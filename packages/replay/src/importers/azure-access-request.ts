// Requests for just-in-time access as a policy lists them, or as the initiate call answers (DOMAIN 3.1, 3.2 [A12]).

import {
  type AccessEnded,
  type Actor,
  type Micros,
  type OperationPhase,
  parseInstant,
  type RequestedAccess,
} from "@conntrail/engine";
import { type EvidenceRecord, eventOf, noteOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asNumber, asText, field, type JsonObject, objectsOf, textsOf } from "./json-field.js";

/** One request with its ports; `began` is when it was granted. */
type Request = { readonly began: Micros; readonly ports: readonly RequestedPort[]; readonly raw: JsonObject };
type RequestedPort = { readonly access: RequestedAccess; readonly status: string; readonly reason: string | null };

export function* readAccessRequests(
  record: EvidenceRecord,
  policy: string,
  listed: readonly JsonObject[],
): Iterable<Imported> {
  const requests = listed.flatMap((raw) => {
    const began = instantOf(raw, "startTimeUtc");
    return began === null ? [] : [{ raw, began, ports: portsOf(raw) }];
  });
  const undated = listed.length - requests.length;
  if (undated > 0)
    yield problemOf(record, "missing-field", `${undated} of the policy's requests have no \`startTimeUtc\`: left out`);
  for (const request of requests) yield* readRequest(record, policy, request);
  yield* readEnds(record, policy, requests);
}

/** What an initiate call asks for; null where the body is none. */
export function requestedAccesses(body: JsonObject): RequestedAccess[] {
  return portsOf(body).map(({ access }) => access);
}

function portsOf(body: JsonObject): RequestedPort[] {
  return objectsOf(field(body, "virtualMachines")).flatMap((machine) => {
    const id = asText(field(machine, "id"));
    return id === null ? [] : objectsOf(field(machine, "ports")).flatMap((port) => portOf(id, port));
  });
}

function portOf(machine: string, port: JsonObject): RequestedPort[] {
  const number = asNumber(field(port, "number"));
  if (number === null) return [];
  const sources = sourcesOf(port);
  const until = instantOf(port, "endTimeUtc");
  const access = { machine, port: number, sources: sources.length === 0 ? null : sources, until };
  const status = asText(field(port, "status"))?.toLowerCase() ?? "";
  return [{ access, status, reason: asText(field(port, "statusReason"))?.toLowerCase() ?? null }];
}

/** Of a port in a policy or in a request: one prefix, or several, and `*` in many spellings. */
export function sourcesOf(port: JsonObject): string[] {
  const sources = [
    ...textsOf(field(port, "allowedSourceAddressPrefix")),
    ...textsOf(field(port, "allowedSourceAddressPrefixes")),
  ];
  return [...new Set(sources.map((source) => (source.toLowerCase() === "any" ? "*" : source)))].sort();
}

function instantOf(object: JsonObject, name: string): Micros | null {
  return parseInstant(asText(field(object, name)) ?? "")?.time ?? null;
}

/** Access that was revoked had been granted before; what is only being initiated is accepted and not yet there. */
const phases = new Map<string, OperationPhase>([
  ["initiated", "succeeded"],
  ["revoked", "succeeded"],
  ["initiating", "accepted"],
  ["failed", "failed"],
]);

function* readRequest(record: EvidenceRecord, policy: string, { began, ports, raw }: Request): Iterable<Imported> {
  const actor: Actor = { who: asText(field(raw, "requestor")), from: null, correlationId: null };
  const justification = asText(field(raw, "justification"));
  for (const phase of new Set(phases.values())) {
    const own = ports.filter(({ status }) => phases.get(status) === phase);
    if (own.length === 0) continue;
    const operation = { phase, operationId: null, effect: null };
    const data = { policy: policy.toLowerCase(), justification, grants: own.map(({ access }) => access), ...operation };
    yield eventOf(record, { type: "access-requested", data }, { time: began, actor });
  }
  const unknown = ports.find(({ status }) => !phases.has(status));
  if (unknown !== undefined) yield problemOf(record, "unknown-value", unknownStatus(unknown));
}

function unknownStatus({ access, status }: RequestedPort): string {
  return `the request for port ${access.port} has the status \`${status}\`, which conntrail does not know: it is left out`;
}

/** Ends that the list dates: by time at the end that was asked for, and by a newer request at its beginning. */
function* readEnds(record: EvidenceRecord, policy: string, requests: readonly Request[]): Iterable<Imported> {
  let undated = 0;
  for (const { began, ports } of requests) {
    for (const port of ports.filter(({ status }) => status === "revoked")) {
      const end = endOf(port, began, requests);
      const { machine, port: number } = port.access;
      if (end === null) undated++;
      else {
        const data = { policy: policy.toLowerCase(), machine, port: number, granted: began, because: end.because };
        yield eventOf(record, { type: "access-ended", data }, { time: end.time, actor: null });
      }
    }
  }
  if (undated > 0) yield noteOf(`${undated} revoked requests don't say when they were revoked: only the grant is kept`);
}

type End = { readonly time: Micros; readonly because: AccessEnded["data"]["because"] };

function endOf({ access, reason }: RequestedPort, began: Micros, requests: readonly Request[]): End | null {
  if (reason === "expired") return access.until === null ? null : { time: access.until, because: "expired" };
  if (reason !== "newerrequestinitiated") return null;
  const newer = requests.filter((other) => other.began > began && other.ports.some((port) => isSamePort(port, access)));
  const next = newer.map((other) => other.began).sort((a, b) => a - b)[0];
  return next === undefined ? null : { time: next, because: "renewed" };
}

function isSamePort({ access }: RequestedPort, other: RequestedAccess): boolean {
  return access.port === other.port && access.machine.toLowerCase() === other.machine.toLowerCase();
}
