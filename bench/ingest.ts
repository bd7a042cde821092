import { Agent, request } from "node:http";
import pg from "pg";
import type { BenchServer } from "./bench-server.ts";
import { measureSqlCeiling } from "./sql-ceiling.ts";
import { makeUsage } from "./usage-workload.ts";

const EVENTS = 200_000;
const ROUNDS = 2;
const BATCH = 100;
const CONNECTIONS = 32;
const TARGET = 0.25;

async function createMetric({ url, token }: BenchServer): Promise<void> {
  const reply = await fetch(`${url}/v1/billable-metrics/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      name: "Tokens",
      aggregation_type: "SUM",
      aggregation_key: "tokens",
      event_type_filter: { in_values: ["inference"] },
      property_filters: ["tokens", "region"].map((name) => ({ name, exists: true })),
      group_keys: [["region"]],
    }),
  });
  if (reply.status !== 200) throw new Error(`create metric: ${await reply.text()}`);
}

const post = (agent: Agent, { url, token }: BenchServer, body: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": body.length,
    };
    const sent = request(`${url}/v1/ingest`, { method: "POST", agent, headers }, (reply) => {
      reply.resume();
      reply.on("end", () => {
        if (reply.statusCode === 200) resolve();
        else reject(new Error(`ingest answered ${reply.statusCode}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });

/** Sends events over HTTP; how many a second, each request answered after its commit. */
export async function measureHttp(
  server: BenchServer,
  events: readonly unknown[],
): Promise<number> {
  const bodies: Buffer[] = [];
  for (let from = 0; from < events.length; from += BATCH) {
    bodies.push(Buffer.from(JSON.stringify(events.slice(from, from + BATCH))));
  }
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (;;) {
        const body = bodies.shift();
        if (body === undefined) return;
        await post(agent, server, body);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  return events.length / seconds;
}

async function queryOne(databaseUrl: string, text: string): Promise<string> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query({ text, rowMode: "array" });
  await client.end();
  return String(rows[0]?.[0]);
}

const format = (n: number): string => Math.trunc(n).toLocaleString("en-US");

/**
 * Ingest over HTTP against the SQL ceiling of the same database in the same run, by turns, so that
 * other work on the machine slows both. Throws below the target or when an event was lost.
 */
export async function benchIngest(server: BenchServer): Promise<void> {
  await createMetric(server);
  const environmentId = await queryOne(
    server.databaseUrl,
    "select id from environments where name = 'SANDBOX'",
  );
  const now = Date.now();
  await measureHttp(server, makeUsage("warm-http", 20_000, now));
  await measureSqlCeiling(server.databaseUrl, environmentId, makeUsage("warm-sql", 20_000, now));
  const stored = () => queryOne(server.databaseUrl, "select count(*) from usage_events");
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const ceiling = await measureSqlCeiling(
      server.databaseUrl,
      environmentId,
      makeUsage(`sql-${round}`, EVENTS, now),
    );
    const before = Number(await stored());
    const events = makeUsage(`http-${round}`, EVENTS, now);
    const http = await measureHttp(server, events);
    const kept = Number(await stored()) - before;
    const unique = new Set(events.map((event) => event.transaction_id)).size;
    if (kept !== unique) throw new Error(`${unique} events were sent, ${kept} are stored`);
    ratios.push(http / ceiling);
    process.stdout.write(
      `ingest ${round}: HTTP ${format(http)}/s, SQL ceiling ${format(ceiling)}/s, ratio ${(http / ceiling).toFixed(2)}\n`,
    );
  }
  const best = Math.max(...ratios);
  process.stdout.write(`ingest: ratio ${best.toFixed(2)} (at least ${TARGET}, aim 0.5)\n`);
  if (best < TARGET) throw new Error(`ingest is below ${TARGET} of the SQL ceiling`);
}
