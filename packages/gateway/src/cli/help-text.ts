import { configSetting } from './read-settings.ts'
import { settingGroups } from './settings.ts'
import type { Setting } from './settings/setting.ts'

const WIDTH = 27

/** What `--help` shows, made of the settings themselves. */
export function helpText(): string {
  const groups = settingGroups.map(
    ({ title, settings }) => `${title}\n${Object.values(settings).map(rows).join('\n')}`,
  )
  return `
The operations of Microsoft Teams as GraphQL queries and subscriptions.

Usage
  teams-operations serve [flags]    Serve GraphQL, and GraphiQL for people, until Ctrl-C.
  teams-operations check [flags]    Try the credential and Microsoft Graph, and say what is missing.
  teams-operations schema [flags]   Print the GraphQL schema.
  teams-operations help             Show this; --help does as well.
  teams-operations version          Show the version; --version does as well.

Each flag is also an environment variable, and a key of the file (--drain-ms is "drainMs" there).

${groups.join('\n\n')}

The file of them all
${rows(configSetting)}

Signing in to Microsoft Graph
  By default as DefaultAzureCredential of the Azure SDKs does: AZURE_TENANT_ID, AZURE_CLIENT_ID,
  AZURE_CLIENT_SECRET (or a certificate); a workload or managed identity, or az login.
  For a quick look, GRAPH_TOKEN holds a token that was pasted. It goes to Microsoft Graph only.
  With --graph-identity user, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or a certificate) exchange
  the token of each user for one for Graph.

Examples
  teams-operations serve --simulate
  GRAPH_TOKEN=eyJ0… teams-operations serve --port 8080
  teams-operations check --cloud usgov
  ENTRA_TENANT_ID=… ENTRA_AUDIENCE=api://teams-operations teams-operations serve \\
    --auth entra --host 0.0.0.0 --allowed-host gateway.example.com
`.trimStart()
}

/** A setting in two lines. */
function rows({ flag, variable, placeholder, help, shownDefault, isList }: Setting<unknown>): string {
  const name = `--${flag}${placeholder ? ` <${placeholder}>` : ''}`
  const more = isList ? '; may be repeated' : ''
  return [
    `  ${name.padEnd(WIDTH)} ${help}`,
    `  ${''.padEnd(WIDTH)} ${variable}, default ${shownDefault}${more}`,
  ].join('\n')
}
