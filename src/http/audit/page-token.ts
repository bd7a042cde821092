import { invalid } from "../../errors.ts";

/** Where a reader of the log is, and what was asked for on the first page. */
export interface AuditCursor {
  readonly position: bigint;
  readonly newestFirst: boolean;
  readonly startingOn: string | undefined;
  readonly endingBefore: string | undefined;
  readonly resource: { readonly type: string; readonly id: string } | undefined;
}

const POSITION = /^\d{1,18}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}Z$/;

const refuse = () => invalid("next_page is not a token of this list", "next_page");

function readInstant(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== "string" || !INSTANT.test(value) || Number.isNaN(Date.parse(value))) {
    throw refuse();
  }
  return value;
}

function readParts(token: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** Reads the opaque token of a page of the audit log. Throws invalid. */
export function fromAuditToken(token: string): AuditCursor {
  const [kind, position, newestFirst, startingOn, endingBefore, type, id] = readParts(token);
  const isWhole =
    kind === "audit" &&
    typeof position === "string" &&
    POSITION.test(position) &&
    typeof newestFirst === "boolean";
  if (!isWhole) throw refuse();
  const resource = typeof type === "string" && typeof id === "string" ? { type, id } : undefined;
  return {
    position: BigInt(position),
    newestFirst,
    startingOn: readInstant(startingOn),
    endingBefore: readInstant(endingBefore),
    resource,
  };
}

/** The token that goes on from here. */
export function toAuditToken(cursor: AuditCursor): string {
  const { position, newestFirst, startingOn, endingBefore, resource } = cursor;
  const parts = [
    "audit",
    position.toString(),
    newestFirst,
    startingOn ?? null,
    endingBefore ?? null,
    resource?.type ?? null,
    resource?.id ?? null,
  ];
  return Buffer.from(JSON.stringify(parts), "utf8").toString("base64url");
}
