// The types of pino-roll, which brings none: the part of it that log.ts uses.
declare module 'pino-roll' {
  interface RollOptions {
    readonly file: string;
    readonly extension: string;
    readonly size: string;
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean };
    readonly mkdir: boolean;
    readonly sync: boolean;
  }
  interface RollingFile {
    write(line: string): boolean;
    end(): void;
    on(event: 'error', listener: (error: unknown) => void): unknown;
  }
  export default function roll(options: RollOptions): Promise<RollingFile>;
}
