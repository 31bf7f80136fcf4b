// Facts of what the evidence itself says is missing from it.

/** Between the event's two times, a capture says, packets came that it does not hold. */
export type GapDeclared = {
  readonly type: "gap-declared";
  readonly data: {
    /** The place of capture, as of `PacketsObserved`. */
    readonly place: string;
    /** Who had no room: the network interface, or the operating system that hands packets on; null: it does not say. */
    readonly droppedBy: DroppedBy | null;
    readonly packets: number;
  };
};

export type DroppedBy = "interface" | "system";
