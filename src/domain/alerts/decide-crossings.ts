import { type Reading, WHOLE } from "./reading.ts";

/** `evaluating`: not looked at since it was created or reset. */
export type AlertStatus = "evaluating" | "ok" | "in_alarm";

/** Where an alert stands with one thing of a customer. */
export interface AlertState {
  readonly subject: string;
  readonly status: AlertStatus;
  /** How often it was told. */
  readonly crossings: number;
  /** What is reached at the first look is not told: it was so before there was an alert. */
  readonly isQuiet: boolean;
}

/** A threshold that was crossed since the last look: somebody is told. */
export interface Crossing {
  readonly reading: Reading;
  /** Which of the subject, from 1. With alert, customer and subject it names the crossing for ever. */
  readonly sequence: number;
}

export interface Crossings {
  /** States that are new or different. */
  readonly changes: readonly AlertState[];
  readonly crossings: readonly Crossing[];
}

/**
 * What follows from what is measured now. A subject that reaches the threshold is told once, and again
 * only after it did not reach it, or was gone. The customer as a whole is in alarm while any is.
 */
export function decideCrossings(
  readings: readonly Reading[],
  states: readonly AlertState[],
): Crossings {
  const before = new Map(states.map((state) => [state.subject, state]));
  const isQuiet = before.get(WHOLE)?.isQuiet ?? false;
  const reached = readings.filter((reading) => reading.isReached);
  const risen = reached.filter(({ subject }) => before.get(subject)?.status !== "in_alarm");
  const crossed = risen.map((reading) => ({
    reading,
    sequence: (before.get(reading.subject)?.crossings ?? 0) + 1,
  }));
  const inAlarm = new Set(reached.map(({ subject }) => subject));
  const after = new Map<string, AlertState>();
  for (const state of states) {
    if (inAlarm.has(state.subject) || state.status === "ok") continue;
    after.set(state.subject, { ...state, status: "ok", isQuiet: false });
  }
  for (const { reading, sequence } of crossed) {
    const crossings = isQuiet ? sequence - 1 : sequence;
    const { subject } = reading;
    after.set(subject, { subject, status: "in_alarm", crossings, isQuiet: false });
  }
  const whole: AlertState = {
    subject: WHOLE,
    status: reached.length > 0 ? "in_alarm" : "ok",
    crossings: (after.get(WHOLE) ?? before.get(WHOLE))?.crossings ?? 0,
    isQuiet: false,
  };
  if (before.get(WHOLE)?.status !== whole.status) after.set(WHOLE, whole);
  else after.delete(WHOLE);
  return { changes: [...after.values()], crossings: isQuiet ? [] : crossed };
}
