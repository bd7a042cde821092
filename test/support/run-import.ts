import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** What a run of the command left behind. */
export interface Ran {
  /** null: a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

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
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    CREDENTIALS_KEY: credentialsKey.toString("base64"),
    LOG_LEVEL: "fatal",
  };
  const script =
    dieAt === undefined
      ? ["src/importer/main.ts"]
      : ["test/support/dying-import.ts", ...dieAt.map(String)];
  return new Promise((resolve) => {
    execFile(process.execPath, [...script, ...args], { cwd: ROOT, env }, (failure, out, error) => {
      const code = failure === null ? 0 : typeof failure.code === "number" ? failure.code : null;
      resolve({ code, out, error });
    });
  });
}
