// A captured frame on its way through the decoder: one object that is used again for every frame, so that decoding
// allocates nothing. Frames are decoded where they lie in a chunk of the file.

export type Frame = {
  bytes: Uint8Array;
  /** The frame is `bytes[start..end)` as captured, and had `originalLength` bytes on the wire. */
  start: number;
  end: number;
  originalLength: number;
  /** LINKTYPE number (https://www.tcpdump.org/linktypes.html). */
  linkType: number;
  /** Set by the decoder: the ethertype behind all tags; for NULL and LOOP the address family; -1 where unknown. */
  linkProtocol: number;
  /** Scratch of the decoder: the packet's IP header, and that of the packet which an ICMP error quotes. */
  readonly ip: IpHeader;
  readonly quotedIp: IpHeader;
  readonly words: WordView;
};

/** Where the parts of an IP packet stand in `bytes`, and what its header says of fragments. */
export type IpHeader = {
  /** Where the IP header begins. */
  start: number;
  /** Behind the last byte that was captured and is the packet's own, so never Ethernet padding. */
  limit: number;
  /** Where the header of the transport begins, behind options and extension headers. */
  transportAt: number;
  /** Behind the packet's last byte by its own account, captured or not. */
  end: number;
  /** Bytes of the packet as its header says; 0 where it leaves that to the frame (TSO, BIG TCP). */
  length: number;
  /** In units of 8 bytes. */
  fragmentOffset: number;
  moreFragments: boolean;
  fragmentId: number;
  /** False where a routing header changes the destination underway, so that checksums can't be verified. */
  finalDestination: boolean;
};

/** The same memory, read as words for checksums; made anew when `bytes` is another array. */
export type WordView = { of: Uint8Array; view: DataView };

const noBytes = new Uint8Array(0);

export function newFrame(): Frame {
  return {
    bytes: noBytes,
    start: 0,
    end: 0,
    originalLength: 0,
    linkType: 0,
    linkProtocol: -1,
    ip: newIpHeader(),
    quotedIp: newIpHeader(),
    words: { of: noBytes, view: new DataView(noBytes.buffer) },
  };
}

function newIpHeader(): IpHeader {
  return {
    start: 0,
    limit: 0,
    transportAt: 0,
    end: 0,
    length: 0,
    fragmentOffset: 0,
    moreFragments: false,
    fragmentId: 0,
    finalDestination: true,
  };
}
