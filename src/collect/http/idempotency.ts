import { createHash } from "node:crypto";
import { sql } from "kysely";
import { AppError } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import { CollectError } from "../errors.ts";
import { dropFollowUps } from "../follow-ups.ts";
import type { Scope } from "../scope.ts";
import {
  findReply,
  insertReply,
  purgeExpired,
  type StoredReply,
  tryLockKey,
} from "../store/idempotency-keys.ts";
import { toErrorReply } from "./error-body.ts";
import { canonicalForm, type Form } from "./form.ts";

const MAX_KEY_LENGTH = 255;

/** A reply in the bytes that go out. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  /** The id of the request whose reply this is, when it was given before. */
  readonly replayedFrom?: string;
}

/** Checks the header's value: a key has 1 to 255 characters. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || header === "") return undefined;
  if (header.length <= MAX_KEY_LENGTH) return header;
  throw new CollectError(
    "invalid",
    "idempotency_error",
    "invalid_argument",
    `Idempotency keys may be at most ${MAX_KEY_LENGTH} characters long`,
  );
}

/** The same for two requests exactly when they ask for the same. */
export const hashRequest = (method: string, path: string, form: Form): string =>
  createHash("sha256")
    .update(`${method} ${path} ${canonicalForm(form)}`)
    .digest("hex");

/** A refusal that came of carrying out the request; it will be the answer to its repetitions too. */
const isFinal = (error: unknown): error is AppError =>
  error instanceof AppError &&
  (error.kind === "invalid" || error.kind === "not_found" || error.kind === "unsupported");

/**
 * Carries out a request at most once per key (Stripe docs: Idempotent requests): its effects and its
 * reply commit together, a repetition gets the stored reply. Refusals are stored with their effects
 * undone. Faults of ours are not stored, they undo everything, so a repetition may succeed.
 */
export async function answerOnce(
  scope: Scope,
  key: string,
  requestHash: string,
  requestId: string,
  answer: () => Promise<Reply>,
): Promise<Reply> {
  if (!(await tryLockKey(scope, key))) throw keyInUse(key);
  const stored = await findReply(scope, key);
  if (stored !== undefined) return replay(stored, key, requestHash);
  const reply = await answerOrRefuse(scope, requestId, answer);
  faultPoint("collect/request/answered");
  await insertReply(scope, key, { ...reply, requestHash, requestId });
  faultPoint("collect/request/stored");
  await purgeExpired(scope);
  return reply;
}

async function answerOrRefuse(
  scope: Scope,
  requestId: string,
  answer: () => Promise<Reply>,
): Promise<Reply> {
  await sql`savepoint request`.execute(scope.tx);
  try {
    return await answer();
  } catch (error) {
    if (!isFinal(error)) throw error;
    await sql`rollback to savepoint request`.execute(scope.tx);
    dropFollowUps(scope.followUps);
    const { status, body } = toErrorReply(error, requestId);
    return { status, body: JSON.stringify(body) };
  }
}

function replay(stored: StoredReply, key: string, requestHash: string): Reply {
  if (stored.requestHash === requestHash) {
    return { status: stored.status, body: stored.body, replayedFrom: stored.requestId };
  }
  throw new CollectError(
    "invalid",
    "idempotency_error",
    "invalid_argument",
    `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  );
}

const keyInUse = (key: string): CollectError =>
  new CollectError(
    "conflict",
    "idempotency_error",
    "idempotency_key_in_use",
    `There is currently another in-progress request using this Idempotency Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  );
