/** The contract, as people read it. What the descriptions promise is what clients may rely on. */
export const typeDefs = /* GraphQL */ `
  """
  A moment, as RFC 3339 writes it. What comes from Microsoft Graph is passed on as Graph wrote it, with up to
  seven fractional digits: compare such values as text, or parse them knowing that most languages keep three.
  """
  scalar DateTime @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")

  "How far an operation is. Only SUCCEEDED and FAILED are final."
  enum TeamsAsyncOperationStatus {
    "Graph calls it invalid. Not final."
    INVALID
    "Accepted, not begun."
    NOT_STARTED
    "Under way."
    IN_PROGRESS
    "Final: done. What was created may still take a moment to be usable everywhere."
    SUCCEEDED
    "Final: given up. The field error says why, as far as Graph does."
    FAILED
    "A status that is newer than this schema. Not final."
    UNKNOWN_FUTURE_VALUE
  }

  "What an operation does."
  enum TeamsAsyncOperationType {
    "Graph calls it invalid."
    INVALID
    "Copies a team."
    CLONE_TEAM
    "Makes a team read-only."
    ARCHIVE_TEAM
    "Makes an archived team usable again."
    UNARCHIVE_TEAM
    "Creates a team."
    CREATE_TEAM
    "Makes a team out of a Microsoft 365 group."
    TEAMIFY_GROUP
    "Creates a channel."
    CREATE_CHANNEL
    "Creates a chat."
    CREATE_CHAT
    "Makes a channel read-only."
    ARCHIVE_CHANNEL
    "Makes an archived channel usable again."
    UNARCHIVE_CHANNEL
    "A type that is newer than this schema."
    UNKNOWN_FUTURE_VALUE
  }

  "Why the last check of an operation gave no state. It says nothing about the operation itself."
  enum PollingProblemCode {
    "Graph asked for fewer requests."
    THROTTLED
    "Graph answered with a passing failure."
    GRAPH_UNAVAILABLE
    "The request did not get through, or the connection broke."
    NO_CONNECTION
    "No answer came in time."
    NO_ANSWER
    "Graph answered with success, but without a usable operation."
    UNUSABLE_BODY
    "Graph does not know the operation yet: it was started a moment ago."
    NOT_REPLICATED
    "There was no token to be had."
    NO_TOKEN
    "Graph refused the token; a fresh one is tried."
    UNAUTHENTICATED
  }

  "One long-running change of a team, a channel or a chat, with Microsoft Graph's own property names."
  type TeamsAsyncOperation {
    "Graph's own id of the operation. Unique within its team or chat: what identifies it everywhere is location."
    id: ID!
    "What the operation does."
    operationType: TeamsAsyncOperationType!
    "When it was started, as Graph wrote it."
    createdDateTime: DateTime!
    "How far it is."
    status: TeamsAsyncOperationStatus!
    "When the service last worked on it, as Graph wrote it. Often equal to createdDateTime even after the end."
    lastActionDateTime: DateTime!
    "How often the service tried."
    attemptsCount: Int!
    "The id of what is created or changed, once Graph tells. Not always a GUID: a chat's is 19:…@thread.v2."
    targetResourceId: String
    "Where that is, once Graph tells. Opaque: to be requested, not to be taken apart."
    targetResourceLocation: String
    "Why the operation failed; null otherwise, and sometimes even then."
    error: OperationError
    "Where the operation lives: what to pass as ref.location later."
    location: String!
    "Whether nothing more will happen to it."
    isTerminal: Boolean!
    "How it is being followed."
    polling: OperationPolling!
  }

  "Why an operation failed, in the words of Graph, which documents none of them."
  type OperationError {
    "A short identifier, for programs."
    code: String
    "A sentence, for people."
    message: String
  }

  "How the operation is being followed. One poll serves everybody, however many subscribe."
  type OperationPolling {
    """
    1 for the first state, one more with every change of the operation: drop what you have seen, and know from
    a gap that states were skipped. 0 for an operation that was read from a list, which follows nothing.
    """
    revision: Int!
    "How many checks were made, those that failed included."
    checks: Int!
    "When the operation was last seen."
    checkedDateTime: DateTime!
    "The earliest moment of the next check; null when there will be none."
    nextCheckDateTime: DateTime
    "Why the last check gave no state; null when it did."
    problem: PollingProblem
  }

  "Why checks do not succeed at the moment. They go on."
  type PollingProblem {
    "What it is, for programs."
    code: PollingProblemCode!
    "What it is, for people."
    message: String!
    "When the checks began to fail."
    sinceDateTime: DateTime!
  }

  "A page of operations."
  type TeamsAsyncOperationConnection {
    "The operations of this page, in Graph's order, each with its cursor."
    edges: [TeamsAsyncOperationEdge!]!
    "Where this page is in the list."
    pageInfo: PageInfo!
  }

  "An operation in a page."
  type TeamsAsyncOperationEdge {
    "What to pass as after to get what comes behind this operation. Opaque."
    cursor: String!
    "The operation."
    node: TeamsAsyncOperation!
  }

  "Where a page is in its list."
  type PageInfo {
    "Whether there are more operations behind this page."
    hasNextPage: Boolean!
    "Whether the page was asked for with a cursor, so that there are operations before it."
    hasPreviousPage: Boolean!
    "The cursor of the first operation; null when the page is empty."
    startCursor: String
    "The cursor of the last operation; null when the page is empty."
    endCursor: String
  }

  "Which operation is meant. Exactly one of the fields."
  input TeamsAsyncOperationRef @oneOf {
    """
    What the 202 answer carried as its Location header, in any of Graph's spellings: with or without origin,
    version, quotes. A location of another Graph than the configured one is refused.
    """
    location: String
    "An operation of a team."
    team: TeamOperationRef
    "An operation of a chat."
    chat: ChatOperationRef
  }

  "An operation of a team."
  input TeamOperationRef {
    "The team's id, a GUID."
    teamId: ID!
    "The operation's id, a GUID."
    operationId: ID!
  }

  "An operation of a chat."
  input ChatOperationRef {
    "The chat's id, such as 19:…@thread.v2."
    chatId: ID!
    "The operation's id."
    operationId: ID!
  }

  "Whose operations are meant. Exactly one of the fields."
  input TeamsAsyncOperationOwner @oneOf {
    "The team's id, a GUID."
    teamId: ID
    "The chat's id, such as 19:…@thread.v2."
    chatId: ID
  }

  "What is known at this moment."
  type Query {
    """
    The latest state of an operation. What was checked in the last 30 seconds is given as it is known;
    otherwise one check is made.
    """
    teamsAsyncOperation("Which one." ref: TeamsAsyncOperationRef!): TeamsAsyncOperation
    "The operations of a team or a chat, read from Graph for each call, in Graph's order."
    teamsAsyncOperations(
      "Whose."
      of: TeamsAsyncOperationOwner!
      "How many at the most, from 1 to 100."
      first: Int = 20
      "The cursor behind which to go on."
      after: String
    ): TeamsAsyncOperationConnection!
    "The operations that are being followed for somebody now."
    followedOperations: [TeamsAsyncOperation!]!
  }

  "What happens from now on."
  type Subscription {
    """
    The current state of an operation as soon as it is known, then every change in order, then completion
    after the state that is terminal. The failure of the operation is data; the failure to follow it is an
    error with a code. Who reads too slowly misses states in between, never the last one.
    """
    teamsAsyncOperation(
      "Which one."
      ref: TeamsAsyncOperationRef!
      "Send the state after every check, whether it changed or not: a sign of life."
      everyCheck: Boolean! = false
    ): TeamsAsyncOperation!
    """
    The same for several operations at once, told apart by location. Completes when all of them are terminal.
    An operation that can't be followed gives an error that names its location; the others go on.
    """
    teamsAsyncOperations(
      "Which ones. Two spellings of the same operation count once."
      refs: [TeamsAsyncOperationRef!]!
      "Send the state after every check, whether it changed or not: a sign of life."
      everyCheck: Boolean! = false
    ): TeamsAsyncOperation!
    "All operations that are being followed for somebody, now and whenever that changes."
    followedOperations: [TeamsAsyncOperation!]!
  }
`
