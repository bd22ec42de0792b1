import { settings } from './settings.ts'

const WIDTH = 27

/** What `--help` shows, made of the settings themselves. */
export function helpText(): string {
  const rows = Object.values(settings).flatMap(({ flag, variable, placeholder, help, shownDefault }) => [
    `  ${`--${flag}${placeholder ? ` <${placeholder}>` : ''}`.padEnd(WIDTH)} ${help}`,
    `  ${''.padEnd(WIDTH)} ${variable}, default ${shownDefault}`,
  ])
  return `
The operations of Microsoft Teams as GraphQL queries and subscriptions.

Usage
  teams-operations serve [flags]    Serve GraphQL, and GraphiQL for people, until Ctrl-C.
  teams-operations help             Show this.
  teams-operations version          Show the version.

Flags of serve, each with the environment variable that does the same
${rows.join('\n')}

Signing in to Microsoft Graph
  By default as DefaultAzureCredential of the Azure SDKs does: AZURE_TENANT_ID, AZURE_CLIENT_ID,
  AZURE_CLIENT_SECRET (or a certificate); a workload or managed identity, or az login.
  For a quick look, GRAPH_TOKEN holds a token that was pasted. It goes to Microsoft Graph only.

Examples
  teams-operations serve --simulate
  GRAPH_TOKEN=eyJ0… teams-operations serve --port 8080
`.trimStart()
}
