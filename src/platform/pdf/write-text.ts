import { arrangeLine } from "./fonts/arrange-line.ts";
import { BASE_FILES } from "./fonts/base.ts";
import { breakLines } from "./fonts/break-lines.ts";
import { type Face, type FontBook, isPlain, isRightToLeft } from "./fonts/faces.ts";
import type { Weight } from "./fonts/noto.ts";
import { frameOf, MARGIN } from "./page-frame.ts";

/** The document that is written on, and the fonts of its texts. */
export interface Canvas {
  readonly doc: PDFKit.PDFDocument;
  readonly fonts: FontBook;
  /** Points. */
  readonly size: number;
}

export interface TextBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly align?: "left" | "right";
}

/** Lines that hold more than the base font are further apart: other scripts are taller. */
const LINE_HEIGHT = 1.5;
/** From the top of a line down to what its letters stand on, as in the base font. */
const BASELINE = 0.928;
/**
 * A run from right to left is shaped as a whole; without this pdfkit would put its words in the order
 * of the other direction. Elsewhere it goes word by word and remembers each.
 */
const shaping = (text: string) => (isRightToLeft(text) ? { features: [] } : {});

/** Chooses the font of a run; under its name pdfkit finds again what it has opened. */
function choose({ doc, fonts, size }: Canvas, face: Face, weight: Weight): void {
  const source = fonts.sourceOf(face, weight);
  if (typeof source === "string") doc.font(source);
  else doc.font(source as unknown as string, source.postscriptName);
  doc.fontSize(size);
}

function widthOf(canvas: Canvas, line: string, weight: Weight): number {
  const { doc, fonts } = canvas;
  let width = 0;
  for (const { text, face } of arrangeLine(line, fonts)) {
    choose(canvas, face, weight);
    width += doc.widthOfString(text, shaping(text));
  }
  return width;
}

const linesOf = (canvas: Canvas, text: string, width: number, weight: Weight): string[] =>
  text
    .split("\n")
    .flatMap((line) => breakLines(line, width, (part) => widthOf(canvas, part, weight)));

/** How high a text is in a column of this width. */
export function heightOf(canvas: Canvas, text: string, width: number, weight: Weight): number {
  if (isPlain(text)) {
    return canvas.doc
      .font(BASE_FILES[weight])
      .fontSize(canvas.size)
      .heightOfString(text, { width });
  }
  return linesOf(canvas, text, width, weight).length * LINE_HEIGHT * canvas.size;
}

/** Writes a text into a column, from its top; the document's y is below it afterwards. */
export function writeText(canvas: Canvas, text: string, box: TextBox, weight: Weight): void {
  const { doc, fonts, size } = canvas;
  const { x, y, width, align = "left" } = box;
  if (isPlain(text)) {
    doc.font(BASE_FILES[weight]).fontSize(size).text(text, x, y, { width, align });
    return;
  }
  let top = y;
  for (const line of linesOf(canvas, text, width, weight)) {
    if (top + LINE_HEIGHT * size > frameOf(doc).bottom) {
      doc.addPage();
      top = MARGIN;
    }
    let left = align === "left" ? x : x + width - widthOf(canvas, line, weight);
    for (const run of arrangeLine(line, fonts)) {
      choose(canvas, run.face, weight);
      doc.text(run.text, left, top + BASELINE * size, {
        ...shaping(run.text),
        lineBreak: false,
        baseline: "alphabetic",
      });
      left += doc.widthOfString(run.text, shaping(run.text));
    }
    top += LINE_HEIGHT * size;
  }
  doc.font(BASE_FILES[weight]);
  doc.y = top;
}
