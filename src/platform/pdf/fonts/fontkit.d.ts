/** What we use of fontkit, which comes without types. */
declare module "fontkit" {
  export interface PathCommand {
    readonly command: "moveTo" | "lineTo" | "quadraticCurveTo" | "bezierCurveTo" | "closePath";
    readonly args: readonly number[];
  }
  export interface Glyph {
    readonly id: number;
    readonly advanceWidth: number;
    readonly path: { readonly commands: readonly PathCommand[] };
    _getMetrics(): { readonly leftBearing: number };
  }
  /** The part of a font that goes into a document; it is built up glyph by glyph. */
  export interface Subset {
    readonly font: Font;
    readonly glyf: Uint8Array[];
    readonly loca: { readonly offsets: number[] };
    readonly hmtx: { readonly metrics: { advance: number; bearing: number }[] };
    offset: number;
    _addGlyph(id: number): number;
    /** The glyph's number in the part. */
    includeGlyph(id: number): number;
    encode(): Uint8Array;
  }
  export interface Font {
    readonly postscriptName: string;
    readonly loca: { version: number };
    hasGlyphForCodePoint(codePoint: number): boolean;
    glyphForCodePoint(codePoint: number): Glyph;
    getGlyph(id: number): Glyph;
    getVariation(settings: Readonly<Record<string, number>>): Font;
    layout(text: string, features?: readonly string[]): unknown;
    createSubset(): Subset;
  }
  export function create(buffer: Uint8Array): Font;
}
