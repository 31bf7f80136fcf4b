// Ethernet frames as records of a classic pcap, written into one buffer that is handed on when it is full. Checksums
// are true, also of payload that the snap length cuts off: it is all zeros.

const snapLength = 96;
const bufferBytes = 1 << 20;
const recordHeaderBytes = 16;
const linkBytes = 14;
const tcpBytes = 32;
const protocols = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };

export class FrameWriter {
  #buffer = Buffer.alloc(bufferBytes);
  #at = 24;

  /** `sink` must be done with the bytes when it returns. `machine`: whose packets are written; null: all. */
  constructor(sink, machine) {
    this.sink = sink;
    this.machine = machine;
    this.#buffer.writeUInt32LE(0xa1b2c3d4, 0);
    this.#buffer.writeUInt32LE(0x0004_0002, 4);
    this.#buffer.writeUInt32LE(snapLength, 16);
    this.#buffer.writeUInt32LE(1, 20);
  }

  /** TCP with timestamps; `segment`: sequence, acknowledgement, flags. */
  tcp(packet, payload, { sequence, acknowledgement, flags }) {
    const at = this.#begin(packet, protocols.tcp, tcpBytes + payload);
    const buffer = this.#buffer;
    this.#ports(packet, at);
    buffer.writeUInt32BE(sequence, at + 4);
    buffer.writeUInt32BE(acknowledgement, at + 8);
    buffer.writeUInt16BE(0x8000 | flags, at + 12);
    buffer.writeUInt16BE(64_000, at + 14);
    buffer.writeUInt32BE(0x0101_080a, at + 20);
    buffer.writeUInt32BE(Math.floor(packet.time / 1000) % 2 ** 32, at + 24);
    this.#end(at + 16, { at, bytes: tcpBytes });
  }

  udp(packet, payload) {
    const at = this.#begin(packet, protocols.udp, 8 + payload);
    this.#ports(packet, at);
    this.#buffer.writeUInt16BE(8 + payload, at + 4);
    this.#end(at + 6, { at, bytes: 8 });
  }

  echo(packet, payload, { isReply, identifier, sequence }) {
    const v6 = packet.source.length === 16;
    const at = this.#begin(packet, v6 ? protocols.icmp6 : protocols.icmp, 8 + payload);
    this.#buffer[at] = v6 ? 128 + Number(isReply) : isReply ? 0 : 8;
    this.#buffer.writeUInt16BE(identifier, at + 4);
    this.#buffer.writeUInt16BE(sequence, at + 6);
    this.#end(at + 2, { at, bytes: 8 });
  }

  flush() {
    this.sink(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }

  #pseudoSum = 0;
  #frameEnd = 0;
  #isWanted = true;

  /** Everything before the transport header, which begins at the offset that is returned. */
  #begin({ time, source, destination }, protocol, transportBytes) {
    if (this.#at + recordHeaderBytes + snapLength > bufferBytes) this.flush();
    const buffer = this.#buffer;
    const { machine } = this;
    this.#isWanted = machine === null || [source, destination].some((end) => end === machine.v4 || end === machine.v6);
    const v6 = source.length === 16;
    const wholeLength = linkBytes + (v6 ? 40 : 20) + transportBytes;
    const record = this.#at;
    const ip = record + recordHeaderBytes + linkBytes;
    this.#frameEnd = record + recordHeaderBytes + Math.min(snapLength, wholeLength);
    buffer.fill(0, record, this.#frameEnd);
    buffer.writeUInt32LE(Math.floor(time / 1e6), record);
    buffer.writeUInt32LE(time % 1e6, record + 4);
    buffer.writeUInt32LE(Math.min(snapLength, wholeLength), record + 8);
    buffer.writeUInt32LE(wholeLength, record + 12);
    buffer.writeUInt16BE(v6 ? 0x86dd : 0x0800, ip - 2);
    const transport = v6 ? ip + 40 : ip + 20;
    if (v6) this.#ipv6(ip, protocol, transportBytes);
    else this.#ipv4(ip, protocol, transportBytes);
    const addresses = transport - 2 * source.length;
    buffer.set(source, addresses);
    buffer.set(destination, addresses + source.length);
    if (!v6) buffer.writeUInt16BE(checksum(this.#sum(ip, 20)), ip + 10);
    this.#pseudoSum =
      protocol === protocols.icmp ? 0 : this.#sum(addresses, 2 * source.length) + protocol + transportBytes;
    return transport;
  }

  #ipv4(at, protocol, transportBytes) {
    const buffer = this.#buffer;
    buffer[at] = 0x45;
    buffer.writeUInt16BE(20 + transportBytes, at + 2);
    buffer[at + 6] = 0x40;
    buffer[at + 8] = 64;
    buffer[at + 9] = protocol;
  }

  #ipv6(at, protocol, transportBytes) {
    const buffer = this.#buffer;
    buffer[at] = 0x60;
    buffer.writeUInt16BE(transportBytes, at + 4);
    buffer[at + 6] = protocol;
    buffer[at + 7] = 64;
  }

  #ports({ sourcePort, destinationPort }, at) {
    this.#buffer.writeUInt16BE(sourcePort, at);
    this.#buffer.writeUInt16BE(destinationPort, at + 2);
  }

  #end(checksumAt, { at, bytes }) {
    this.#buffer.writeUInt16BE(checksum(this.#pseudoSum + this.#sum(at, bytes)), checksumAt);
    if (this.#isWanted) this.#at = this.#frameEnd;
  }

  #sum(from, bytes) {
    const buffer = this.#buffer;
    let sum = 0;
    for (let at = from; at < from + bytes; at += 2) sum += (buffer[at] << 8) | buffer[at + 1];
    return sum;
  }
}

function checksum(sum) {
  const folded = (sum & 0xffff) + (sum >>> 16);
  return ~(folded + (folded >>> 16)) & 0xffff;
}
