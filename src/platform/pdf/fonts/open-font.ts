import { create, type Font, type Subset } from "fontkit";
import decompress from "woff2-encoder/decompress";
import { encodeOutline } from "./encode-outline.ts";

/**
 * Puts each glyph into the subset as the outline that the font's weight gives it, parts of compound
 * glyphs included. fontkit 2.0.4 cannot write the outlines of a variable font itself.
 */
function addOutline(this: Subset, id: number): number {
  const glyph = this.font.getGlyph(id);
  const outline = encodeOutline(glyph.path.commands);
  this.glyf.push(outline);
  this.loca.offsets.push(this.offset);
  this.hmtx.metrics.push({
    advance: Math.round(glyph.advanceWidth),
    bearing: Math.round(glyph._getMetrics().leftBearing),
  });
  this.offset += outline.length;
  return this.glyf.length - 1;
}

/** One weight of a variable font in WOFF2, ready for pdfkit, under a name of its own. */
export async function openFont(woff2: Uint8Array, weight: number, name: string): Promise<Font> {
  const font = create(Buffer.from(await decompress(woff2))).getVariation({ wght: weight });
  // Offsets of 32 bits: the outlines are written longer than they were.
  font.loca.version = 1;
  // pdfkit tells fonts apart by this name, and the parts and weights of a family all have the same.
  Object.defineProperty(font, "postscriptName", { value: name });
  const createSubset = font.createSubset.bind(font);
  font.createSubset = () => Object.assign(createSubset(), { _addGlyph: addOutline });
  return font;
}
