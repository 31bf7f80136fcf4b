// The flag bits of the TCP header (RFC 9293 section 3.1, RFC 3168) and their letters.

export const tcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

const letters = "FSRPAUEC";

/** `SA` for SYN+ACK: the letters of `FSRPAUEC` whose bits are set, in that order. */
export function formatTcpFlags(flags: number): string {
  let text = "";
  for (let bit = 0; bit < letters.length; bit++) if ((flags >> bit) & 1) text += letters[bit];
  return text;
}
