// Mail to TCP port 25 leaves a cloud only if the platform lets it, apart from all rules (DOMAIN 1.5, 2.5).

import { contains, type Prefix, parsePrefix } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import type { RuleDirection } from "./rule.js";
import type { FiveTuple } from "./rule-match.js";
import type { Provenance } from "./rule-version.js";
import { type NetworkSpace, serviceTagContents } from "./service-tag.js";

/** `inferred`: no evidence says, so this is what the platform does by default. Null: no mail that it minds. */
export type OutboundMail = { readonly decision: "allow" | "deny"; readonly provenance: Provenance } | null;

export type MailPacket = {
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
  /** Whether the platform lets mail out, as evidence shows; null: none does. */
  readonly allowed: boolean | null;
};

/** Of a fragment nobody knows whether it is mail; its first one was judged. */
function isMail({ direction, tuple }: MailPacket): boolean {
  const { protocol, destinationPort, portsKnown } = tuple;
  return direction === "outbound" && protocol === protocolNumber.tcp && destinationPort === 25 && portsKnown;
}

/** To the Internet, by the kind of subscription [A1]: where no evidence says which, the gate is open. */
export function azureOutboundMail(packet: MailPacket, space: NetworkSpace): OutboundMail {
  if (!isMail(packet)) return null;
  const { inside, doubtful } = serviceTagContents("Internet", space);
  const { destination } = packet.tuple;
  if (!inside.has(destination) && !doubtful.has(destination)) return null;
  return mailGate(packet.allowed, "allow");
}

/** RFC 1918, RFC 6598 and RFC 4193, to which AWS never blocks mail. */
const neverBlocked = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].map(
  (text) => parsePrefix(text)!,
);

/** To public addresses outside the network's primary prefix, blocked until AWS lifts it [W2]. */
export function awsOutboundMail(packet: MailPacket, primaryPrefix: Prefix | null): OutboundMail {
  const open = primaryPrefix === null ? neverBlocked : [...neverBlocked, primaryPrefix];
  if (!isMail(packet) || open.some((prefix) => contains(prefix, packet.tuple.destination))) return null;
  return mailGate(packet.allowed, "deny");
}

function mailGate(allowed: boolean | null, byDefault: "allow" | "deny"): OutboundMail {
  if (allowed === null) return { decision: byDefault, provenance: "inferred" };
  return { decision: allowed ? "allow" : "deny", provenance: "recorded" };
}
