// IP protocol numbers (IANA) that rules and flow records know by name.

export const protocolNumber = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51, icmp6: 58, sctp: 132 } as const;

const names = new Map<number, string>(Object.entries(protocolNumber).map(([name, number]) => [number, name]));

/** `tcp`, or the number as text where the protocol has no name here. */
export function protocolName(protocol: number): string {
  return names.get(protocol) ?? String(protocol);
}

/** Reads `tcp`, `ICMPv6` or `6`; null for anything else. */
export function parseProtocol(text: string): number | null {
  const name = text.toLowerCase().replace(/^icmpv6$/, "icmp6");
  if (Object.hasOwn(protocolNumber, name)) return protocolNumber[name as keyof typeof protocolNumber];
  return /^\d{1,3}$/.test(name) && Number(name) <= 255 ? Number(name) : null;
}

export function hasPorts(protocol: number): boolean {
  return protocol === protocolNumber.tcp || protocol === protocolNumber.udp || protocol === protocolNumber.sctp;
}

export function isIcmp(protocol: number): boolean {
  return protocol === protocolNumber.icmp || protocol === protocolNumber.icmp6;
}
