// Seeded connections as flow logs report them, minute by minute: they begin, go on for some minutes, end, or are denied.
// Every format's writer gets the same ones.

import { below, pick } from "./random.mjs";

const servicePorts = [443, 443, 443, 80, 22, 3389, 1433, 5432, 53];
const begin = Date.UTC(2026, 0, 1);
const minuteMillis = 60_000;

/**
 * An endless sequence of minutes, each `{time, reports}`, of some dozens to some hundreds of reports. A report:
 * `{millis, source, destination, sourcePort, destinationPort, protocol, inbound, state}` and counters of what was sent
 * each way since the one before; state `B` begins, `C` goes on, `E` ends, `D` was denied.
 */
export function* reportedMinutes(random) {
  const open = [];
  for (let minute = 0; ; minute++) {
    const time = begin + minute * minuteMillis;
    const reports = [...progress(random, time, open), ...beginnings(random, time, open)];
    yield { time, reports: reports.sort((a, b) => a.millis - b.millis) };
  }
}

/** About a third of those that are open ends each minute, one in seven is reported to go on. */
function progress(random, time, open) {
  const reports = [];
  for (let at = open.length - 1; at >= 0; at--) {
    const fate = random();
    if (fate < 0.35) {
      reports.push(reportOf(random, time, { ...open[at], state: "E" }));
      open[at] = open.at(-1);
      open.pop();
    } else if (fate < 0.5) reports.push(reportOf(random, time, { ...open[at], state: "C" }));
  }
  return reports;
}

function beginnings(random, time, open) {
  return Array.from({ length: 20 + below(random, 200) }, () => {
    const denied = random() < 0.3;
    const connection = connectionOf(random, denied);
    if (!denied) open.push(connection);
    return reportOf(random, time, { ...connection, state: denied ? "D" : "B" });
  });
}

function connectionOf(random, denied) {
  const inbound = denied || random() < 0.4;
  const [far, near] = [farAddress(random), `10.0.${below(random, 4)}.${4 + below(random, 60)}`];
  const [source, destination] = inbound ? [far, near] : [near, far];
  const destinationPort = denied ? 1 + below(random, 65_535) : pick(random, servicePorts);
  const protocol = destinationPort === 53 ? 17 : 6;
  return { source, destination, sourcePort: 1024 + below(random, 64_512), destinationPort, protocol, inbound };
}

function farAddress(random) {
  return `${pick(random, [20, 40, 52, 91, 185, 203])}.${below(random, 256)}.${below(random, 256)}.${below(random, 256)}`;
}

function reportOf(random, time, connection) {
  const counts = connection.state === "C" || connection.state === "E";
  const [packetsSent, packetsReceived] = counts ? [1 + below(random, 400), below(random, 400)] : [0, 0];
  const millis = time + below(random, minuteMillis);
  const bytesSent = packetsSent * (60 + below(random, 900));
  return { ...connection, millis, packetsSent, bytesSent, packetsReceived, bytesReceived: packetsReceived * 900 };
}
