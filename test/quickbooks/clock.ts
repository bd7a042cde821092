/** The stand-in's own time: it goes on by itself and can be put forward. */
export interface Clock {
  now(): number;
  advance(seconds: number): void;
}

export function openClock(start: string | undefined): Clock {
  let ahead = start === undefined ? 0 : Date.parse(start) - Date.now();
  return {
    now: () => Date.now() + ahead,
    advance(seconds) {
      ahead += seconds * 1000;
    },
  };
}

const OFFSET_HOURS = -7;

const shifted = (at: number): string => new Date(at + OFFSET_HOURS * 3_600_000).toISOString();

/** As MetaData has it: seconds, and an offset that is not UTC. */
export const toTimestamp = (at: number): string => `${shifted(at).slice(0, 19)}-07:00`;

/** As the envelope has it. */
export const toTime = (at: number): string => `${shifted(at).slice(0, 23)}-07:00`;

export const toDate = (at: number): string => shifted(at).slice(0, 10);

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
