/**
 * Does `work` for every item, `limit` of them at a time, and answers in the order of the items. When
 * one throws no more are begun, and it is thrown on when those that run have ended.
 */
export async function fewAtATime<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const goOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      try {
        results[index] = await work(item);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: limit }, goOn);
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return results;
}
