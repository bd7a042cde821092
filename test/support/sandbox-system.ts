import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { DocumentLine, SystemDocument } from "../../src/providers/sandbox/document.ts";

/** The ways in which the system can be told to fail at a call. */
export const FAILURES = [
  /** 400, kept under the key and repeated for it. */
  "refuse",
  "unauthorized",
  /** 429 with Retry-After. */
  "throttle",
  /** 409: somebody else has the document. */
  "lock",
  /** 500, without and with the effect. */
  "break-before",
  "break-after",
  /** The connection is cut, without and with the effect. */
  "cut-before",
  "cut-after",
  /** A page instead of JSON, after the effect. */
  "page-after",
] as const;

export type Failure = (typeof FAILURES)[number];

export interface SandboxSystem {
  readonly url: string;
  readonly token: string;
  readonly webhookSecret: string;
  readonly documents: Map<string, SystemDocument>;
  /** Lets the next calls of this method fail in this way, so many of them. */
  fail(failure: Failure, method: "GET" | "POST", times?: number): void;
  /** Somebody changes a document over there. */
  edit(id: string, changes: Partial<SystemDocument>): void;
  remove(id: string): void;
  /** Somebody copies a document: a second one of the same reference. */
  duplicate(id: string): string;
  /** Lets it work again. */
  mend(): void;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const refusal = (status: number, code: string): Reply => ({
  status,
  body: { error: { code, message: `Refused: ${code}` } },
});

/** A document system as docs/providers.md describes it, over HTTP only. */
export async function startSandboxSystem(): Promise<SandboxSystem> {
  const token = `token_${randomUUID()}`;
  const webhookSecret = `secret_${randomUUID()}`;
  const documents = new Map<string, SystemDocument>();
  const replies = new Map<string, Reply>();
  const failing: { failure: Failure; method: string }[] = [];

  function change(id: string, changes: Partial<SystemDocument>): Reply {
    const found = documents.get(id);
    if (found === undefined) return refusal(404, "not_found");
    const document = { ...found, ...changes };
    documents.set(id, document);
    return { status: 200, body: document };
  }

  function addLines(id: string, lines: readonly DocumentLine[]): Reply {
    const found = documents.get(id);
    if (found?.status !== "draft") return refusal(found ? 400 : 404, "not_a_draft");
    const all = [...found.lines, ...lines];
    const total = all.reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n);
    return change(id, { lines: all, total_minor: String(total) });
  }

  function create({ reference, payer, currency }: Readonly<Record<string, string>>): Reply {
    if (!reference || !payer || !currency) return refusal(400, "field_missing");
    const id = `doc_${randomUUID()}`;
    documents.set(id, {
      id,
      reference,
      payer,
      currency,
      status: "draft",
      number: null,
      lines: [],
      total_minor: "0",
      created_at: "2024-02-02T00:00:00Z",
    });
    return { status: 201, body: documents.get(id) };
  }

  function write(path: string, body: Readonly<Record<string, never>>): Reply {
    const [, , id = "", action] = path.split("/");
    if (path === "/documents") return create(body);
    if (path === "/webhooks") return { status: 200, body: { secret: webhookSecret } };
    if (action === "lines") return addLines(id, body.lines ?? []);
    if (action === "finalize") return change(id, { status: "open", number: "D-1" });
    return refusal(404, "not_found");
  }

  function read(url: URL): Reply {
    if (url.pathname === "/documents") {
      const reference = url.searchParams.get("reference");
      const found = [...documents.values()].filter((each) => each.reference === reference);
      return { status: 200, body: { documents: found } };
    }
    const document = documents.get(decodeURIComponent(url.pathname.split("/")[2] ?? ""));
    return document === undefined ? refusal(404, "not_found") : { status: 200, body: document };
  }

  /** The reply, and whether it only repeats the one that its key was given before. */
  function handle(
    request: IncomingMessage,
    text: string,
  ): Reply & { readonly isRepeated: boolean } {
    const url = new URL(request.url ?? "", "http://system");
    if (request.method === "GET") return { ...read(url), isRepeated: false };
    const key = String(request.headers["idempotency-key"]);
    const before = replies.get(key);
    if (before !== undefined) return { ...before, isRepeated: true };
    const reply = write(url.pathname, text === "" ? {} : JSON.parse(text));
    replies.set(key, reply);
    return { ...reply, isRepeated: false };
  }

  function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${token}`) {
      return void send(401, { error: { code: "token_unknown", message: "Who is that?" } });
    }
    const index = failing.findIndex(({ method }) => method === request.method);
    const failure = index < 0 ? undefined : failing.splice(index, 1)[0]?.failure;
    if (failure === "refuse") {
      const reply = refusal(400, "invalid_document");
      replies.set(String(request.headers["idempotency-key"]), reply);
      return void send(reply.status, reply.body);
    }
    if (failure === "unauthorized") {
      return void send(401, { error: { code: "token_revoked", message: "No longer" } });
    }
    if (failure === "throttle") return void send(429, {}, { "retry-after": "1" });
    if (failure === "lock") {
      return void send(409, { error: { code: "locked", message: "Somebody has it" } });
    }
    if (failure === "break-before") return void send(500, {});
    if (failure === "cut-before") return void request.socket.destroy();
    const { status, body, isRepeated } = handle(request, text);
    if (failure === "break-after") return void send(500, {});
    if (failure === "cut-after") return void request.socket.destroy();
    if (failure === "page-after") {
      return void response.writeHead(200, { "content-type": "text/html" }).end("<html>");
    }
    send(status, body, isRepeated ? { "idempotent-replayed": "true" } : {});
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString("utf8")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    webhookSecret,
    documents,
    fail(failure, method, times = 1) {
      for (let n = 0; n < times; n += 1) failing.push({ failure, method });
    },
    edit: (id, changes) => void change(id, changes),
    remove: (id) => void documents.delete(id),
    duplicate(id) {
      const copy = `doc_${randomUUID()}`;
      const found = documents.get(id);
      if (found !== undefined) documents.set(copy, { ...found, id: copy });
      return copy;
    },
    mend: () => void failing.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
