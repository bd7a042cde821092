import { BASE_FILES } from "./fonts/base.ts";
import { isPlain } from "./fonts/faces.ts";
import { BLACK, frameOf, GREY, MARGIN, SIZE } from "./page-frame.ts";
import type { Printable, PrintableFact } from "./printable.ts";
import { type Canvas, writeText } from "./write-text.ts";

const LOGO = { width: 150, height: 50 } as const;
const STAMP_SIZE = 110;

/** A word across the page, below all that is written on it. */
export function printStamp({ doc }: Canvas, word: string): void {
  const { width, height } = doc.page;
  doc
    .save()
    .rotate(-50, { origin: [width / 2, height / 2] })
    .font(BASE_FILES.bold)
    .fontSize(STAMP_SIZE)
    .fillColor("#eeeeee");
  const left = (width - doc.widthOfString(word)) / 2;
  doc.text(word, left, (height - STAMP_SIZE) / 2, { lineBreak: false }).restore();
  doc.x = MARGIN;
  doc.y = MARGIN;
}

function fact(canvas: Canvas, { label, value }: PrintableFact, width: number): void {
  const { doc } = canvas;
  const y = doc.y;
  doc.font(BASE_FILES.bold).fontSize(SIZE).fillColor(GREY);
  if (isPlain(value)) {
    doc.text(label, MARGIN, y, { width, continued: true });
    doc.font(BASE_FILES.regular).fillColor(BLACK).text(`  ${value}`);
    return;
  }
  const used = doc.widthOfString(`${label}  `);
  doc.text(label, MARGIN, y, { width }).fillColor(BLACK);
  writeText(canvas, value, { x: MARGIN + used, y, width: width - used }, "regular");
}

/** The top of the first page: what it is, its facts, and who it is from and to. */
export function printHeading(canvas: Canvas, printable: Printable): void {
  const { doc } = canvas;
  const { left, width } = frameOf(doc);
  const half = width / 2 - 10;
  const { logo } = printable;
  if (logo !== undefined) {
    const box = [LOGO.width, LOGO.height] as [number, number];
    doc.image(Buffer.from(logo), left + width - LOGO.width, MARGIN, { fit: box, align: "right" });
  }
  doc.fillColor(BLACK);
  writeText(
    { ...canvas, size: 18 },
    printable.title,
    { x: left, y: MARGIN, width: logo ? half : width },
    "bold",
  );
  if (printable.marks.length > 0) {
    doc.fillColor(GREY);
    writeText(
      canvas,
      printable.marks.join(" · "),
      { x: left, y: doc.y, width: logo ? half : width },
      "bold",
    );
  }
  doc.moveDown(0.8);
  if (logo !== undefined) doc.y = Math.max(doc.y, MARGIN + LOGO.height + SIZE);
  const top = doc.y;
  for (const each of printable.facts) fact(canvas, each, half);
  const afterFacts = doc.y;
  doc.fillColor(BLACK);
  const seller = { x: left + width / 2, y: top, width: width / 2, align: "right" } as const;
  writeText(canvas, printable.from.join("\n"), seller, "regular");
  doc.y = Math.max(afterFacts, doc.y) + SIZE;
  doc.fillColor(GREY);
  writeText(canvas, "To", { x: left, y: doc.y, width: half }, "bold");
  doc.fillColor(BLACK);
  writeText(canvas, printable.to.join("\n"), { x: left, y: doc.y, width: half }, "regular");
  doc.moveDown(1.2);
}
