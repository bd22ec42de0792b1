import type { Random } from '../random.ts'
import { jsonOf, textOf, type Reply } from '../reply.ts'
import { itemKey, type BatchItem } from './batch.ts'

/**
 * Answers the items of a batch, each when those that it depends on have been answered, and puts the
 * answers into one, in an order of its own: who reads it must go by the identifiers.
 */
export async function answerBatch(
  items: readonly BatchItem[],
  answer: (item: BatchItem) => Promise<Reply>,
  random: Random,
): Promise<Reply> {
  const replies = new Map<string, Promise<Reply>>()
  const byKey = new Map(items.map((item) => [itemKey(item.id), item]))
  const answerOnce = (item: BatchItem): Promise<Reply> => {
    const key = itemKey(item.id)
    const known = replies.get(key)
    if (known) return known
    const before = item.dependsOn.map((id) => byKey.get(itemKey(id))).filter((other) => other !== undefined)
    const reply =
      before.length === 0
        ? answer(item)
        : Promise.all(before.map(answerOnce)).then((earlier) =>
            earlier.every(({ status }) => status >= 200 && status < 400) ? answer(item) : failedDependency,
          )
    replies.set(key, reply)
    return reply
  }
  const answered = await Promise.all(items.map(answerOnce))
  const responses = answered.flatMap((reply, index) => itemsOf((items[index] as BatchItem).id, reply))
  // An item that never ends keeps its envelope from coming.
  const isHeldUp = answered.some(({ delivery }) => delivery === 'silent' || delivery === 'stalled')
  return {
    status: 200,
    headers: {},
    body: { json: { responses: shuffle(responses, random) } },
    delivery: isHeldUp ? 'silent' : 'whole',
  }
}

const failedDependency: Reply = {
  status: 424,
  headers: { 'content-type': 'application/json' },
  body: {
    json: {
      error: {
        code: 'FailedDependency',
        message: 'Failed Dependency: a request that this one depends on has failed.',
      },
    },
  },
}

/** What one reply becomes in the envelope: one item, unless a fault makes it none or two. */
function itemsOf(id: string, reply: Reply): unknown[] {
  const { asItem } = reply
  if (asItem === 'missing' || reply.delivery === 'dropped' || reply.delivery === 'cut') return []
  if (typeof asItem === 'object') return [asItem.insteadOf]
  const body = jsonOf(reply.body) ?? textOf(reply.body)
  const item = {
    id,
    status: reply.status,
    headers: titleCaseNames(reply.headers),
    ...(body === undefined ? {} : { body }),
  }
  return asItem === 'twice' ? [item, item] : [item]
}

function titleCaseNames(headers: Reply['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()),
      value,
    ]),
  )
}

function shuffle<T>(values: readonly T[], random: Random): T[] {
  const shuffled = [...values]
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = random.integer(0, index)
    const value = shuffled[index] as T
    shuffled[index] = shuffled[other] as T
    shuffled[other] = value
  }
  return shuffled
}
