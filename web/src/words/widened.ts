// The shape of a dictionary without its words; it holds no text.
export type Widened<T> = T extends string ? string : { readonly [K in keyof T]: Widened<T[K]> };
