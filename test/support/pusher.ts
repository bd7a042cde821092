import { expect, vi } from "vitest";
import type { Invoice } from "./billing.ts";
import { type Child, spawnNode } from "./child.ts";
import type { TestServer } from "./server.ts";
import type { TargetSystem } from "./target-system.ts";

const SECRET = "a secret of ours";

/** The script of docs/any-system.md as a program of its own, which webhooks reach and tests kill. */
export interface Pusher {
  /** Starts it: the first time on a free port that webhooks are sent to from then on, later on the same one. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Where its webhooks go. */
  hook(): string;
}

/** A pusher between the server and the target, which it reaches under these addresses, for one connection. */
export function openPusher(
  server: TestServer,
  connection: string,
  at: { readonly core: string; readonly target: string },
): Pusher {
  let child: Child | undefined;
  let port = 0;
  const hook = () => `http://127.0.0.1:${port}/`;
  return {
    hook,
    async start() {
      const isFirst = port === 0;
      child = spawnNode(["examples/push-invoices/main.ts"], {
        ...process.env,
        LEDGERLINE_URL: at.core,
        LEDGERLINE_TOKEN: server.sandboxToken,
        CONNECTION_ID: connection,
        WEBHOOK_SECRET: SECRET,
        TARGET_URL: at.target,
        SWEEP_SECONDS: "0.2",
        PORT: String(port),
      });
      port = JSON.parse(await child.line()).port;
      if (!isFirst) return;
      await server.send("POST", "/v1/webhook-endpoints", { url: hook(), secret: SECRET });
    },
    async kill() {
      await child?.kill("SIGKILL");
    },
  };
}

/** What is known here of an invoice's document elsewhere. */
export async function externalOf({ metronome }: TestServer, { customer_id, id }: Invoice) {
  const { data } = await metronome.v1.customers.invoices.retrieve({ customer_id, invoice_id: id });
  return data.external_invoice;
}

/** Waits until the invoice is written back, and answers as what. */
export const written = (server: TestServer, invoice: Invoice) =>
  vi.waitFor(
    async () => {
      const external = await externalOf(server, invoice);
      expect(external?.external_status).not.toBe("QUEUED");
      return external;
    },
    { timeout: 20_000, interval: 50 },
  );

/** One document at the target, and written back as that one. */
export async function expectOneDocument(
  server: TestServer,
  target: TargetSystem,
  invoice: Invoice,
): Promise<void> {
  const external = await written(server, invoice);
  const documents = target.documents.filter(({ reference }) => reference === invoice.id);
  expect(documents).toHaveLength(1);
  expect(external).toMatchObject({ external_status: "FINALIZED", invoice_id: documents[0]?.id });
}
