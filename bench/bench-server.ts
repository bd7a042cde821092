import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../src/platform/database/embedded-postgres.ts";
import { createTemporaryDataDir } from "../src/platform/database/temporary-data-dir.ts";
import { spawnNode } from "../test/support/child.ts";

export interface BenchServer {
  readonly url: string;
  readonly token: string;
  readonly databaseUrl: string;
  /** Where Collect answers, and its secret key of test mode. */
  readonly collectUrl: string;
  readonly collectKey: string;
  /** Of the server's process. */
  readonly pid: number;
  close(): Promise<void>;
}

/** The product as it is started for real, in a process of its own over a durable database. */
export async function startBenchServer(
  env: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const dataDir = await createTemporaryDataDir("bench");
  const logger = pino({ level: "error" }, pino.destination(2));
  const postgres = await startEmbeddedPostgres({ dataDir, logger });
  const databaseUrl = postgres.url("ledgerline");
  const token = `ll_bench_${randomBytes(18).toString("hex")}`;
  const collectKey = `sk_test_bench_${randomBytes(18).toString("hex")}`;
  const server = spawnNode(["src/main.ts"], {
    PATH: process.env.PATH,
    PORT: "0",
    COLLECT_PORT: "0",
    DATABASE_URL: databaseUrl,
    CREDENTIALS_KEY: randomBytes(32).toString("base64"),
    SANDBOX_API_TOKEN: token,
    COLLECT_SECRET_KEY: collectKey,
    LOG_LEVEL: "error",
    // For a profile: BENCH_NODE_OPTIONS="--cpu-prof".
    NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS,
    ...env,
  });
  const close = async () => {
    await server.kill("SIGTERM");
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [name, url] = (await server.line()).split(" ");
    if (name !== "core" || url === undefined) throw new Error("The server did not say its address");
    const [part, collectUrl] = (await server.line()).split(" ");
    if (part !== "collect" || collectUrl === undefined)
      throw new Error("Collect did not say its address");
    return { url, token, databaseUrl, collectUrl, collectKey, pid: server.pid, close };
  } catch (error) {
    await close();
    throw error;
  }
}
