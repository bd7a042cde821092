import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** What a run of a command left behind. */
export interface Ran {
  /** null: a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a script of ours on a database, as another process. */
export function runScript(
  {
    databaseUrl,
    credentialsKey,
  }: { readonly databaseUrl: string; readonly credentialsKey: Buffer },
  script: readonly string[],
): Promise<Ran> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    CREDENTIALS_KEY: credentialsKey.toString("base64"),
    LOG_LEVEL: "fatal",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [...script], { cwd: ROOT, env }, (failure, out, error) => {
      const code = failure === null ? 0 : typeof failure.code === "number" ? failure.code : null;
      resolve({ code, out, error });
    });
  });
}
