// The limits of an HTTP server of ours, of the API and of the pages alike.

export const limits = {
  /** Bytes of a JSON body. */
  bodyLimit: 1_048_576,
  /** Ms for a whole request, and below for its head: a client that dribbles is cut off. */
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16_384 },
} as const;

/** Connections at a time: all sockets that the hub takes, and requests besides. */
export const MAX_CONNECTIONS = 25_000;
/** Ms that requests under way get when the server closes. */
export const CLOSE_GRACE = 3_000;
