// The semantics that have names. Figures carry their source (DOMAIN 2.4, 2.5, 5, 7); what no source says is a setting,
// and the default chosen for it is labelled NS.

import { type DurationMicros, microsPerHour, microsPerMinute, microsPerSecond } from "../time.js";
import { type ExchangeTimeouts, everyTcpState, type Semantics, withReevaluation } from "./semantics.js";

const seconds = (count: number): DurationMicros => count * microsPerSecond;
const fiveDays = 120 * microsPerHour;

/** [A8] for TCP. */
const azureIdle = 4 * microsPerMinute;
/** NS; seen in flow logs, DOMAIN 7.5. */
const linger = seconds(15);

function always(timeout: DurationMicros): ExchangeTimeouts {
  return { firstMicros: timeout, streamMicros: timeout, streamFrom: "reply" };
}

/** TCP ends after 4 minutes of silence [A8], and existing flows outlive their rules [A1]. */
export const azure: Semantics = {
  name: "azure",
  stateless: false,
  tcpState: true,
  openToAll: "tracked",
  // NS
  midStream: "evaluate",
  midStreamKnown: false,
  // NS, and so the next four
  misfits: "pass",
  unanswered: "pass",
  renewedBy: "any-packet",
  closing: "linger",
  tcpMicros: { ...everyTcpState(azureIdle), TIME_WAIT: linger, CLOSE: linger },
  tcpUnacknowledgedMicros: null,
  tcpStalledMicros: null,
  // NS: no source gives a figure for any protocol but TCP [A22 #11072]; the same is assumed
  udp: always(azureIdle),
  gre: always(azureIdle),
  icmpMicros: azureIdle,
  sctpMicros: azureIdle,
  otherMicros: azureIdle,
  // rules: [A1]; all others NS
  onChange: { rules: "keep", associations: "keep", memberships: "keep", "address-lists": "keep" },
};

/** With `flushConnection` on: flows are judged anew when rules are updated [A6]. */
export const azureFlush: Semantics = { ...withReevaluation(azure, "rules"), name: "azure-flush" };

/** nf_conntrack of kernels 6.x with its default timeouts [L1], tcp_loose=1, tcp_be_liberal=1 and checksum=0. */
export const linux: Semantics = {
  name: "linux",
  stateless: false,
  tcpState: true,
  openToAll: "tracked",
  midStream: "evaluate",
  midStreamKnown: true,
  // the ruleset accepts what is established or related, and judges what is new or invalid (DOMAIN 7.5)
  misfits: "ask-rules",
  unanswered: "ask-rules",
  renewedBy: "tracked-packets",
  closing: "time-out",
  tcpMicros: {
    SYN_SENT: seconds(120),
    SYN_RECV: seconds(60),
    ESTABLISHED: fiveDays,
    FIN_WAIT: seconds(120),
    CLOSE_WAIT: seconds(60),
    LAST_ACK: seconds(30),
    TIME_WAIT: seconds(120),
    CLOSE: seconds(10),
    SYN_SENT2: seconds(120),
  },
  tcpUnacknowledgedMicros: seconds(300),
  tcpStalledMicros: seconds(300),
  // [L3]
  udp: { firstMicros: seconds(30), streamMicros: seconds(120), streamFrom: "two-seconds" },
  gre: { firstMicros: seconds(30), streamMicros: seconds(180), streamFrom: "reply" },
  icmpMicros: seconds(30),
  // its chunks are not in the evidence, so all of its states have the timeout of an established one
  sctpMicros: seconds(210),
  otherMicros: seconds(600),
  onChange: { rules: "keep", associations: "keep", memberships: "keep", "address-lists": "keep" },
};

/** Security groups of Nitro types before v6 [W6]; tracked connections outlive their rules [W1]. */
export const aws: Semantics = {
  ...azure,
  name: "aws",
  openToAll: "untracked",
  // [W6] for ESTABLISHED, NS for the others: Linux's, and the same lingering as Azure's
  tcpMicros: { ...linux.tcpMicros, TIME_WAIT: linger, CLOSE: linger },
  udp: { firstMicros: seconds(30), streamMicros: seconds(180), streamFrom: "second-exchange" },
  // [W1]: other protocols are tracked by address and number for 600 s
  gre: always(seconds(600)),
  sctpMicros: seconds(600),
  otherMicros: seconds(600),
  // NS: ICMP is always tracked [W1], for how long is not said; Linux's
  icmpMicros: seconds(30),
};

/** The default of Nitro v6 types for an established connection [W6]. */
export const nitro6TcpEstablishedMicros = seconds(350);

/** A packet filter without memory. Its records count what belongs together, and end as Azure's do. */
export const packetFilter: Semantics = { ...azure, name: "packet", stateless: true, midStreamKnown: true };

const profiles = [azure, azureFlush, aws, linux, packetFilter];

export const semanticsNames: readonly string[] = profiles.map(({ name }) => name);

/** The profile of this name, whatever the case; null where there is none. */
export function semanticsNamed(name: string): Semantics | null {
  return profiles.find((profile) => profile.name === name.toLowerCase()) ?? null;
}
