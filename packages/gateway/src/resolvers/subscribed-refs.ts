import type { OperationRef } from '@teams-operations/core'
import { UserInputError } from '../errors/user-input-error.ts'
import type { GatewayContext } from './context.ts'
import { refInput, type RefArgument } from './ref-argument.ts'

/**
 * The operations that a subscription to several names, each once.
 *
 * @throws UserInputError when there are none, or more than there may be
 */
export function subscribedRefs(
  refs: readonly RefArgument[],
  { operations, maxRefs }: Pick<GatewayContext, 'operations' | 'maxRefs'>,
): readonly OperationRef[] {
  if (refs.length === 0) throw new UserInputError('Expected at least one of `refs`, got none.')
  if (refs.length > maxRefs)
    throw new UserInputError(`Expected at most ${maxRefs} of \`refs\`, got ${refs.length}.`)
  const distinct = new Map<string, OperationRef>()
  for (const ref of refs.map((one) => operations.ref(refInput(one)))) distinct.set(ref.location, ref)
  return [...distinct.values()]
}
