/** What a user needs where nothing else is said of what it may not. */
const GRANT = "Let the user connect and create tables in the schema, then retry the run.";

/**
 * What a person can do, by how the state begins that the server answers with (PostgreSQL documentation,
 * "PostgreSQL Error Codes"); the longer beginning comes first.
 */
const REMEDIES: readonly (readonly [begin: string, remedy: string])[] = [
  ["28000", "Let the user log in from this server (pg_hba.conf), then retry the run."],
  ["28", "Replace the destination's credential, then retry the run."],
  ["3D", "Create the database and retry the run, or make a destination with the right name."],
  ["42501", GRANT],
  ["53", "Give that server more space or connections, as it says, then retry the run."],
  ["57", "See that that server is up and takes connections, then retry the run."],
  [
    "22",
    "A value does not fit there, as the server says: make a destination with a database of encoding UTF8 whose tables are not there yet.",
  ],
  [
    "42",
    "A table of that name is there that is not as docs/export.md has it: rename it and retry the run, or make a destination with another settings.schema.",
  ],
];

const IN_CLEAR =
  "Let the user in from this server without TLS (pg_hba.conf) and retry the run, or make a destination with settings.ssl verify or require.";
const NO_ANSWER =
  "See that a server answers at settings.host and settings.port, then retry the run.";
const OTHER = "Look at what that server says, mend it there, then retry the run.";

/** A system's error, no error at all, or the class of connection exceptions. */
const isSilence = (state: string): boolean => /^(?:$|E[A-Z]|08)/.test(state);

/** What a person can do about what a server says, or about its saying nothing (""). */
export function remedyFor(state: string, isClear: boolean): string {
  if (isSilence(state)) return NO_ANSWER;
  // Of a user that may not log in from here, or not in clear; a wrong password has another state.
  if (state === "28000" && isClear) return IN_CLEAR;
  return REMEDIES.find(([begin]) => state.startsWith(begin))?.[1] ?? OTHER;
}
