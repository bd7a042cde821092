import { uuidV5 } from "../invoices/invoice-id.ts";
import { earlier, type Instant, instantText, isBefore } from "../time.ts";
import { type Life, type LifeEvent, lifeEvents } from "./life.ts";
import { isAct, type LifecycleType } from "./lifecycle-types.ts";
import { addOffset, type OffsetDuration } from "./offset-duration.ts";

/** What an environment wants to be told of. */
export interface NotificationRule {
  readonly type: LifecycleType;
  /** null: at the event itself. */
  readonly offset: {
    /** Of the notification that somebody made. */
    readonly id: string;
    /** As it was written. */
    readonly text: string;
    readonly duration: OffsetDuration;
  } | null;
  /** What was to be told before is not told any more. */
  readonly activeFrom: Instant;
}

/** One thing to tell, and when. */
export interface Notice {
  readonly rule: NotificationRule;
  readonly event: LifeEvent;
  readonly at: Instant;
}

/** What of a life is told when its time comes. Acts without offset are not: the change tells them. */
export const plannedNotices = (life: Life, rules: readonly NotificationRule[]): Notice[] =>
  noticesOf(
    life,
    lifeEvents(life),
    rules.filter(({ type, offset }) => offset !== null || !isAct(type)),
  );

/** What is told of acts at once. */
export const actNotices = (
  life: Life,
  acts: readonly LifeEvent[],
  rules: readonly NotificationRule[],
): Notice[] =>
  noticesOf(
    life,
    acts,
    rules.filter(({ offset }) => offset === null),
  );

function noticesOf(
  life: Life,
  events: readonly LifeEvent[],
  rules: readonly NotificationRule[],
): Notice[] {
  return rules.flatMap((rule) =>
    events
      .filter(({ type }) => type === rule.type)
      .map((event) => ({ rule, event, at: noticeTime(life, event, rule) }))
      .filter(({ at }) => !isBefore(at, rule.activeFrom)),
  );
}

/**
 * A child of a recurring commit comes into being about a period ahead: an offset that lies before
 * that is told as it does (Metronome docs: offset notifications, additional caveats).
 */
function noticeTime(life: Life, event: LifeEvent, { offset }: NotificationRule): Instant {
  if (offset === null) return event.at;
  const at = addOffset(event.at, offset.duration);
  const isLateChild =
    life.kind !== "contract" &&
    life.recurringId !== null &&
    event.type === `${life.kind}.segment.start` &&
    isBefore(at, life.createdAt) &&
    !isBefore(event.at, life.createdAt);
  return isLateChild ? life.createdAt : at;
}

/** When something is next told; undefined: never. */
export const firstNoticeAt = (notices: readonly Notice[]): Instant | undefined =>
  notices
    .map(({ at }) => at)
    .reduce<Instant | undefined>(
      (first, at) => (first === undefined ? at : earlier(first, at)),
      undefined,
    );

/** The id of the message: the same however often it is told, another one when the event moves. */
export const noticeId = (life: Life, { rule, event }: Notice): string =>
  uuidV5(
    life.id,
    JSON.stringify([
      event.type,
      event.of,
      instantText(event.at),
      rule.offset && [rule.offset.id, rule.offset.text],
    ]),
  );
