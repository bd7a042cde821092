import { instant } from "../time.ts";

/** When an event happened, to the microsecond (finer digits are cut, so that it keeps its hour). */
export interface EventTime {
  /** Canonical UTC text. */
  readonly text: string;
  /** Milliseconds since 1970, the fraction cut. */
  readonly epochMs: number;
}

/** Canonical already, and on a day that every month has. */
const PLAIN = /^\d{4}-\d\d-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,6})?Z$/;
const UTC = /^(\d{4}-\d\d-(\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:\d{0,3})(?:[Zz]|[+-]00:00)$/;
const ANY_OFFSET = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
/** The database's calendar has no year 0. */
const FIRST_MS = -62_135_596_800_000;

/**
 * Reads an RFC 3339 instant; undefined for anything else and for years before 1. Times in UTC, as
 * nearly all are, take a path of their own: ingest reads one per event and Temporal's reader costs
 * ten times as much.
 */
export function readEventTime(value: string): EventTime | undefined {
  const time = fromPlain(value) ?? fromUtc(value) ?? fromAnyOffset(value);
  return time !== undefined && time.epochMs >= FIRST_MS ? time : undefined;
}

function fromPlain(text: string): EventTime | undefined {
  const epochMs = PLAIN.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : { text, epochMs };
}

function fromUtc(value: string): EventTime | undefined {
  const [, local = "", day] = UTC.exec(value) ?? [];
  const text = `${local.slice(0, 10)}T${local.slice(11)}Z`;
  const epochMs = Date.parse(text);
  // Date rolls 30 February over to March and 24:00 to the next day; neither is a date.
  const isDate = !Number.isNaN(epochMs) && new Date(epochMs).getUTCDate() === Number(day);
  return isDate ? { text, epochMs } : undefined;
}

function fromAnyOffset(value: string): EventTime | undefined {
  if (!ANY_OFFSET.test(value)) return undefined;
  try {
    const at = instant(value.replace(" ", "T")).round({
      smallestUnit: "microsecond",
      roundingMode: "floor",
    });
    return { text: at.toString(), epochMs: at.epochMilliseconds };
  } catch {
    return undefined;
  }
}
