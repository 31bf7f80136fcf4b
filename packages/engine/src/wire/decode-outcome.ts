// What became of a frame in the decoder. All but `packet` are negative, so that a function can answer with either an
// offset or an outcome.

export const decodeOutcome = {
  /** An IP packet; its fields are filled. */
  packet: 0,
  /** The frame carries something else, such as ARP; `linkProtocol` of the frame says what. */
  notIp: -1,
  /** The capture cut the frame off before its IP headers ended. */
  truncated: -2,
  /** Lengths that lie: a header says what its frame can't hold. */
  malformed: -3,
  unsupportedLink: -4,
} as const;

export type DecodeOutcome = (typeof decodeOutcome)[keyof typeof decodeOutcome];
