import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import Metronome from "@metronome/sdk";
import Stripe from "stripe";
import { openApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { createTemporaryDataDir } from "../src/platform/database/temporary-data-dir.ts";

/** The whole product, running on a data folder of its own, seen through the official clients. */
export interface RunningProduct {
  readonly url: string;
  readonly collectUrl: string;
  readonly sandboxToken: string;
  readonly metronome: Metronome;
  readonly stripe: Stripe;
  /** Moves the sandbox's clock; answers when everything due by then has happened. */
  setClock(at: string): Promise<void>;
  close(): Promise<void>;
}

const secret = (prefix: string): string => `${prefix}${randomBytes(18).toString("hex")}`;

/** Starts everything embedded in a fresh temporary folder; only the ports are taken from outside. */
export async function startProduct(): Promise<RunningProduct> {
  const dataDir = await createTemporaryDataDir("demo");
  const sandboxToken = secret("ll_test_");
  const collectKey = secret("sk_test_");
  const { DATABASE_URL: _url, CREDENTIALS_KEY: _key, ...environment } = process.env;
  const app = await openApp(
    readConfig({
      LOG_LEVEL: "error",
      ...environment,
      COLLECT_PORT: environment.COLLECT_PORT === "off" ? "0" : environment.COLLECT_PORT,
      DATA_DIR: dataDir,
      SANDBOX_API_TOKEN: sandboxToken,
      COLLECT_SECRET_KEY: collectKey,
    }),
  );
  const collectUrl = new URL(app.collectUrl ?? "");
  return {
    url: app.url,
    collectUrl: collectUrl.origin,
    sandboxToken,
    metronome: new Metronome({ baseURL: app.url, bearerToken: sandboxToken }),
    stripe: new Stripe(collectKey, {
      host: collectUrl.hostname,
      port: collectUrl.port,
      protocol: "http",
      telemetry: false,
    }),
    setClock: (at) => moveClock(app.url, sandboxToken, at),
    async close() {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function moveClock(url: string, token: string, at: string): Promise<void> {
  const response = await fetch(`${url}/v1/sandbox/clock`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ now: at }),
  });
  if (!response.ok) throw new Error(`The clock did not move: ${await response.text()}`);
}
