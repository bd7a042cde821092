import { type Ran, runScript } from "./run-script.ts";

export interface ImportTarget {
  readonly databaseUrl: string;
  readonly credentialsKey: Buffer;
  /** The fault point at which it kills itself, and at which of its hits. */
  readonly dieAt?: readonly [point: string, hit: number];
}

/** Runs `npm run import` on a database, as another process. */
export function runImport(
  { databaseUrl, credentialsKey, dieAt }: ImportTarget,
  args: readonly string[],
): Promise<Ran> {
  const script =
    dieAt === undefined
      ? ["src/importer/main.ts"]
      : ["test/support/dying-import.ts", ...dieAt.map(String)];
  return runScript({ databaseUrl, credentialsKey }, [...script, ...args]);
}
