import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openExports, readExported } from "../support/exports.ts";
import { startTestServer } from "../support/server.ts";

/** Of as many characters of properties as ingest takes, nearly. */
const EVENTS = 4300;
const LENGTH = 65_000;
const MOST_OF_A_GROUP = 48 * 1024 * 1024;

test("events as large as they may be are held in memory some at a time, and go into parts of few", async () => {
  const root = mkdtempSync(join(tmpdir(), "ledgerline-exports-"));
  const server = await startTestServer({ exportDir: root });
  try {
    await sql`insert into usage_events_too_old
      select environments.id, gen_random_uuid(), 'event ' || n, 'acme', 'call', now(),
        '{"text":"' || n || repeat('x', ${LENGTH}::int) || '"}', now()
      from environments, generate_series(1, ${EVENTS}::int) n where name = 'SANDBOX'`.execute(
      server.db,
    );
    const exports = openExports(server);
    const { id } = await exports.create({
      name: "Events",
      kind: "folder",
      tables: ["events"],
      settings: { folder: "events" },
    });
    const run = await exports.run(id);
    // 4,300 x 65,000 characters are more than the 268,435,456 that close a part.
    expect(run.files).toHaveLength(2);
    const sizes = run.files.flatMap(({ path }: { path: string }) => {
      const bytes = readFileSync(join(root, path));
      const { row_groups: groups } = parquetMetadata(new Uint8Array(bytes).buffer);
      return groups.map(({ columns }) =>
        columns.reduce((sum, each) => sum + Number(each.meta_data?.total_uncompressed_size), 0),
      );
    });
    expect(Math.max(...sizes)).toBeLessThan(MOST_OF_A_GROUP);
    const rows = await readExported(root, run, "events");
    expect(new Set(rows.map((row) => row.transaction_id)).size).toBe(EVENTS);
    expect(rows).toHaveLength(EVENTS);
  } finally {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  }
}, 60_000);
