import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/platform/database/database.ts";
import { runSql } from "../support/admin-sql.ts";
import type { Child } from "../support/child.ts";
import { createTestDatabase } from "../support/database.ts";
import { openExports, settle } from "../support/exports.ts";
import { startTestServer } from "../support/server.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";
/** More than one part holds. */
const EVENTS = 105_000;
const TIMEOUT_MS = 120_000;

/** Waits until it has killed itself. */
async function waitForEnd(child: Child): Promise<void> {
  for (;;) {
    try {
      await child.line();
    } catch {
      return;
    }
  }
}

test(
  "an export killed at each of its steps in turn ends whole, every row in it once",
  async () => {
    const root = mkdtempSync(join(tmpdir(), "ledgerline-exports-"));
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const spawn = (point: string) =>
      spawnDyingServer({
        databaseUrl: database.url,
        credentialsKey,
        token: TOKEN,
        point: `export/${point}`,
        env: { EXPORT_DIR: root },
      });
    await runSql(
      database.url,
      `insert into usage_events_too_old
        select environments.id, gen_random_uuid(), 'event ' || n, 'acme', 'call', now(), '{}', now()
        from environments, generate_series(1, ${EVENTS}) n where name = 'SANDBOX'`,
    );

    const { db } = openDatabase<never>({ url: database.url, maxConnections: 1 });
    try {
      await settle(db);
    } finally {
      await db.destroy();
    }

    // The first part is there, and nobody knows.
    const first = spawn("part-written");
    const url = await first.line();
    const send = async (method: string, path: string, body?: unknown) => {
      const reply = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(body ?? {}),
      });
      return { status: reply.status, body: (await reply.json()) as never, headers: reply.headers };
    };
    const { ask, create } = openExports({ send });
    const { id } = await create({
      name: "Events",
      kind: "folder",
      format: "csv",
      tables: ["events"],
      settings: { folder: "events" },
    });
    const { id: runId } = await ask("POST", `/destinations/${id}/run`);
    await waitForEnd(first);
    // The part is known, the next is not begun; the table is through; the manifest is there.
    for (const point of ["part-noted", "table-ended", "manifest-written"]) {
      await waitForEnd(spawn(point));
    }

    const server = await startTestServer({
      databaseUrl: database.url,
      credentialsKey,
      exportDir: root,
      sandboxApiToken: undefined,
    });
    try {
      const live = openExports({
        send: (method, path, body) =>
          server.send(method, path, body, { authorization: `Bearer ${TOKEN}` }),
      });
      const run = await live.waitFor(runId);
      expect([run.status, run.error]).toEqual(["COMPLETED", null]);
      expect(
        run.files.map(({ part, rows }: { part: number; rows: number }) => [part, rows]),
      ).toEqual([
        [1, 100_000],
        [2, 5000],
      ]);
      const names = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
      const paths: string[] = run.files.map(({ path }: { path: string }) => path);
      expect(names.sort(), "nothing but what is known").toEqual(
        [...paths, run.manifest_path].sort(),
      );
      const rows = paths.flatMap((path) =>
        readFileSync(join(root, path), "utf8").trimEnd().split("\r\n").slice(1),
      );
      expect(new Set(rows.map((row) => row.split(",", 1)[0])).size).toBe(EVENTS);
      expect(rows.length).toBe(EVENTS);
      const next = await live.run(id);
      expect(next.files, "and the destination goes on from there").toEqual([]);
    } finally {
      await server.close();
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
