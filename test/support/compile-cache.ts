import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where processes that tests start find the product's modules compiled: they begin in half the time. */
export const COMPILE_CACHE = join(tmpdir(), `ledgerline-compiled-${process.versions.node}`);

const WARM = `
  const { flushCompileCache } = await import("node:module");
  await import("./src/app.ts");
  flushCompileCache();
  process.exit(0);`;

/** Before all tests: a process that is killed leaves nothing in the cache. */
export function setup(): void {
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", WARM], {
    cwd: join(import.meta.dirname, "../.."),
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  if (status !== 0) throw new Error(`the modules could not be compiled: ${stderr}`);
}
