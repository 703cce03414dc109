// The bus port: a doorbell between nodes. It carries no event, and nothing depends on a ring arriving.

/** Something was committed on this stream up to this seq. */
export interface Ring {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface Bus {
  ring(ring: Ring): void;
  /** Rings may be lost, doubled and late. Returns the function that ends it. */
  listen(listener: (ring: Ring) => void): () => void;
  close(): Promise<void>;
}
