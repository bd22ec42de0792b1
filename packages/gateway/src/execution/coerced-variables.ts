import {
  getVariableValues,
  type ExecutionArgs,
  type getArgumentValues,
  type OperationDefinitionNode,
} from 'graphql'

/** Variables as resolvers get them. */
export type CoercedVariables = NonNullable<Parameters<typeof getArgumentValues>[2]>

/**
 * The variables of an operation.
 *
 * @throws GraphQLError when they are not as the schema has them
 */
export function coercedVariables(
  { schema, variableValues }: Pick<ExecutionArgs, 'schema' | 'variableValues'>,
  { variableDefinitions = [] }: OperationDefinitionNode,
): CoercedVariables {
  const values = getVariableValues(schema, variableDefinitions, variableValues ?? {})
  if (values.errors) throw values.errors[0] ?? new Error('Expected an error to say what is wrong')
  // Version 16 of graphql-js returns the plain values, under another name.
  return 'coerced' in values ? (values.coerced as typeof values.variableValues) : values.variableValues
}

/** The same as entries, by their names. */
export function coercedEntries(
  args: Pick<ExecutionArgs, 'schema' | 'variableValues'>,
  operation: OperationDefinitionNode,
): readonly (readonly [name: string, value: unknown])[] {
  const variables = coercedVariables(args, operation)
  // Version 16 has no name for them.
  return Object.entries('coerced' in variables ? variables.coerced : variables)
}
