import type { PathCommand } from "fontkit";

const ON_CURVE = 1;
const HEADER_BYTES = 10;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly flag: number;
}

/** The contours of a path, each as points in whole font units. A point that closes a contour is left out. */
function toContours(commands: readonly PathCommand[]): Point[][] {
  const contours: Point[][] = [];
  const add = (x = 0, y = 0, flag = ON_CURVE) =>
    contours.at(-1)?.push({ x: Math.round(x), y: Math.round(y), flag });
  for (const { command, args } of commands) {
    const [x, y, endX, endY] = args;
    if (command === "moveTo") {
      contours.push([]);
      add(x, y);
    } else if (command === "lineTo") add(x, y);
    else if (command === "quadraticCurveTo") {
      add(x, y, 0);
      add(endX, endY);
    } else if (command === "bezierCurveTo") throw new RangeError("Not a TrueType outline");
  }
  for (const contour of contours) {
    const [first, last] = [contour[0], contour.at(-1)];
    if (contour.length > 1 && first?.x === last?.x && first?.y === last?.y && last?.flag) {
      contour.pop();
    }
  }
  return contours.filter(({ length }) => length > 0);
}

/** An outline as a simple glyph of the table "glyf", without hints; empty for a blank (OpenType: "glyf"). */
export function encodeOutline(commands: readonly PathCommand[]): Uint8Array {
  const contours = toContours(commands);
  const points = contours.flat();
  if (points.length === 0) return new Uint8Array();
  const size = HEADER_BYTES + 2 * contours.length + 2 + 5 * points.length;
  const bytes = Buffer.alloc(Math.ceil(size / 4) * 4);
  let at = 0;
  const write = (value: number) => {
    at = bytes.writeInt16BE(value, at);
  };
  write(contours.length);
  write(Math.min(...points.map(({ x }) => x)));
  write(Math.min(...points.map(({ y }) => y)));
  write(Math.max(...points.map(({ x }) => x)));
  write(Math.max(...points.map(({ y }) => y)));
  let last = -1;
  for (const { length } of contours) {
    last += length;
    write(last);
  }
  write(0);
  for (const { flag } of points) at = bytes.writeUInt8(flag, at);
  for (const axis of ["x", "y"] as const) {
    let before = 0;
    for (const point of points) {
      write(point[axis] - before);
      before = point[axis];
    }
  }
  return bytes;
}
