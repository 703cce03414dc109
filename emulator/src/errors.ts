// Every refusal the emulator can utter, in one table; it never holds WhatsApp's own failure codes (those are faults).

/** HTTP status of each refusal and what it means. The code is stable, the text is for people. */
const REFUSALS = {
  BAD_JSON: [400, 'the body is not JSON'],
  BAD_FIELD: [400, 'a field is missing or has the wrong type'],
  BODY_TOO_LARGE: [413, 'the body is larger than this request may have'],
  HOST_REFUSED: [421, 'the control API answers to loopback names only'],
  ORIGIN_REFUSED: [403, 'a page of another origin may not drive the emulator'],
  NOT_FOUND: [404, 'there is no such path'],
  UNKNOWN_PERSON: [404, 'nobody has this id, number or address'],
  UNKNOWN_GROUP: [404, 'there is no such group'],
  UNKNOWN_MESSAGE: [404, 'there is no such message'],
  NO_FILE: [404, 'the message has no file, or the media host never had it'],
  UNKNOWN_CALL: [404, 'no such call is ringing'],
  UNKNOWN_CHANNEL: [404, 'there is no such channel'],
  UNKNOWN_DEVICE: [404, 'no linked device has this address'],
  UNKNOWN_QR: [404, 'no open connection shows this QR code: it has expired, was used, or belongs to another server'],
  WRONG_QR: [400, 'this is not the text of a pairing QR code'],
  QR_MISMATCH: [409, 'the keys in the QR text are not those of the connection that shows it'],
  UNKNOWN_PAIRING_CODE: [404, 'no open connection asked for a pairing code for this phone'],
  WRONG_PAIRING_CODE: [409, 'the code is not the one that the device shows'],
  NOT_A_PHONE: [409, 'this person has no phone that can link devices'],
  NUMBER_TAKEN: [409, 'another person has this number'],
  TOO_MANY_DEVICES: [409, 'this phone already has the most linked devices it can have'],
  TOO_MANY_PEOPLE: [409, 'the emulator holds the most people it can hold'],
  NOT_A_MEMBER: [409, 'only members of a group can do this'],
  INTERNAL: [500, 'the emulator failed; its log says how'],
  QUEUE_FULL: [507, 'a device has the most undelivered stanzas it can have'],
} as const satisfies Record<string, readonly [number, string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** A request that the emulator refuses. `detail` names the field or the thing. */
export class EmulatorError extends Error {
  readonly code: RefusalCode;
  readonly status: number;

  constructor(code: RefusalCode, detail?: string) {
    super(detail === undefined ? REFUSALS[code][1] : `${REFUSALS[code][1]}: ${detail}`);
    this.name = 'EmulatorError';
    this.code = code;
    this.status = REFUSALS[code][0];
  }
}
