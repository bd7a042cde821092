// Pushes finalized invoices into any system with an HTTP API: docs/any-system.md. Node.js 22.18 or newer.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { call, Refusal, type Request } from "./call.ts";
import { type Invoice, toDocument } from "./to-document.ts";

const { LEDGERLINE_URL = "http://127.0.0.1:4400", LEDGERLINE_TOKEN, PORT = "4500" } = process.env;
const { WEBHOOK_SECRET = "", TARGET_URL = "", TARGET_TOKEN, SWEEP_SECONDS = "60" } = process.env;
/** The connection whose invoices are pushed; needed where there is more than one such system. */
const { CONNECTION_ID } = process.env;
for (const name of ["LEDGERLINE_TOKEN", "WEBHOOK_SECRET", "TARGET_URL"])
  if (!process.env[name]) throw new Error(`${name} is not set`);

const ours = <T>(path: string, request: Request = {}) =>
  call<T>(LEDGERLINE_URL + path, { token: LEDGERLINE_TOKEN, ...request });
const theirs = <T>(query: string, request: Request = {}) =>
  call<T>(TARGET_URL + query, { token: TARGET_TOKEN, ...request });

/** The other system's document of an invoice: looked for before it is made, under a key of its own. */
async function makeDocument(document: { readonly reference: string }): Promise<string> {
  const { reference: key } = document;
  const [found] = (await theirs<{ data: { id: string }[] }>(`?reference=${key}`)).data;
  return (found ?? (await theirs<{ id: string }>("", { method: "POST", body: document, key }))).id;
}

interface Announced {
  readonly customer_id: string;
  readonly invoice_id: string;
}

/** Invoices that wait for us, a page of them. */
const waiting = (query: string) =>
  ours<{ data: Announced[]; next_page: string | null }>(
    `/v1/runs?provider=custom&status=QUEUED${CONNECTION_ID ? `&connection_id=${CONNECTION_ID}` : ""}${query}`,
  );

/** May be repeated, and die at any point: nothing is made twice, and what is undone is done by the next sweep. */
async function push({ customer_id, invoice_id: id }: Announced): Promise<void> {
  // Another system's, or done: the webhook comes to all, and more than once.
  if ((await waiting(`&invoice_id=${id}`)).data.length === 0) return;
  const { data } = await ours<{ data: Invoice }>(`/v1/customers/${customer_id}/invoices/${id}`);
  const { document, total } = toDocument(data);
  const told = await makeDocument(document).then(
    (external_id) => ({ external_id, status: "FINALIZED", total }),
    (error: unknown) => {
      if (error instanceof Refusal)
        return { status: "INVALID_REQUEST_ERROR", error: error.message };
      throw error;
    },
  );
  await ours(`/v1/invoices/${id}/external-invoice`, { method: "PUT", body: told });
}

let queue = Promise.resolve();
/** One after the other; what fails is logged and waits for the next sweep. */
function enqueue(work: () => Promise<void>): void {
  queue = queue.then(work).catch((error: unknown) => console.error(String(error)));
}

/** Everything that waits, whether its webhook came or not: at the start, and from time to time. */
async function sweep(page = ""): Promise<void> {
  const runs = await waiting(page);
  for (const run of runs.data) enqueue(() => push(run));
  if (runs.next_page !== null) await sweep(`&next_page=${runs.next_page}`);
}

/** HMAC-SHA256 over date, line feed and raw body; a date of more than five minutes ago is a replay. */
function isGenuine(body: Buffer, headers: IncomingMessage["headers"]): boolean {
  const date = String(headers["x-metronome-date"]);
  const signed = createHmac("sha256", WEBHOOK_SECRET).update(`${date}\n`).update(body).digest();
  const given = Buffer.from(String(headers["metronome-webhook-signature"]), "hex");
  const isRecent = Math.abs(Date.now() - Date.parse(date)) < 300_000;
  return isRecent && given.length === signed.length && timingSafeEqual(given, signed);
}

/** Answers at once and works afterwards: what is lost in between is taken up by the next sweep. */
async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const isOurs = isGenuine(body, request.headers);
  response.writeHead(isOurs ? 204 : 401).end();
  if (!isOurs) return;
  const { type, properties } = JSON.parse(body.toString("utf8"));
  if (type === "invoice.finalized") enqueue(() => push(properties));
}

const server = createServer((request, response) => {
  receive(request, response).catch((error: unknown) => console.error(String(error)));
});
server.listen(Number(PORT), () => console.log(JSON.stringify(server.address())));
/** The next sweep is timed when the work of this one is over, so that nothing piles up while a side is down. */
function keepSweeping(): void {
  const later = async () => void setTimeout(keepSweeping, Number(SWEEP_SECONDS) * 1000);
  enqueue(() => sweep().finally(() => enqueue(later)));
}
keepSweeping();
