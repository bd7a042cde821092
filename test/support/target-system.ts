import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/**
 * What becomes of the next document that is to be made: `lose` its effect is there and the answer is not,
 * `break` a 500 after the effect, `down` a 503 before it, `refuse` a 422, `hold` no answer
 * until it is asked for, `slow` a 503 after two seconds.
 */
export type Fault = "lose" | "break" | "down" | "refuse" | "hold" | "slow";

export interface TargetDocument {
  readonly id: string;
  readonly reference: string;
  readonly body: Record<string, unknown>;
}

/** A billing system as plain as they get: it keeps what is posted, and finds it by its reference. */
export interface TargetSystem {
  readonly url: string;
  readonly documents: TargetDocument[];
  readonly faults: Fault[];
  /** Whether the same Idempotency-Key has its effect once. */
  knowsKeys: boolean;
  /** How many answers are held back. */
  held(): number;
  close(): Promise<void>;
}

export async function startTargetSystem(): Promise<TargetSystem> {
  const documents: TargetDocument[] = [];
  const faults: Fault[] = [];
  const byKey = new Map<string, TargetDocument>();
  const held: ServerResponse[] = [];
  const answer = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

  function make(key: string, body: Record<string, unknown>): TargetDocument {
    const before = system.knowsKeys ? byKey.get(key) : undefined;
    if (before !== undefined) return before;
    const document = {
      id: `T-${randomUUID().slice(0, 8)}`,
      reference: String(body.reference),
      body,
    };
    documents.push(document);
    byKey.set(key, document);
    return document;
  }

  function post(key: string, body: Record<string, unknown>, response: ServerResponse): void {
    const fault = faults.shift();
    if (fault === "refuse") {
      answer(response, 422, { error: "customer is blocked" });
      return;
    }
    if (fault === "down") {
      answer(response, 503, { error: "try later" });
      return;
    }
    if (fault === "slow") {
      setTimeout(() => answer(response, 503, { error: "try later" }), 2000);
      return;
    }
    const document = make(key, body);
    if (fault === "lose") response.destroy();
    else if (fault === "break") answer(response, 500, { error: "oops" });
    else if (fault === "hold") held.push(response);
    else answer(response, 201, { id: document.id });
  }

  const server = createServer((request, response) => {
    json(request)
      .catch(() => ({}))
      .then((body) => {
        if (request.method === "POST") {
          const key = String(request.headers["idempotency-key"]);
          return post(key, body as Record<string, unknown>, response);
        }
        const { searchParams } = new URL(request.url ?? "", "http://target");
        const reference = searchParams.get("reference");
        answer(response, 200, { data: documents.filter((each) => each.reference === reference) });
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const system: TargetSystem = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/invoices`,
    documents,
    faults,
    knowsKeys: true,
    held: () => held.length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return system;
}
