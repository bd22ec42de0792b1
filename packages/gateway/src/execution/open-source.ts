import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql'
import { SourceStream } from '../subscriptions/source-stream.ts'
import { readArguments } from './subscription-arguments.ts'

/**
 * Calls the resolver `subscribe` of a subscription's root field.
 *
 * @returns its source stream, or a result that says why there is none
 */
export async function openSource(args: ExecutionArgs): Promise<SourceStream | ExecutionResult> {
  const read = readArguments(args)
  if (!('schema' in read)) return { errors: read }
  const source = await createSourceEventStream(read)
  if (!(Symbol.asyncIterator in source) || source instanceof SourceStream) return source
  throw new TypeError('Expected `subscribe` of a root field to give a SourceStream, got something else')
}
