// A phone number as people read it; what it does not know it leaves as it is.

/** `+8613800000001` -> `+86 138 0000 0001`; other countries keep E.164, which is read everywhere. */
export function readable(phone: string): string {
  const mobile = /^\+86(1\d{2})(\d{4})(\d{4})$/.exec(phone);
  return mobile === null ? phone : `+86 ${mobile.slice(1).join(' ')}`;
}
