import { AppError } from "../errors.ts";

/**
 * Does a part of a larger request by an operation that knows the part alone: what it refuses is named
 * by its place in the whole, "update_commits[0].priority" and not "priority".
 */
export async function namingPart<Result>(
  place: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== "invalid") throw error;
    const { field, message } = error;
    const begins = field !== undefined && message.startsWith(field);
    throw new AppError("invalid", error.code, `${place}${begins ? "." : ": "}${message}`, {
      field: field === undefined ? place : `${place}.${field}`,
      cause: error,
    });
  }
}
