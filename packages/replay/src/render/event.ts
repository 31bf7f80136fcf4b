// One event of the log in a line.

import {
  type Address,
  type FlowsFlushed,
  type FlowsReported,
  formatAddress,
  formatInstant,
  formatTcpFlags,
  isUnreadable,
  type Micros,
  newReportedFlow,
  type PacketBatch,
  type PacketsObserved,
  protocolName,
  protocolNumber,
  type RecordedEvent,
  type ReportedBatch,
  reportAt,
  unreachable,
  viewPacket,
} from "@conntrail/engine";
import { plural } from "./amount.js";
import { describeRule } from "./rule.js";

export function describeEvent(event: RecordedEvent): string {
  switch (event.type) {
    case "security-group-seen":
      return `${event.data.name} seen with ${plural(event.data.rules.length, "rule")} (time ${event.data.instant})`;
    case "interface-seen":
      return `${event.data.name} seen with ${event.data.addresses.map(({ address }) => address).join(", ")}`;
    case "virtual-network-seen":
      return `${event.data.name} seen with ${event.data.addressPrefixes.join(", ")}`;
    case "security-rule-written": {
      const { rule, ruleName, phase, perhaps } = event.data;
      return `${rule?.name ?? ruleName} ${perhaps === true ? "perhaps " : ""}written, ${phase}${rule === null ? "" : `: ${describeRule(rule)}`}`;
    }
    case "security-rule-deleted":
      return `${event.data.ruleName} deleted, ${event.data.phase}`;
    case "security-group-written": {
      const { rules, phase } = event.data;
      const unread = rules?.filter(isUnreadable).length ?? 0;
      return `group written, ${phase}${rules === null ? "" : `: ${plural(rules.length, "rule")}, ${unread} unreadable`}`;
    }
    case "access-requested": {
      const grants = event.data.grants?.map(
        ({ port, until }) => `port ${port}${until === null ? "" : ` until ${formatInstant(until)}`}`,
      );
      const asked = grants === undefined ? "" : `: ${grants.join(", ")}`;
      const refusal = event.data.refusal === undefined ? "" : ` (${event.data.refusal})`;
      return `just-in-time access requested, ${event.data.phase}${asked}${refusal}`;
    }
    case "subnet-seen":
      return `${event.data.name} seen with ${event.data.addressPrefixes.join(", ")}`;
    case "connected-space-seen":
      return `behind gateway ${event.data.gateway}: ${event.data.addressPrefixes.join(", ")}`;
    case "route-table-seen":
      return `${event.data.name} seen with ${plural(event.data.routes.length, "route")}`;
    case "address-list-seen":
      return `${event.data.list} seen with ${plural(event.data.prefixes.length, "prefix", "prefixes")}`;
    case "address-list-changed": {
      const { list, added, removed, phase } = event.data;
      return `${list} changed, ${phase}: +${added.length} −${removed.length}`;
    }
    case "public-address-seen":
      return `public address ${event.data.address ?? "not assigned"} seen`;
    case "application-security-group-seen":
      return `${event.data.name} seen`;
    case "association-written": {
      const { gate, target, groups, phase } = event.data;
      const put = groups === null ? "" : `: ${groups.length === 0 ? "none" : groups.join(", ")}`;
      return `groups at the ${gate} gate of ${target} written, ${phase}${put}`;
    }
    case "addresses-changed": {
      const { interface: id, added, removed, phase } = event.data;
      const said = [...added.map((address) => `+${address}`), ...removed.map((address) => `−${address}`)];
      return `addresses of ${id} changed, ${phase}: ${said.join(", ")}`;
    }
    case "membership-written": {
      const { address, applicationSecurityGroups, phase } = event.data;
      const put = applicationSecurityGroups?.join(", ") ?? "";
      return `application security groups of ${address} written, ${phase}: ${put === "" ? "none" : put}`;
    }
    case "setting-written": {
      const { resource, setting, value, phase } = event.data;
      return `${setting} of ${resource} written, ${phase}: ${value ?? "default"}`;
    }
    case "resource-removed":
      return `${event.data.resource} deleted, ${event.data.phase}`;
    case "flows-flushed":
      return `flow records${flushedOnly(event.data)} flushed at ${event.data.interface ?? "every interface"}`;
    case "access-policy-seen":
      return `just-in-time policy ${event.data.name} seen for ${plural(event.data.machines.length, "machine")}`;
    case "access-policy-written":
      return `just-in-time policy written, ${event.data.phase}`;
    case "access-ended":
      return `just-in-time access to port ${event.data.port} of ${event.data.machine} ended: ${event.data.because}`;
    case "gap-declared": {
      const { packets, droppedBy } = event.data;
      return `${plural(packets, "packet")} dropped${droppedBy === null ? "" : ` by the ${droppedBy}`} and not captured`;
    }
    case "packets-observed": {
      const { count, firstFrame, lastFrame } = event.data;
      return `${plural(count, "packet")}, frames ${firstFrame} to ${lastFrame}`;
    }
    case "flows-reported":
      return plural(event.data.count, "reported flow");
    case "import-started":
      return `import of ${event.data.name} as ${event.data.format} began`;
    case "import-finished":
      return `import of ${event.data.name} ended: ${event.data.newEvents} new, ${plural(event.data.problemCount, "problem")}`;
    case "evidence-repeated":
      return `has ${plural(event.data.repeats.length, "event")} that came from other sources`;
    case "source-retracted":
      return `${event.data.sha256.slice(0, 12)} taken back${event.data.because === null ? "" : `: ${event.data.because}`}`;
    default:
      return unreachable(event);
  }
}

export function eventData(event: RecordedEvent) {
  const { data, time, lastTime, recordedAt, ...rest } = event;
  const shown = "columns" in event.data ? { ...event.data, columns: event.data.columns.length } : data;
  return {
    ...rest,
    time: formatInstant(time),
    lastTime: formatInstant(lastTime),
    recordedAt: formatInstant(recordedAt),
    data: shown,
  };
}

export function packetData(event: RecordedEvent<PacketsObserved>, batch: PacketBatch, index: number) {
  const { source, destination, ...packet } = viewPacket(batch, index);
  return {
    position: event.position,
    index,
    sha256: event.source.sha256,
    place: event.data.place,
    frame: batch.frame[index],
    time: formatInstant(batch.time[index]! as Micros),
    source: formatAddress(source),
    destination: formatAddress(destination),
    ...packet,
    flags: packet.protocol === protocolNumber.tcp ? formatTcpFlags(batch.flags[index]!) : "",
    ipLength: batch.ipLength[index],
    payloadLength: batch.payloadLength[index],
    sequence: batch.sequence[index],
    acknowledgement: batch.acknowledgement[index],
  };
}

export function reportData(event: RecordedEvent<FlowsReported>, batch: ReportedBatch, index: number) {
  const { flow, time, lastTime, sensor, rule, detail, ...report } = reportAt(batch, index, newReportedFlow());
  return {
    position: event.position,
    index,
    sha256: event.source.sha256,
    time: formatInstant(time as Micros),
    lastTime: formatInstant(lastTime as Micros),
    source: formatAddress(addressIn(flow.words, 0)),
    sourcePort: flow.sourcePort,
    destination: formatAddress(addressIn(flow.words, 4)),
    destinationPort: flow.destinationPort,
    protocol: flow.protocol,
    sensor: JSON.parse(sensor),
    rule: rule === "" ? null : JSON.parse(rule),
    ...report,
    detail: detail === "" ? null : JSON.parse(detail),
  };
}

function addressIn(words: Uint32Array, from: number): Address {
  return [words[from]!, words[from + 1]!, words[from + 2]!, words[from + 3]!];
}

function flushedOnly({ connection }: FlowsFlushed["data"]): string {
  if (connection === null) return "";
  const { protocol, a, b, portA, portB } = connection;
  const end = (address: string, port: number | null) => (port === null ? address : `${address} port ${port}`);
  return ` of ${protocolName(protocol)} between ${end(a, portA)} and ${end(b, portB)}`;
}
