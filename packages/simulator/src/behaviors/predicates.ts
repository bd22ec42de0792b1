import type { Exchange } from '../exchange.ts'
import { parseOperationLocation } from '../model/resource-path.ts'
import type { ExchangePredicate } from './when.ts'

/** Reads one operation, alone or in a batch. */
export function isCheck({ target }: Exchange): boolean {
  return target.kind === 'check'
}

/** Starts something. */
export function isStart({ target }: Exchange): boolean {
  return target.kind === 'start'
}

/** Lists operations. */
export function isList({ target }: Exchange): boolean {
  return target.kind === 'list'
}

/** Is the envelope of a batch. */
export function isBatch({ target }: Exchange): boolean {
  return target.kind === 'batch'
}

/** Came in a batch. */
export function isItem({ item }: Exchange): boolean {
  return item !== undefined
}

/** Reads this operation, which may be named by its location in any spelling. */
export function isCheckOf(operation: string | { readonly location: string }): ExchangePredicate {
  const location = typeof operation === 'string' ? operation : operation.location
  const name = parseOperationLocation(location) ?? location
  return ({ target }) => target.operation === name
}
