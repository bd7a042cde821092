import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { COMPILE_CACHE } from "./compile-cache.ts";

export interface Child {
  readonly pid: number;
  /** The next line of its standard output; throws when it ended before. */
  line(): Promise<string>;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/**
 * Runs this Node with these arguments in the project's root, for tests that kill a process. What it writes on
 * standard error goes to `onError`, to our own where there is none.
 */
export function spawnNode(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  onError?: (text: string) => void,
): Child {
  const child = spawn(process.execPath, args, {
    env: { ...env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (onError === undefined) child.stderr.pipe(process.stderr, { end: false });
  else child.stderr.on("data", (data: Buffer) => onError(data.toString("utf8")));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error("the process ended without a further line");
      return next.value;
    },
    kill: (signal) => end(child, signal),
  };
}
