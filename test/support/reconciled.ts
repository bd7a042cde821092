import { sql } from "kysely";
import type Stripe from "stripe";
import type { TestServer } from "./server.ts";

export interface ShownFinding {
  readonly id: string;
  readonly class: string;
  readonly severity: string;
  readonly invoice_id: string | null;
  readonly run_id: string | null;
  readonly external_id: string | null;
  readonly subject: string | null;
  readonly expected: Record<string, unknown>;
  readonly found: Record<string, unknown>;
  readonly repair: {
    readonly action: string;
    readonly description: string;
    readonly requests: readonly { readonly method: string; readonly path: string }[];
  };
  readonly state: string;
  readonly reason: string | null;
  readonly approved_by: string | null;
  readonly steps: readonly {
    readonly step: string;
    readonly outcome: string | null;
    readonly request: Record<string, unknown> & { readonly idempotency_key: string };
  }[];
}

export interface ShownReconciliation {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly checked: number;
  readonly documents: number;
  readonly automatic: readonly string[];
  readonly finding_counts: {
    readonly total: number;
    readonly by_class: Record<string, number>;
    readonly by_state: Record<string, number>;
  };
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly findings: readonly ShownFinding[];
}

/** Answers everything of a reconciliation, through all pages of its findings. */
export async function readReconciliation(
  server: Pick<TestServer, "send">,
  id: string,
): Promise<ShownReconciliation> {
  const findings: ShownFinding[] = [];
  let token: string | null = null;
  for (;;) {
    const page: string = token === null ? "" : `&next_page=${token}`;
    const { body } = await server.send("GET", `/v1/reconciliations/${id}?limit=25${page}`);
    findings.push(...body.data.findings);
    token = body.next_page;
    if (token === null) return { ...body.data, findings };
  }
}

/** From now on nothing that happens at the provider is told by webhooks. */
export async function loseWebhooks(stripe: Stripe): Promise<void> {
  for await (const { id } of stripe.webhookEndpoints.list()) await stripe.webhookEndpoints.del(id);
}

/** Makes a final invoice of Collect a draft again, as if it had never been finalized. */
export async function makeDraft(server: Pick<TestServer, "db">, id: string): Promise<void> {
  await sql`update collect.invoices set status = 'draft', finalized_at = null, number = null,
    amount_due_minor = null, starting_balance_minor = null, ending_balance_minor = null,
    billed_to = null, link_token = null, auto_advance = false, automatically_finalizes_at = null,
    attempted = false, attempt_count = 0, next_payment_attempt_at = null
    where id = ${id}`.execute(server.db);
  await sql`delete from collect.invoice_payments where invoice = ${id}`.execute(server.db);
}
