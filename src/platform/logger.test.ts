import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROGRAM = `
  import { createLogger } from "./src/platform/logger.ts";
  const logger = createLogger("info");
  logger.debug("too quiet");
  logger.info({ token: "T1", body: { api_key: "T2", password: "T3" },
    req: { headers: { authorization: "T4", cookie: "T5" } }, credential: { any: "T6" } }, "request");
  logger.error({ err: new Error("broken") }, "fault");`;

test("logs are JSON lines on standard error alone, complete at exit, and without secrets", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    cwd: join(import.meta.dirname, "../.."),
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ msg }) => msg)).toEqual(["request", "fault"]);
  expect(lines[1]).toMatchObject({ err: { message: "broken" } });
  expect(stderr).not.toMatch(/T[1-6]/);
});
