// Logs of connections by other sensors, of any size: pieces of text, each with the number of lines that tell of one.

import { randomNumbers } from "./random.mjs";
import { reportedMinutes } from "./reported-connections.mjs";

const zeekFields =
  "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents";
const zeekTypes =
  "time string addr port addr port enum string interval count count string bool bool count string count count count count set[string]";

/** `conn.log` as Zeek's ASCII writer lays it out. */
export function* zeekConnLog(seed) {
  const header = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#path\tconn",
    ["#fields", ...zeekFields.split(" ")].join("\t"),
    ["#types", ...zeekTypes.split(" ")].join("\t"),
  ];
  yield { text: `${header.join("\n")}\n`, reports: 0 };
  yield* linesOf(seed, zeekLine);
}

/** `eve.json` with flow events alone. */
export const suricataEve = (seed) => linesOf(seed, suricataLine);

/** What `conntrack -E -o timestamp` prints. */
export const conntrackEvents = (seed) => linesOf(seed, conntrackLine);

function* linesOf(seed, lineOf) {
  const random = randomNumbers(seed + 1);
  for (const { reports } of reportedMinutes(randomNumbers(seed))) {
    yield { text: reports.map((report) => `${lineOf(report, random)}\n`).join(""), reports: reports.length };
  }
}

function letters(random, count) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: count }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}

function zeekLine(report, random) {
  const { millis, source, sourcePort, destination, destinationPort, protocol } = report;
  const time = (millis / 1000 + random() / 1000).toFixed(6);
  const ends = [source, sourcePort, destination, destinationPort, protocol === 6 ? "tcp" : "udp", "-"];
  const [sent, received] = [report.packetsSent + 1, report.packetsReceived];
  const payload = [(random() * 60).toFixed(6), report.bytesSent, report.bytesReceived];
  const state = protocol === 6 ? ["SF", "T", "F", 0, "ShADadFf"] : ["SF", "T", "F", 0, "Dd"];
  const packets = [sent, report.bytesSent + sent * 40, received, report.bytesReceived + received * 40, "-"];
  return [time, `C${letters(random, 17)}`, ...ends, ...payload, ...state, ...packets].join("\t");
}

function suricataLine(report, random) {
  const { millis, source, sourcePort, destination, destinationPort, protocol } = report;
  const instant = (at) => `${new Date(at).toISOString().slice(0, -1)}000+0000`;
  return JSON.stringify({
    timestamp: instant(millis + 60_000),
    flow_id: Math.floor(random() * 2 ** 50),
    in_iface: "eth0",
    event_type: "flow",
    src_ip: source,
    src_port: sourcePort,
    dest_ip: destination,
    dest_port: destinationPort,
    proto: protocol === 6 ? "TCP" : "UDP",
    flow: {
      pkts_toserver: report.packetsSent + 1,
      pkts_toclient: report.packetsReceived,
      bytes_toserver: report.bytesSent,
      bytes_toclient: report.bytesReceived,
      start: instant(millis),
      end: instant(millis + 12_000),
      age: 12,
      state: "closed",
      reason: "timeout",
      alerted: false,
    },
  });
}

function conntrackLine(report, random) {
  const { millis, source, sourcePort, destination, destinationPort, protocol } = report;
  const kind = { B: "    [NEW]", C: " [UPDATE]", E: "[DESTROY]", D: "    [NEW]" }[report.state];
  const name = protocol === 6 ? "tcp      6" : "udp      17";
  const there = `src=${source} dst=${destination} sport=${sourcePort} dport=${destinationPort}`;
  const back = `src=${destination} dst=${source} sport=${destinationPort} dport=${sourcePort}`;
  const counted = (packets, bytes) => (report.state === "E" ? ` packets=${packets} bytes=${bytes}` : "");
  const sent = counted(report.packetsSent, report.bytesSent);
  const received = counted(report.packetsReceived, report.bytesReceived);
  const state = report.state === "E" ? "" : protocol === 6 ? " 120 SYN_SENT" : " 30";
  return `[${(millis / 1000).toFixed(3)}${Math.floor(random() * 900 + 100)}]\t${kind} ${name}${state} ${there}${sent} ${back}${received}`;
}
