import { printSchema } from 'graphql'
import { createSchema } from '../schema/create-schema.ts'
import type { Configuration } from './configuration.ts'

/** The schema that is served with this configuration, in the language of GraphQL. */
export function schemaText({ allowStart }: Pick<Configuration, 'allowStart'>): string {
  return printSchema(createSchema({ allowStart }))
}
