// What platforms do with flow records, as data. Sources: DOMAIN 2.4 and 7; what no source says is a stated default.

import { type DurationMicros, microsPerMinute, microsPerSecond } from "../time.js";
import { isIcmp, protocolNumber } from "../wire/protocol.js";

export type Semantics = {
  readonly name: string;
  /** TCP without a packet for this long loses its record. */
  readonly tcpIdleMicros: DurationMicros;
  readonly udpIdleMicros: DurationMicros;
  readonly icmpIdleMicros: DurationMicros;
  readonly otherIdleMicros: DurationMicros;
  /** After a RST or the last FIN's acknowledgement the record stays this long; a SYN in that time is a new flow. */
  readonly lingerMicros: DurationMicros;
};

const azureIdle = 4 * microsPerMinute;

/** TCP: 4 minutes [A8]. UDP, ICMP and all else: no source gives a figure, so the same is assumed. Linger: DOMAIN 7.5. */
export const azure: Semantics = {
  name: "azure",
  tcpIdleMicros: azureIdle,
  udpIdleMicros: azureIdle,
  icmpIdleMicros: azureIdle,
  otherIdleMicros: azureIdle,
  lingerMicros: 15 * microsPerSecond,
};

/** How long a record of this protocol lives without a packet. */
export function idleMicros(semantics: Semantics, protocol: number): DurationMicros {
  if (protocol === protocolNumber.tcp) return semantics.tcpIdleMicros;
  if (protocol === protocolNumber.udp) return semantics.udpIdleMicros;
  return isIcmp(protocol) ? semantics.icmpIdleMicros : semantics.otherIdleMicros;
}
