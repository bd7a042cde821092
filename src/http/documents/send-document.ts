import type { FastifyReply } from "fastify";
import type { InvoiceParts } from "../../operations/read-invoice-document.ts";
import { printPdf } from "../../platform/pdf/print-pdf.ts";
import type { Paper } from "../../platform/pdf/printable.ts";
import { toInvoiceCsv } from "./invoice-csv.ts";
import { toInvoicePrintable } from "./invoice-printable.ts";

/** An invoice as PDF. It bears the invoice's own time: the same invoice has the same bytes. */
export async function sendPdf(
  reply: FastifyReply,
  parts: InvoiceParts,
  paper: Paper,
): Promise<FastifyReply> {
  const { id, createdAt, finalizedAt } = parts.invoice.record;
  const pdf = await printPdf(toInvoicePrintable(parts), {
    paper,
    createdAt: finalizedAt ?? createdAt,
  });
  return reply
    .type("application/pdf")
    .header("content-disposition", `inline; filename="invoice-${id}.pdf"`)
    .send(pdf);
}

/** An invoice as a file for spreadsheets. */
export const sendCsv = (reply: FastifyReply, { invoice }: InvoiceParts): FastifyReply =>
  reply
    .type("text/csv; charset=utf-8")
    .header("content-disposition", `attachment; filename="invoice-${invoice.record.id}.csv"`)
    .send(toInvoiceCsv(invoice));
