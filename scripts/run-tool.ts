import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");

/** Ends this process with one sentence that says what to do. */
export function giveUp(message: string): never {
  console.error(message);
  process.exit(1);
}

/**
 * Runs an installed tool in the project's root with this very Node and our terminal, and returns
 * its exit status (128 + the signal's number when it was killed).
 */
export function runTool(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): number {
  const path = join(BIN, name);
  if (!existsSync(path)) giveUp(`${name} is not installed. Run "npm ci" first.`);
  const result = spawnSync(path, args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ""}` },
  });
  if (result.error !== undefined) giveUp(`${name} could not be started: ${result.error.message}`);
  return result.status ?? 128 + (result.signal === null ? 0 : constants.signals[result.signal]);
}
