import type { AccountingKind } from "../../domain/accounting/accounting-document.ts";
import {
  type AccountingFormat,
  type DateFormat,
  headingsOf,
  toRows,
} from "../../domain/accounting/accounting-format.ts";
import type { AccountingFile } from "../../operations/open-accounting-file.ts";
import { writeRows } from "./csv-rows.ts";

interface AccountingCsv {
  readonly format: AccountingFormat;
  readonly kind: AccountingKind;
  readonly dates: DateFormat;
  /** Begins with the mark by which spreadsheets know UTF-8; importers take it for a part of the first heading. */
  readonly withByteOrderMark: boolean;
}

/** A file for an accounting system, some documents at a time: headings, then a row for each line. */
export async function* toAccountingCsv(
  { documents }: AccountingFile,
  { format, kind, dates, withByteOrderMark }: AccountingCsv,
): AsyncGenerator<string> {
  yield `${withByteOrderMark ? "\uFEFF" : ""}${writeRows([headingsOf(format, kind)])}`;
  for await (const some of documents()) {
    yield writeRows(some.flatMap((document) => toRows(format, document, dates)));
  }
}
