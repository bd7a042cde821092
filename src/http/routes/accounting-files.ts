import { Readable } from "node:stream";
import { type Static, Type } from "typebox";
import type { CoreDb } from "../../db/database.ts";
import { DEFAULT_PARAMETERS, isUnwritable } from "../../domain/accounting/accounting-codes.ts";
import type { AccountingCodes } from "../../domain/accounting/accounting-document.ts";
import { type AccountingFormat, DATE_FORMATS } from "../../domain/accounting/accounting-format.ts";
import {
  ACCOUNTING_FORMAT_NAMES,
  ACCOUNTING_FORMATS,
} from "../../domain/accounting/formats/index.ts";
import { findCreditType } from "../../domain/credit-type.ts";
import { invalid } from "../../errors.ts";
import { CREDIT_NOTES, INVOICES } from "../../operations/accounting-sources.ts";
import type { Services } from "../../operations/context.ts";
import {
  type AccountingRequest,
  LEAVABLE,
  type Leavable,
  openAccountingFile,
} from "../../operations/open-accounting-file.ts";
import { toAccountingCsv } from "../documents/accounting-csv.ts";
import { fromInvoiceToken, toInvoiceToken } from "../invoice-page-token.ts";
import { toOperationContext } from "../request-context.ts";
import {
  EnumField,
  IdField,
  InstantField,
  ListField,
  ObjectField,
  splitList,
  TextField,
} from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

/** With the digits of an id it fits into the shortest field of a document's number. */
const PREFIX = { default: "LL-", max: 5, form: /^([A-Za-z0-9][A-Za-z0-9._/#-]*)?$/ };

const fileQuery = ObjectField({
  format: EnumField(ACCOUNTING_FORMAT_NAMES),
  starting_on: InstantField(),
  ending_before: InstantField(),
  documents: Type.Optional(EnumField(["INVOICES", "CREDIT_NOTES", "ISSUED_CREDIT_NOTES"])),
  status: Type.Optional(EnumField(["FINALIZED", "VOID"])),
  imported: Type.Optional(Type.Boolean()),
  customer_id: Type.Optional(IdField()),
  credit_type_id: Type.Optional(IdField()),
  default_item: Type.Optional(TextField({ max: 200 })),
  default_account_code: Type.Optional(TextField({ max: 200 })),
  default_tax_type: Type.Optional(TextField({ max: 200 })),
  number_prefix: Type.Optional(TextField({ min: 0, max: PREFIX.max })),
  net_terms_days: Type.Optional(Type.Integer({ minimum: 0, maximum: 365 })),
  zero_lines: Type.Optional(EnumField(["DROP", "SEND"])),
  leave_out: Type.Optional(ListField()),
  date_format: Type.Optional(EnumField(DATE_FORMATS)),
  byte_order_mark: Type.Optional(Type.Boolean()),
  next_page: Type.Optional(TextField({ max: 512 })),
});

type FileQuery = Static<typeof fileQuery>;

const isLeavable = (word: string): word is Leavable =>
  (LEAVABLE as readonly string[]).includes(word);

function readLeaveOut(query: FileQuery): ReadonlySet<Leavable> {
  const words = splitList(query.leave_out?.toLowerCase());
  const unknown = words.find((word) => !isLeavable(word));
  if (unknown !== undefined) {
    throw invalid(`leave_out must be some of ${LEAVABLE.join(", ")}`, "leave_out");
  }
  if (query.documents === "CREDIT_NOTES" && words.includes("negative_totals")) {
    throw invalid("leave_out: credit notes are the negative totals", "leave_out");
  }
  if (query.documents === "ISSUED_CREDIT_NOTES" && words.some((word) => word !== "taxed")) {
    throw invalid("leave_out: issued credit notes are neither below zero nor on hold", "leave_out");
  }
  return new Set(words.filter(isLeavable));
}

function readDefaults(query: FileQuery, format: AccountingFormat): AccountingCodes {
  const defaults = {
    item: query.default_item ?? null,
    accountCode: query.default_account_code ?? null,
    taxType: query.default_tax_type ?? null,
  };
  for (const code of ["item", "accountCode", "taxType"] as const) {
    const given = defaults[code];
    if (given === null) continue;
    const name = DEFAULT_PARAMETERS[code];
    if (format.codes[code] === "none") {
      throw invalid(`${name}: a file for ${format.title} has no column for it`, name);
    }
    if (isUnwritable(given)) {
      throw invalid(
        `${name} must not be blank, nor begin as a formula of a spreadsheet does`,
        name,
      );
    }
  }
  return defaults;
}

/** What is asked for, checked. Throws AppError (invalid), naming the parameter. */
function readRequest(query: FileQuery): AccountingRequest {
  const format = ACCOUNTING_FORMATS[query.format];
  const { documents = "INVOICES" } = query;
  const isCreditNotes = documents !== "INVOICES";
  if (Date.parse(query.starting_on) >= Date.parse(query.ending_before)) {
    throw invalid("ending_before must be after starting_on", "ending_before");
  }
  if (query.credit_type_id !== undefined && findCreditType(query.credit_type_id) === undefined) {
    throw invalid("credit_type_id must be that of a currency", "credit_type_id");
  }
  if (query.number_prefix !== undefined && !PREFIX.form.test(query.number_prefix)) {
    const message =
      "number_prefix must be letters, digits and . _ / # - alone, and begin with a letter or digit";
    throw invalid(message, "number_prefix");
  }
  if (isCreditNotes && query.net_terms_days !== undefined) {
    throw invalid("net_terms_days: credit notes are not due", "net_terms_days");
  }
  if (documents === "ISSUED_CREDIT_NOTES" && query.zero_lines !== undefined) {
    throw invalid("zero_lines: issued credit notes have no lines of zero", "zero_lines");
  }
  return {
    source: documents === "ISSUED_CREDIT_NOTES" ? CREDIT_NOTES : INVOICES,
    format,
    kind: isCreditNotes ? "credit_note" : "invoice",
    filter: {
      status: query.status ?? "FINALIZED",
      imported: query.imported ?? false,
      startingOn: query.starting_on,
      endingBefore: query.ending_before,
      customerId: query.customer_id,
      creditTypeId: query.credit_type_id,
    },
    defaults: readDefaults(query, format),
    numberPrefix: query.number_prefix ?? PREFIX.default,
    withZeroLines: query.zero_lines === "SEND",
    netTermsDays: query.net_terms_days ?? 0,
    leaveOut: readLeaveOut(query),
    after: fromInvoiceToken(query.next_page),
  };
}

const fileName = (query: FileQuery): string =>
  [query.documents ?? "INVOICES", query.format, query.starting_on.slice(0, 10)]
    .join("-")
    .toLowerCase()
    .replaceAll("_", "-");

export interface AccountingFileDeps {
  readonly db: CoreDb;
  readonly services: Services;
}

/** Invoices as a file that an accounting system imports (docs/accounting-files.md). */
export function addAccountingFileRoutes(
  http: CoreServer,
  { db, services }: AccountingFileDeps,
): void {
  http.route({
    method: "GET",
    url: "/v1/invoices/accounting-file",
    config: { plain: true },
    schema: {
      tags: ["invoices"],
      summary: "Final invoices as a CSV file that an accounting system imports",
      querystring: fileQuery,
    },
    handler: async (request, reply) => {
      const { query } = request;
      const ctx = await toOperationContext(request, db, services);
      const asked = readRequest(query);
      const file = await openAccountingFile(ctx, asked);
      const next = toInvoiceToken(file.next);
      if (next !== null) reply.header("x-next-page", next);
      const csv = toAccountingCsv(file, {
        format: asked.format,
        kind: asked.kind,
        dates: query.date_format ?? asked.format.dateFormat,
        withByteOrderMark: query.byte_order_mark ?? false,
      });
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", `attachment; filename="${fileName(query)}.csv"`)
        .header("x-document-count", file.documentCount)
        .header("x-row-count", file.rowCount)
        .header("x-left-out-count", file.leftOutCount)
        .send(Readable.from(csv));
    },
  });
}
