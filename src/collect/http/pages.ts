import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../errors.ts";
import { DOCUMENT_STYLE } from "../../platform/html/document-style.ts";
import { printPdf } from "../../platform/pdf/print-pdf.ts";
import type { Printable } from "../../platform/pdf/printable.ts";
import { processorOf } from "../domain/processor.ts";
import { type CollectContext, frameScope, inFrame, inSnapshot } from "../in-scope.ts";
import {
  renderCreditNote,
  renderNoteLines,
} from "../operations/credit-notes/render-credit-note.ts";
import { answerApproval, asksApproval, payWithCard } from "../operations/pay-on-page.ts";
import { renderInvoice } from "../operations/render-invoice.ts";
import { toInvoicePrintable } from "../pages/invoice-printable.ts";
import { toNotePrintable } from "../pages/note-printable.ts";
import { CARDS, renderPage, renderProblem } from "../pages/render-page.ts";
import type { Scope } from "../scope.ts";
import { toInvoiceLine } from "../serializers/to-invoice-line.ts";
import { getCreditNote, listLinesOfNotes } from "../store/credit-notes.ts";
import { listAllLines } from "../store/invoice-lines.ts";
import { getInvoice } from "../store/invoices.ts";
import { findLinked, type LinkedDocument } from "../store/linked-documents.ts";
import { toErrorReply } from "./error-body.ts";
import { onRequestClock } from "./request-clock.ts";

const STYLE = DOCUMENT_STYLE + readFileSync(join(import.meta.dirname, "../pages/page.css"), "utf8");

/** Countries whose printers hold Letter paper. */
const LETTER = new Set(["US", "CA", "MX", "PH", "CL", "CO", "VE"]);

/** Nothing from elsewhere, no scripts, in no frame, in no search engine and no cache. */
const protect = (reply: FastifyReply): FastifyReply =>
  reply
    .header(
      "content-security-policy",
      "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    .header("x-content-type-options", "nosniff")
    .header("x-robots-tag", "noindex")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "no-store");

const noSuchPage = (): AppError =>
  new AppError("not_found", "resource_missing", "There is no such page.");

async function locate(
  context: CollectContext,
  table: "invoices" | "credit_notes",
  request: FastifyRequest,
): Promise<LinkedDocument> {
  const { token = "" } = request.params as { token?: string };
  const found = /^[\w-]{16,100}$/.test(token)
    ? await findLinked(context.db, table, token)
    : undefined;
  if (found === undefined) throw noSuchPage();
  return found;
}

/** An invoice with all that its page shows. */
async function readInvoice(scope: Scope, id: string, kind: "invoice" | "receipt") {
  const row = await getInvoice(scope, id);
  const invoice = await renderInvoice(scope, row);
  const lines = (await listAllLines(scope, id)).map(toInvoiceLine);
  return {
    invoice,
    asksApproval: await asksApproval(scope, row),
    printable: toInvoicePrintable(invoice, lines, scope.account, kind),
    country: scope.account.country,
  };
}

const reading = async <Result>(
  context: CollectContext,
  owner: LinkedDocument,
  read: (scope: Scope) => Promise<Result>,
): Promise<Result> => inSnapshot(context, await frameScope(context, owner), read);

async function sendPdf(
  reply: FastifyReply,
  printable: Printable,
  { name, created, country }: { name: string; created: number; country: string | null },
): Promise<FastifyReply> {
  const pdf = await printPdf(printable, {
    paper: LETTER.has(country ?? "") ? "LETTER" : "A4",
    createdAt: new Date(created * 1000).toISOString(),
  });
  return protect(reply)
    .type("application/pdf")
    .header("content-disposition", `inline; filename="${name.replace(/[^\w.-]/g, "_")}.pdf"`)
    .send(pdf);
}

/** What the address says of a payment that was just made. */
const MESSAGES = {
  paid: { text: "Thank you, the invoice is paid.", good: true },
  declined: { text: "The card was declined. Try another one.", good: false },
  approval: { text: "Your approval is needed to pay.", good: false },
  refused: { text: "The payment was not approved. Nothing was charged.", good: false },
} as const;

const messageOf = (request: FastifyRequest) => {
  const { outcome } = request.query as { outcome?: string };
  return outcome !== undefined && Object.hasOwn(MESSAGES, outcome)
    ? MESSAGES[outcome as keyof typeof MESSAGES]
    : undefined;
};

/** Pays as the form says; what a declined card leaves behind is kept, as with any attempt. */
async function pay(
  context: CollectContext,
  found: LinkedDocument,
  form: URLSearchParams,
): Promise<keyof typeof MESSAGES> {
  const about = { template: "/i/:token/pay", path: { invoice: found.id }, params: {} };
  const frame = await frameScope(context, await onRequestClock(context, found, about));
  return inFrame(context, frame, async (scope) => {
    if (!processorOf(scope).collects) throw noSuchPage();
    const approval = form.get("approval");
    const card = CARDS.find(([id]) => id === form.get("card"))?.[0];
    if (approval === null && card === undefined) {
      throw new AppError("invalid", "invalid_argument", "Choose one of the cards on the page.");
    }
    const { problem } = await (card !== undefined
      ? payWithCard(scope, found.id, card)
      : answerApproval(scope, found.id, approval === "given"));
    if (problem === undefined) return "paid";
    if (approval !== null && approval !== "given") return "refused";
    return (await asksApproval(scope, await getInvoice(scope, found.id))) ? "approval" : "declined";
  });
}

/**
 * Pages for customers, behind links that cannot be guessed: the invoice, its PDF and receipt, the PDF of a
 * credit note, and in test mode a way to pay. Everything is relative to `/i/`, wherever that is served.
 */
export function addPages(server: FastifyInstance, context: CollectContext): void {
  server.register(async (pages) => {
    pages.setErrorHandler((error, request, reply) => {
      const { status, body } = toErrorReply(error, request.id);
      if (status >= 500) context.logger.error({ err: error, requestId: request.id }, "page failed");
      const page = renderProblem(String(body.error.message));
      return protect(reply).code(status).type("text/html; charset=utf-8").send(page);
    });
    addPageRoutes(pages, context);
  });
}

function addPageRoutes(server: FastifyInstance, context: CollectContext): void {
  server.get("/i/page.css", async (_request, reply) => protect(reply).type("text/css").send(STYLE));
  server.get("/i/:token", async (request, reply) => {
    const found = await locate(context, "invoices", request);
    const {
      invoice,
      printable,
      asksApproval: asks,
    } = await reading(context, found, (scope) => readInvoice(scope, found.id, "invoice"));
    const isOpen = invoice.status === "open" || invoice.status === "uncollectible";
    const page = renderPage(printable, {
      token: (request.params as { token: string }).token,
      canPay: isOpen && processorOf(found).collects,
      asksApproval: asks && processorOf(found).collects,
      isPaid: invoice.status === "paid",
      message: messageOf(request),
    });
    return protect(reply).type("text/html; charset=utf-8").send(page);
  });
  for (const kind of ["pdf", "receipt"] as const) {
    server.get(`/i/:token/${kind}`, async (request, reply) => {
      const found = await locate(context, "invoices", request);
      const { invoice, printable, country } = await reading(context, found, (scope) =>
        readInvoice(scope, found.id, kind === "pdf" ? "invoice" : "receipt"),
      );
      if (kind === "receipt" && invoice.status !== "paid") throw noSuchPage();
      const name = `${kind === "pdf" ? "Invoice" : "Receipt"}-${invoice.number}`;
      return sendPdf(reply, printable, { name, created: invoice.created, country });
    });
  }
  server.get("/i/notes/:token/pdf", async (request, reply) => {
    const found = await locate(context, "credit_notes", request);
    const { note, printable, country } = await reading(context, found, async (scope) => {
      const row = await getCreditNote(scope, found.id);
      const shown = await renderCreditNote(scope, row);
      const lines = (await listLinesOfNotes(scope, [row.id])).get(row.id) ?? [];
      const invoice = await renderInvoice(scope, await getInvoice(scope, row.invoice));
      const rendered = await renderNoteLines(scope, lines);
      const document = toNotePrintable(shown, rendered, invoice, scope.account);
      return { note: shown, printable: document, country: scope.account.country };
    });
    return sendPdf(reply, printable, {
      name: `CreditNote-${note.number}`,
      created: note.created,
      country,
    });
  });
  server.post("/i/:token/pay", async (request, reply) => {
    const found = await locate(context, "invoices", request);
    const form = new URLSearchParams(typeof request.body === "string" ? request.body : "");
    const outcome = await pay(context, found, form);
    const { token } = request.params as { token: string };
    return reply.redirect(`../${token}?outcome=${outcome}`, 303);
  });
}
