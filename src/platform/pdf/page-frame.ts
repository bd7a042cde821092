export const MARGIN = 50;
/** Points of the text. */
export const SIZE = 9;
export const GREY = "#555555";
export const BLACK = "#111111";

export interface Frame {
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
}

/** Where a page is written on. */
export const frameOf = (doc: PDFKit.PDFDocument): Frame => ({
  left: MARGIN,
  width: doc.page.width - 2 * MARGIN,
  bottom: doc.page.height - MARGIN,
});
