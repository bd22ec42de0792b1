import { each, one, type SettingsOf } from './setting.ts'

export interface AuthenticationSettings {
  readonly auth: 'none' | 'entra'
  readonly entraTenantId: string | undefined
  readonly entraAudience: readonly string[]
  readonly requiredScopes: readonly string[]
  readonly requiredRoles: readonly string[]
  readonly startScopes: readonly string[]
  readonly startRoles: readonly string[]
  readonly graphIdentity: 'application' | 'user'
}

const auths = ['none', 'entra'] as const
const identities = ['application', 'user'] as const
/** Without commas, which stand between several of them in a variable. */
const name = (text: string): string | undefined => (/^[^\s,]+$/.test(text) ? text : undefined)

/** How clients prove who they are. */
export const authenticationSettings: SettingsOf<AuthenticationSettings> = {
  auth: {
    flag: 'auth',
    variable: 'AUTH',
    placeholder: 'how',
    help: 'How clients prove who they are: none, or entra for Microsoft Entra ID.',
    shownDefault: 'none',
    default: 'none',
    parse: one((text) => auths.find((auth) => auth === text)),
    expected: `one of ${auths.join(', ')}`,
  },
  entraTenantId: {
    flag: 'entra-tenant-id',
    variable: 'ENTRA_TENANT_ID',
    placeholder: 'id',
    help: 'The tenant whose users and apps may come.',
    shownDefault: 'none',
    default: undefined,
    parse: one(name),
    expected: 'the id of a directory',
  },
  entraAudience: {
    flag: 'entra-audience',
    variable: 'ENTRA_AUDIENCE',
    placeholder: 'id',
    isList: true,
    help: 'What tokens have to be for: the id of the app, or its URI (api://…).',
    shownDefault: 'none',
    default: [],
    parse: each(name),
    expected: 'an application id, or the URI of one',
  },
  requiredScopes: {
    flag: 'required-scope',
    variable: 'REQUIRED_SCOPES',
    placeholder: 'name',
    isList: true,
    help: 'Scope that a token has to have, such as Operations.Read; all of them.',
    shownDefault: 'any',
    default: [],
    parse: each((text) => (text.includes('/') ? undefined : name(text))),
    expected: 'the name of a scope, without the URI before it',
  },
  requiredRoles: {
    flag: 'required-role',
    variable: 'REQUIRED_ROLES',
    placeholder: 'name',
    isList: true,
    help: 'Role of an app or a user that does in place of scopes; all of them.',
    shownDefault: 'any',
    default: [],
    parse: each(name),
    expected: 'the name of a role',
  },
  startScopes: {
    flag: 'start-scope',
    variable: 'START_SCOPES',
    placeholder: 'name',
    isList: true,
    help: 'Scope that a token has to have to start something; all of them.',
    shownDefault: 'any',
    default: [],
    parse: each((text) => (text.includes('/') ? undefined : name(text))),
    expected: 'the name of a scope, without the URI before it',
  },
  startRoles: {
    flag: 'start-role',
    variable: 'START_ROLES',
    placeholder: 'name',
    isList: true,
    help: 'Role that it may have instead, to start something; all of them.',
    shownDefault: 'any',
    default: [],
    parse: each(name),
    expected: 'the name of a role',
  },
  graphIdentity: {
    flag: 'graph-identity',
    variable: 'GRAPH_IDENTITY',
    placeholder: 'whose',
    help: 'Who reads Graph: the application, or the user on whose behalf it does.',
    shownDefault: 'application',
    default: 'application',
    parse: one((text) => identities.find((identity) => identity === text)),
    expected: `one of ${identities.join(', ')}`,
  },
}
