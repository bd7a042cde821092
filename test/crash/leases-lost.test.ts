import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  AUTOMATIC,
  BILLED_AT,
  createDifferingInvoices,
  documentsOf,
} from "../support/differing-invoices.ts";
import { readReconciliation } from "../support/reconciled.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Takes every job away from its worker again and again, while the worker goes on with it. */
function loseLeases({ db }: TestServer): () => Promise<void> {
  let isOver = false;
  const losing = (async () => {
    while (!isOver) {
      await sql`update core_jobs set lease_until = clock_timestamp() - interval '1 second'
        where lease_until >= clock_timestamp() and kind = 'apply-repair' and attempts = 1`.execute(
        db,
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return async () => {
    isOver = true;
    await losing;
  };
}

test("workers that lost their leases and go on repair what was found once", async () => {
  const server = await startTestServer();
  try {
    const { voidedPayer, copiedPayer } = await createDifferingInvoices(server);
    const stopLosing = loseLeases(server);
    const { body } = await server.send("POST", "/v1/reconciliations", { automatic: AUTOMATIC });
    await server.setClock(BILLED_AT);
    await stopLosing();
    // One that met the other's steps is tried again a quarter of a minute later.
    await server.setClock("2024-02-04T00:00:00Z");
    const { findings } = await readReconciliation(server, body.data.id);
    const states = findings.map((finding) => `${finding.class} ${finding.state}`);
    expect(states.toSorted()).toEqual([
      "orphan_draft VERIFIED",
      "status_missed PROPOSED",
      "voided_there VERIFIED",
    ]);
    expect(await documentsOf(server, voidedPayer)).toEqual(["void 2034", "open 2034"]);
    expect(await documentsOf(server, copiedPayer)).toEqual(["open 2034"]);
  } finally {
    await server.close();
  }
}, 60_000);
