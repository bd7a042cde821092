import PDFDocument from "pdfkit";
import { openFonts } from "./fonts/faces.ts";
import type { Weight } from "./fonts/noto.ts";
import { type NumberColumn, roomAfter, toNumberColumns } from "./number-columns.ts";
import { BLACK, frameOf, GREY, MARGIN, SIZE } from "./page-frame.ts";
import { printHeading, printStamp } from "./print-heading.ts";
import type { Paper, Printable, PrintableLine, PrintableTotal } from "./printable.ts";
import { type Canvas, heightOf, writeText } from "./write-text.ts";

export interface PrintOptions {
  readonly paper: Paper;
  /** ISO instant that the document carries as its own: the same document has the same bytes. */
  readonly createdAt: string;
}

type Table = Canvas & { readonly columns: ReturnType<typeof toNumberColumns> };
type Cells = Pick<PrintableLine, "quantity" | "unitPrice" | "amount">;

/** From the right. */
const CELLS = ["amount", "unitPrice", "quantity"] as const;
const GAP = 10;
const HEAD: Cells = { quantity: "Quantity", unitPrice: "Unit price", amount: "Amount" };

/** The description takes what the numbers leave. */
const descriptionWidth = ({ doc, columns }: Table): number =>
  frameOf(doc).width - columns.quantity.width - columns.unitPrice.width - columns.amount.width - 10;

function numbers(table: Table, y: number, cells: Cells, weight: Weight): void {
  const { doc, columns } = table;
  const frame = frameOf(doc);
  const widthOf = (text: string) => doc.widthOfString(text);
  let right = frame.left + frame.width;
  for (const cell of CELLS) {
    const column: NumberColumn = columns[cell];
    const left = right - column.width;
    const indent = column.wraps ? GAP : 0;
    const room = roomAfter(cells[cell], column, widthOf);
    const box = { x: left + indent, y, width: column.width - indent - room } as const;
    writeText(table, cells[cell], { ...box, align: "right" }, weight);
    right = left;
  }
}

function rule(doc: PDFKit.PDFDocument): void {
  const { left, width } = frameOf(doc);
  doc
    .moveTo(left, doc.y)
    .lineTo(left + width, doc.y)
    .lineWidth(0.5)
    .strokeColor("#bbbbbb")
    .stroke();
  doc.y += 4;
}

function tableHead(table: Table): void {
  const { doc } = table;
  const y = doc.y;
  doc.fillColor(GREY);
  writeText(table, "Description", { x: MARGIN, y, width: descriptionWidth(table) }, "bold");
  numbers(table, y, HEAD, "bold");
  doc.y = y + SIZE + 6;
  rule(doc);
}

/** How high the numbers of a line are: more than one line of text when a column is too narrow. */
const numbersHeight = (table: Table, cells: Cells): number =>
  Math.max(
    0,
    ...CELLS.filter((cell) => table.columns[cell].wraps).map((cell) =>
      heightOf(table, cells[cell], table.columns[cell].width - GAP, "regular"),
    ),
  );

/** A new page when what comes next, of this height, has no place on this one. */
function turnPage(table: Table, height: number): void {
  const { doc } = table;
  if (doc.y + height <= frameOf(doc).bottom) return;
  doc.addPage();
  doc.y = MARGIN;
  tableHead(table);
}

function groupHead(table: Table, { title, detail }: NonNullable<PrintableLine["heading"]>): void {
  const { doc } = table;
  const { left: x, width } = frameOf(doc);
  doc.y += 4;
  doc.fillColor(BLACK);
  writeText(table, title, { x, y: doc.y, width }, "bold");
  if (detail !== "") {
    doc.fillColor(GREY);
    writeText(table, detail, { x, y: doc.y, width }, "regular");
  }
  doc.y += 2;
}

function tableLine(table: Table, line: PrintableLine): void {
  const { doc } = table;
  const { left: x, width } = frameOf(doc);
  const first = descriptionWidth(table);
  const high = (text: string, room: number, weight: Weight = "regular") =>
    text === "" ? 0 : heightOf(table, text, room, weight);
  const text = heightOf(table, line.description, first, "regular");
  const detail = high(line.detail, first);
  const { heading } = line;
  const above =
    heading === undefined
      ? 0
      : high(heading.title, width, "bold") + high(heading.detail, width) + 6;
  const below = Math.max(text + detail, numbersHeight(table, line)) + 6;
  turnPage(table, above + below);
  if (heading !== undefined) groupHead(table, heading);
  const y = doc.y;
  doc.fillColor(BLACK);
  writeText(table, line.description, { x, y, width: first }, "regular");
  numbers(table, y, line, "regular");
  if (detail > 0) {
    doc.fillColor(GREY);
    writeText(table, line.detail, { x, y: y + text, width: first }, "regular");
  }
  doc.y = y + below;
}

function totals(table: Table, rows: readonly PrintableTotal[]): void {
  const { doc, columns } = table;
  rule(doc);
  for (const { label, amount, strong } of rows) {
    const { left, width, bottom } = frameOf(doc);
    if (doc.y + SIZE + 6 > bottom) {
      doc.addPage();
      doc.y = MARGIN;
    }
    const y = doc.y;
    const weight = strong ? "bold" : "regular";
    const amountWidth = Math.max(columns.amount.width, doc.widthOfString(amount) + 10);
    doc.fillColor(BLACK);
    const box = { x: left, y, width: width - amountWidth - 10, align: "right" } as const;
    writeText(table, label, box, weight);
    const after = doc.y;
    const end = { x: left + width - amountWidth, y, width: amountWidth, align: "right" } as const;
    writeText(table, amount, end, weight);
    doc.y = Math.max(after, doc.y) + 4;
  }
}

function* textsOf({ title, from, to, facts, lines, totals: rows, notes, marks }: Printable) {
  yield* [title, ...from, ...to, ...notes, ...marks];
  for (const { label, value } of facts) yield* [label, value];
  for (const { heading, description, detail, quantity, unitPrice, amount } of lines) {
    yield* [heading?.title ?? "", description, detail, quantity, unitPrice, amount];
  }
  for (const { label, amount } of rows) yield* [label, amount];
}

/**
 * Prints a document as PDF, on as many pages as it takes, with the table's head on each. The fonts are
 * embedded; docs/documents.md says which scripts they cover.
 */
export async function printPdf(
  printable: Printable,
  { paper, createdAt }: PrintOptions,
): Promise<Buffer> {
  const fonts = await openFonts(textsOf(printable));
  const doc = new PDFDocument({
    size: paper,
    margin: MARGIN,
    info: {
      Title: printable.title,
      CreationDate: new Date(createdAt),
      ModDate: new Date(createdAt),
    },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    doc.on("data", (chunk: Buffer) => chunks.push(chunk));
    doc.on("end", resolve);
    doc.on("error", reject);
  });
  const canvas: Canvas = { doc, fonts, size: SIZE };
  const { stamp } = printable;
  if (stamp !== undefined) {
    printStamp(canvas, stamp);
    doc.on("pageAdded", () => printStamp(canvas, stamp));
  }
  printHeading(canvas, printable);
  doc.fontSize(SIZE);
  const columns = toNumberColumns(printable.lines, (text) => doc.widthOfString(text));
  const table: Table = { ...canvas, columns };
  tableHead(table);
  for (const line of printable.lines) tableLine(table, line);
  totals(table, printable.totals);
  const { left: x, width } = frameOf(doc);
  for (const note of printable.notes) {
    doc.moveDown(1).fillColor(BLACK);
    writeText(canvas, note, { x, y: doc.y, width }, "regular");
  }
  doc.end();
  await done;
  return Buffer.concat(chunks);
}
