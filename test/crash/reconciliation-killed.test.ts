import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { listInvoices } from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { loseWebhooks, readReconciliation } from "../support/reconciled.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";
const NOW = monthBilledAt(0);

/** Two invoices that differ: one is voided there and delivered anew, of one a copy is taken away. */
test.each([
  ["reconcile/looked", 1],
  ["reconcile/kept", 1],
  ["apply-repair/sent", 1],
  ["apply-repair/queued", 1],
])(
  "a server killed with -9 at %s (hit %i) finds everything once and repairs it once",
  async (point, hit) => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const first = await startTestServer({ databaseUrl: database.url, credentialsKey });
    await first.setClock(monthStart(0));
    const plan = await createPlan(first);
    const customers = [];
    for (let count = 0; count < 2; count += 1) {
      const customer = await createBilledCustomer(first, { collectionMethod: "send_invoice" });
      await signMonth(first, plan, customer.id, 0);
      await useSome(first, plan, customer.id, monthStart(0));
      customers.push(customer);
    }
    await first.setClock(NOW);
    await loseWebhooks(first.stripe);
    const [voided, copied] = customers;
    const [theirs] = await listProviderInvoices(first.stripe, voided?.payer ?? "");
    await first.stripe.invoices.voidInvoice(theirs?.id ?? "");
    const [billed] = await listInvoices(first.metronome, copied?.id ?? "");
    await first.stripe.invoices.create({
      customer: copied?.payer ?? "",
      auto_advance: false,
      metadata: { ledgerline_invoice_id: billed?.id ?? "" },
    });
    await first.close();

    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
      point,
      hit,
    });
    const url = await child.line();
    const post = async (path: string, body: unknown) => {
      const reply = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await reply.json()) as { data: { id: string } };
    };
    const automatic = ["voided_there", "orphan_draft"];
    const { data } = await post("/v1/reconciliations", { automatic });
    await expect(
      (async () => {
        for (;;) await post("/v1/sandbox/clock", { now: NOW });
      })(),
    ).rejects.toThrow();

    const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      await settle(server, NOW);
      const found = await readReconciliation(server, data.id);
      expect(found).toMatchObject({ status: "COMPLETED", total: 2, checked: 2 });
      const states = found.findings.map((finding) => `${finding.class} ${finding.state}`);
      expect(states.toSorted()).toEqual([
        "orphan_draft VERIFIED",
        "status_missed PROPOSED",
        "voided_there VERIFIED",
      ]);
      const documents = async (payer: string | undefined) =>
        (await listProviderInvoices(server.stripe, payer ?? "")).map(
          ({ status, total }) => `${status} ${total}`,
        );
      expect(await documents(voided?.payer)).toEqual(["void 2034", "open 2034"]);
      expect(await documents(copied?.payer)).toEqual(["open 2034"]);
    } finally {
      await server.close();
      await database.drop();
    }
  },
  120_000,
);
