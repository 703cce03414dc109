// The languages that everything is said in; apart from the error table, so that a page can know them without loading it.

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];
export type Words = Readonly<Record<Language, string>>;
