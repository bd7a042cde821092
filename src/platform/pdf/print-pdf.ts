import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import PDFDocument from "pdfkit";
import type { Paper, Printable, PrintableLine } from "./printable.ts";

const FONTS = join(
  dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")),
  "ttf",
);
const REGULAR = join(FONTS, "DejaVuSans.ttf");
const BOLD = join(FONTS, "DejaVuSans-Bold.ttf");

const MARGIN = 50;
const SIZE = 9;
const GREY = "#555555";
const BLACK = "#111111";
/** Widths of quantity, unit price and amount; the description takes what is left. */
const COLUMNS = { quantity: 60, unitPrice: 90, amount: 90 } as const;

export interface PrintOptions {
  readonly paper: Paper;
  /** ISO instant that the document carries as its own: the same document has the same bytes. */
  readonly createdAt: string;
}

type Doc = PDFKit.PDFDocument;

interface Frame {
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
}

const frameOf = (doc: Doc): Frame => ({
  left: MARGIN,
  width: doc.page.width - 2 * MARGIN,
  bottom: doc.page.height - MARGIN,
});

function heading(doc: Doc, printable: Printable): void {
  const { left, width } = frameOf(doc);
  doc.font(BOLD).fontSize(18).fillColor(BLACK).text(printable.title, left, MARGIN, { width });
  if (printable.marks.length > 0) {
    doc.font(BOLD).fontSize(SIZE).fillColor(GREY).text(printable.marks.join(" · "), { width });
  }
  doc.moveDown(0.8);
  const top = doc.y;
  const half = width / 2 - 10;
  for (const { label, value } of printable.facts) {
    doc
      .font(BOLD)
      .fontSize(SIZE)
      .fillColor(GREY)
      .text(label, left, doc.y, { width: half, continued: true });
    doc.font(REGULAR).fillColor(BLACK).text(`  ${value}`);
  }
  const afterFacts = doc.y;
  doc.font(REGULAR).fontSize(SIZE).fillColor(BLACK);
  doc.text(printable.from.join("\n"), left + width / 2, top, { width: width / 2, align: "right" });
  doc.y = Math.max(afterFacts, doc.y) + SIZE;
  doc.font(BOLD).fillColor(GREY).text("To", left, doc.y, { width: half });
  doc.font(REGULAR).fillColor(BLACK).text(printable.to.join("\n"), { width: half });
  doc.moveDown(1.2);
}

function row(doc: Doc, y: number, cells: readonly [string, string, string, string]): void {
  const { left, width } = frameOf(doc);
  const first = width - COLUMNS.quantity - COLUMNS.unitPrice - COLUMNS.amount;
  const widths = [first - 10, COLUMNS.quantity, COLUMNS.unitPrice, COLUMNS.amount];
  const starts = [
    left,
    left + first,
    left + first + COLUMNS.quantity,
    left + first + COLUMNS.quantity + COLUMNS.unitPrice,
  ];
  for (const [index, cell] of cells.entries()) {
    doc.text(cell, starts[index], y, {
      width: widths[index] ?? 0,
      align: index === 0 ? "left" : "right",
    });
  }
}

function rule(doc: Doc): void {
  const { left, width } = frameOf(doc);
  doc
    .moveTo(left, doc.y)
    .lineTo(left + width, doc.y)
    .lineWidth(0.5)
    .strokeColor("#bbbbbb")
    .stroke();
  doc.y += 4;
}

function tableHead(doc: Doc): void {
  const y = doc.y;
  doc.font(BOLD).fontSize(SIZE).fillColor(GREY);
  row(doc, y, ["Description", "Quantity", "Unit price", "Amount"]);
  doc.y = y + SIZE + 6;
  rule(doc);
}

function tableLine(doc: Doc, line: PrintableLine): void {
  const { width, bottom } = frameOf(doc);
  const first = width - COLUMNS.quantity - COLUMNS.unitPrice - COLUMNS.amount - 10;
  doc.font(REGULAR).fontSize(SIZE);
  const text = doc.heightOfString(line.description, { width: first });
  const detail = line.detail === "" ? 0 : doc.heightOfString(line.detail, { width: first });
  if (doc.y + text + detail + 6 > bottom) {
    doc.addPage();
    doc.y = MARGIN;
    tableHead(doc);
  }
  const y = doc.y;
  doc.font(REGULAR).fontSize(SIZE).fillColor(BLACK);
  row(doc, y, [line.description, line.quantity, line.unitPrice, line.amount]);
  if (detail > 0) {
    doc.fillColor(GREY).text(line.detail, frameOf(doc).left, y + text, { width: first });
  }
  doc.y = y + text + detail + 6;
}

function totals(doc: Doc, printable: Printable): void {
  const { left, width, bottom } = frameOf(doc);
  rule(doc);
  for (const { label, amount, strong } of printable.totals) {
    if (doc.y + SIZE + 6 > bottom) {
      doc.addPage();
      doc.y = MARGIN;
    }
    const y = doc.y;
    doc
      .font(strong ? BOLD : REGULAR)
      .fontSize(SIZE)
      .fillColor(BLACK);
    doc.text(label, left, y, { width: width - COLUMNS.amount - 10, align: "right" });
    const after = doc.y;
    doc.text(amount, left + width - COLUMNS.amount, y, { width: COLUMNS.amount, align: "right" });
    doc.y = Math.max(after, doc.y) + 4;
  }
}

/**
 * Prints a document as PDF, on as many pages as it takes, with the table's head on each. The fonts are
 * embedded and cover Latin, Greek, Cyrillic, Hebrew, Arabic and more, not Chinese, Japanese and Korean.
 */
export async function printPdf(
  printable: Printable,
  { paper, createdAt }: PrintOptions,
): Promise<Buffer> {
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
  heading(doc, printable);
  tableHead(doc);
  for (const line of printable.lines) tableLine(doc, line);
  totals(doc, printable);
  const { left, width } = frameOf(doc);
  for (const note of printable.notes) {
    doc
      .moveDown(1)
      .font(REGULAR)
      .fontSize(SIZE)
      .fillColor(BLACK)
      .text(note, left, doc.y, { width });
  }
  doc.end();
  await done;
  return Buffer.concat(chunks);
}
